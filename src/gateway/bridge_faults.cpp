// Exceptions that escape while a printer is handled: its session is dropped and rebuilt, the others continue.
#include <bambu2mqtt/base/overloaded.hpp>
#include <bambu2mqtt/gateway/bridge.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// A session that fails after working for this time is rebuilt immediately.
constexpr auto worked_for = 60s;

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
        [&](const ConnectBroker&) -> std::optional<Event> {
            return Event{broker_target, BrokerDown{why, {}}};
        },
        [&](const ListenTo&) -> std::optional<Event> {
            return Event{broker_target, BrokerDown{why, {}}};
        },
        [](const auto&) -> std::optional<Event> { return std::nullopt; },
    };
    return std::visit(events, effect);
}

} // namespace

/// A session from its saved state, or without one if that is unusable.
std::unique_ptr<PrinterSession> Bridge::make_session(std::size_t index, const Json& saved) {
    const auto& settings = settings_.printers[index];
    try {
        return std::make_unique<PrinterSession>(settings, templates_, saved);
    } catch (const std::exception& error) {
        ++internal_errors_;
        log_lines_.push_back(LogLine{
            Level::error, settings.names.id,
            fmt::format("internal error, the saved state of the printer cannot be used: {}", error.what())});
        return std::make_unique<PrinterSession>(settings, templates_, Json());
    }
}

void Bridge::count_internal_error(Now now) {
    ++internal_errors_;
    health_at_ = now.instant;
}

void Bridge::effect_failed(const Effect& effect, std::string_view why, Now now, Effects& effects) {
    count_internal_error(now);
    if (const auto failure = failure_of(effect, fmt::format("internal error: {}", why))) {
        handle(*failure, now, effects);
    }
}

/// The session receives nothing more; tick() does the rest.
void Bridge::break_off(std::size_t index, std::string what, Now now) {
    count_internal_error(now);
    auto& fault = faults_[index];
    if (!fault.backoff) {
        fault.backoff.emplace(settings_.printers[index].seed);
    }
    const bool worked = !fault.rebuilt_at || now.instant - *fault.rebuilt_at >= worked_for;
    if (worked) {
        fault.backoff->reset();
    }
    fault.broken = true;
    fault.noted = false;
    fault.what = std::move(what);
    fault.rebuild_at = now.instant + (worked ? 0ms : fault.backoff->next());
    reported_[index].reset();
    tick_deadlines_.set(index, now.instant);
    publish_deadlines_.set(index, std::nullopt);
}

/// Logs the failure, ends running operations of the edges for this printer, and rebuilds the session when it
/// is due.
void Bridge::mend(std::size_t index, Now now, Effects& effects) {
    auto& fault = faults_[index];
    const auto& id = settings_.printers[index].names.id;
    if (!fault.noted) {
        fault.noted = true;
        effects.push_back(
            LogLine{Level::error, id,
                    fmt::format("internal error, the event is dropped and the printer's session is "
                                "rebuilt: {}",
                                fault.what)});
        effects.push_back(DisconnectPrinter{index});
        effects.push_back(CancelWork{.printer = index});
        if (phase_ == Phase::open && fault.rebuild_at > now.instant) {
            first_.push_back(Message{PrinterTopics{topics_.base(), id}.availability(), "offline"});
        }
    }
    if (fault.rebuild_at > now.instant) {
        tick_deadlines_.set(index, fault.rebuild_at);
        return;
    }
    rebuild(index, now, effects);
}

void Bridge::rebuild(std::size_t index, Now now, Effects& effects) {
    auto made = make_session(index, Json::parse(saved(index), nullptr, false));
    const auto former = std::exchange(sessions_[index], std::move(made));
    std::ranges::move(std::exchange(log_lines_, {}), std::back_inserter(effects));
    auto& fault = faults_[index];
    fault.broken = false;
    fault.rebuilt_at = now.instant;
    // If one of these fails it is rebuilt once more, after a delay.
    guarded(index, now, [&](PrinterSession& session) {
        session.start(now, effects);
        session.take_over(*former, phase_ == Phase::open, retain_as_published_);
    });
    guarded(index, now, [&](PrinterSession& session) { session.end_commands_of(*former, now, effects); });
}

std::string Bridge::saved(std::size_t index) const {
    const auto& session = *sessions_[index];
    try {
        return session.save();
    } catch (const std::exception&) {
        return session.last_saved();
    }
}

} // namespace bambu2mqtt
