#include "simulator/filament_change.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace bambu2mqtt::simulator {
namespace {

/// One step, with the low byte of ams_status: 2 heating, 3 feeding, 4 retracting, 6 pushing, 7 purging.
struct Step {
    double until = 0; ///< share of the time of unloading or loading
    int ams_status = 0;
    bool at_sensor = false;
};

constexpr int stage_unloading = 22;
constexpr int stage_loading = 24;
constexpr std::array unloading{Step{.until = 0.4, .ams_status = 258, .at_sensor = true},
                               Step{.until = 0.7, .ams_status = 259, .at_sensor = true},
                               Step{.until = 1, .ams_status = 260}};
constexpr std::array loading{Step{.until = 0.3, .ams_status = 258}, Step{.until = 0.6, .ams_status = 261},
                             Step{.until = 0.8, .ams_status = 262, .at_sensor = true},
                             Step{.until = 1, .ams_status = 263, .at_sensor = true}};

const Step& step_at(std::span<const Step> steps, double share) {
    const auto found =
        std::find_if(steps.begin(), steps.end(), [share](const Step& step) { return share < step.until; });
    return found == steps.end() ? steps.back() : *found;
}

} // namespace

FilamentChange::FilamentChange(std::optional<TrayPlace> from, std::optional<TrayPlace> to, int extruder,
                               std::chrono::milliseconds duration)
    : from_{from}, to_{to}, extruder_{extruder}, duration_{duration} {}

FilamentState FilamentChange::state() const {
    const double share = static_cast<double>(elapsed_.count()) /
                         static_cast<double>(std::max<std::int64_t>(1, duration_.count()));
    const double out = !from_ ? 0.0 : to_ ? 0.5 : 1.0; // the part of the time that unloading takes
    const bool leaving = share < out;
    const auto& step =
        leaving ? step_at(unloading, share / out) : step_at(loading, (share - out) / std::max(0.01, 1 - out));
    return {.loaded = leaving ? from_ : std::nullopt,
            .target = to_,
            .extruder = extruder_,
            .ams_status = step.ams_status,
            .stage = leaving ? stage_unloading : stage_loading,
            .at_sensor = step.at_sensor};
}

} // namespace bambu2mqtt::simulator
