#include <bambu2mqtt/base/attempt.hpp>
#include <bambu2mqtt/gateway/bridge.hpp>
#include <bambu2mqtt/gateway/effect_runner.hpp>

#include <fmt/format.h>

#include <utility>

namespace bambu2mqtt {

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
