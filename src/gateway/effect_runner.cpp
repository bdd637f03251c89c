#include <bambu2mqtt/base/attempt.hpp>
#include <bambu2mqtt/base/overloaded.hpp>
#include <bambu2mqtt/gateway/bridge.hpp>
#include <bambu2mqtt/gateway/effect_runner.hpp>

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace bambu2mqtt {

namespace {

/// The event with which an effect fails if something waits for its result; nothing for the others: requests
/// have a timeout, and effects that close or clear something are undone by repeating them.
std::optional<Event> failure_of(const Effect& effect, const std::string& why) {
    const auto down = [&](std::size_t printer, LinkFailure failure) {
        return Event{printer, PrinterDown{.failure = failure, .detail = why}};
    };
    const Overloaded events{
        [&](const ConnectPrinter& connect) -> std::optional<Event> {
            return down(connect.printer, LinkFailure::unreachable);
        },
        [&](const SubscribeReports& subscribe) -> std::optional<Event> {
            return down(subscribe.printer, LinkFailure::lost);
        },
        [&](const StartWork& start) -> std::optional<Event> {
            return Event{start.printer, WorkDone{.feature = start.feature, .job = start.job, .problem = why}};
        },
        [&](const TrustCertificate& trust) -> std::optional<Event> {
            return Event{trust.printer, TrustDone{trust.ticket, why}};
        },
        [&](const RunDoctor& run) -> std::optional<Event> {
            return Event{broker_target, RequestDone{.ticket = run.ticket, .problem = why}};
        },
        [&](const ReloadConfig& reload) -> std::optional<Event> {
            return Event{broker_target, RequestDone{.ticket = reload.ticket, .problem = why}};
        },
        [&](const ConnectBroker&) -> std::optional<Event> {
            return Event{broker_target, BrokerDown{.detail = why}};
        },
        [&](const ListenTo&) -> std::optional<Event> {
            return Event{broker_target, BrokerDown{.detail = why}};
        },
        [](const auto&) -> std::optional<Event> { return std::nullopt; },
    };
    return std::visit(events, effect);
}

} // namespace

EffectRunner::EffectRunner(Bridge& bridge, Edges edges, std::function<Now()> clock)
    : bridge_(bridge), edges_(std::move(edges)), clock_(std::move(clock)) {}

void EffectRunner::perform(Effects& effects) {
    while (!effects.empty()) {
        batch_.clear();
        batch_.swap(effects);
        for (const auto& effect : batch_) {
            attempt([&] { edges_.carry_out(effect); },
                    [&](std::string_view why) { fail(effect, why, effects); });
        }
    }
}

bool EffectRunner::turn(Effects& effects, const std::function<void()>& work) {
    return attempt(work, [&](std::string_view why) {
        bridge_.count_internal_error(clock_());
        log(fmt::format("internal error: {}", why));
        perform(effects);
    });
}

void EffectRunner::fail(const Effect& effect, std::string_view why, Effects& effects) {
    attempt([&] { edges_.undo(effect); }, [&](std::string_view again) { log(again); });
    log(fmt::format("internal error, something for a printer or the broker could not be done: {}", why));
    const auto now = clock_();
    bridge_.count_internal_error(now);
    if (const auto failure = failure_of(effect, fmt::format("internal error: {}", why))) {
        bridge_.handle(*failure, now, effects);
    }
}

/// Not by way of `effects`: a line that cannot be written must not lead to another one.
void EffectRunner::log(std::string_view text) {
    const Effect line = LogLine{Level::error, "gateway", std::string{text}};
    attempt([&] { edges_.carry_out(line); }, [](std::string_view) {});
}

} // namespace bambu2mqtt
