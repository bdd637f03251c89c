#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/entity/dryer.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace bambu2mqtt {

namespace {

struct Obstacle {
    std::int64_t number = 0;
    std::string_view words{};
};

constexpr std::array obstacles{Obstacle{0, "the printer is busy with a task"},
                               Obstacle{1, "there is not enough power"},
                               Obstacle{2, "the AMS is busy"},
                               Obstacle{3, "filament is at the outlet of the AMS"},
                               Obstacle{4, "drying is being started"},
                               Obstacle{5, "the printer is in 2D mode"},
                               Obstacle{6, "it is drying already"},
                               Obstacle{7, "the firmware is being updated"},
                               Obstacle{8, "the AMS needs its own power adapter"},
                               Obstacle{10, "filament is at the outlet of the AMS and has to be pulled out"}};

constexpr std::size_t most_obstacles = 16;

} // namespace

std::string drying_obstacles(const Json* unit) {
    const Json* const list = decode::member(unit, "dry_sf_reason");
    std::string text;
    if (list == nullptr || !list->is_array()) {
        return text;
    }
    std::size_t count = 0;
    for (const auto& entry : *list) {
        const auto number = read::integer(&entry);
        if (!number || ++count > most_obstacles) {
            continue;
        }
        const auto* const found = std::ranges::find(obstacles, *number, &Obstacle::number);
        text += text.empty() ? "" : "; ";
        text += found == obstacles.end() ? fmt::format("reason {}", *number) : std::string{found->words};
    }
    return text;
}

} // namespace bambu2mqtt
