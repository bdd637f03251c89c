#pragma once
// Temperatures of nozzles, bed and chamber on the way to their targets. Knows the speed of heating and
// cooling, not its cause.

#include <chrono>
#include <vector>

namespace bambu2mqtt::simulator {

inline constexpr double room_temperature = 25; ///< °C

/// A part that can be heated.
struct HeatedPart {
    double now = room_temperature; ///< °C
    int target = 0;                ///< °C, 0 off
};

struct Heaters {
    std::vector<HeatedPart> nozzles{}; ///< by extruder: 0 right or only one, 1 left
    HeatedPart bed{};
    HeatedPart chamber{}; ///< also warmed by the bed

    /// Advances by `step` on a machine that takes about a hundredth of `pace` to heat its nozzle.
    void advance(std::chrono::milliseconds step, std::chrono::milliseconds pace);

    /// Clears all targets.
    void switch_off();
};

/// Fan speeds in percent.
struct FanState {
    int part = 0;
    int aux = 0;
    int chamber = 0;
    int left_aux = 0;

    friend bool operator==(const FanState&, const FanState&) = default;
};

} // namespace bambu2mqtt::simulator
