#include "simulator/heaters.hpp"

#include <algorithm>
#include <cmath>

namespace bambu2mqtt::simulator {
namespace {

/// Share of the distance to its target covered in `step`, for an exponential approach with `time_constant`.
double share_of_way(std::chrono::milliseconds step, double time_constant_ms) {
    return 1 - std::exp(-static_cast<double>(step.count()) / std::max(1.0, time_constant_ms));
}

void approach(HeatedPart& part, double goal, double share) {
    part.now += (goal - part.now) * share;
}

} // namespace

void Heaters::advance(std::chrono::milliseconds step, std::chrono::milliseconds pace) {
    const auto length = static_cast<double>(pace.count());
    for (auto& nozzle : nozzles)
        approach(nozzle, std::max<double>(nozzle.target, room_temperature),
                 share_of_way(step, length * 0.015));
    approach(bed, std::max<double>(bed.target, room_temperature), share_of_way(step, length * 0.02));
    const double from_bed = room_temperature + (bed.now - room_temperature) / 3;
    approach(chamber, std::max<double>(chamber.target, from_bed), share_of_way(step, length * 0.1));
}

void Heaters::switch_off() {
    for (auto& nozzle : nozzles)
        nozzle.target = 0;
    bed.target = 0;
    chamber.target = 0;
}

} // namespace bambu2mqtt::simulator
