#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/catalogue.hpp>
#include <bambu2mqtt/state/fan_speeds.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <string>

namespace bambu2mqtt {

double FanSpeeds::follow(std::string_view id, double before, double percent, Instant at, bool measured) {
    auto& reported = reported_[id];
    if (reported.empty()) {
        reported.push_back({Instant::min(), before});
    }
    // The value that was shown at the beginning of that time is the oldest one kept.
    const auto begin = at - runs_down_within;
    const auto later = std::ranges::find_if(reported, [&](const Reported& one) { return one.since > begin; });
    if (later - reported.begin() > 1) {
        reported.erase(reported.begin(), std::prev(later));
    }
    if (reported.size() >= most_reported) {
        reported.erase(reported.begin());
    }
    const auto highest = std::ranges::max_element(reported, {}, &Reported::percent)->percent;
    reported.push_back({at, percent});
    return percent > 0 ? 0 : measured ? highest : before;
}

Json saved_speeds(const std::map<std::string_view, double>& last_speed) {
    Json saved = Json::object();
    for (const auto& [id, percent] : last_speed) {
        saved[std::string{id}] = percent;
    }
    return saved;
}

std::map<std::string_view, double> speeds_of(const Json& saved) {
    std::map<std::string_view, double> speeds;
    for (const auto& row : catalogue()) {
        const Json* const member = row.component == Component::fan ? read::member(&saved, row.id) : nullptr;
        if (const auto percent = read::number(member); percent && *percent >= 1 && *percent <= 100) {
            speeds[row.id] = *percent;
        }
    }
    return speeds;
}

} // namespace bambu2mqtt
