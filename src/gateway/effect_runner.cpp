#include <bambu2mqtt/gateway/bridge.hpp>
#include <bambu2mqtt/gateway/effect_runner.hpp>

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace bambu2mqtt {

namespace {

constexpr std::string_view no_text_of_exception = "unknown exception";

/// Does `work`; `failed` gets the text of an exception that escapes from it. What escapes from `failed` is
/// lost.
template <typename Work, typename Failed>
bool attempt(const Work& work, const Failed& failed) noexcept {
    const auto report = [&](std::string_view why) noexcept {
        try {
            failed(why);
        } catch (...) { // NOLINT(bugprone-empty-catch): out of memory, most likely; nothing else is possible
        }
    };
    try {
        work();
        return true;
    } catch (const std::exception& error) {
        report(error.what());
    } catch (...) {
        report(no_text_of_exception);
    }
    return false;
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
    bridge_.effect_failed(effect, why, clock_(), effects);
}

/// Not by way of `effects`: a line that cannot be written must not lead to another one.
void EffectRunner::log(std::string_view text) {
    const Effect line = LogLine{Level::error, "gateway", std::string{text}};
    attempt([&] { edges_.carry_out(line); }, [](std::string_view) {});
}

} // namespace bambu2mqtt
