#include "simulator/profile_table.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bambu2mqtt::simulator {

int ProfileTable::put(Profile profile) {
    const auto place = std::find_if(profiles_.begin(), profiles_.end(), [&profile](const Profile& known) {
        return known.number == profile.number;
    });
    if (place != profiles_.end()) {
        *place = std::move(profile);
        return place->number;
    }
    profile.number = ++last_number_;
    profiles_.push_back(std::move(profile));
    return last_number_;
}

const Profile* ProfileTable::find(int number) const {
    const auto place = std::find_if(profiles_.begin(), profiles_.end(),
                                    [number](const Profile& known) { return known.number == number; });
    return place == profiles_.end() ? nullptr : &*place;
}

std::vector<Profile> ProfileTable::of(const std::string& filament_id, const std::string& diameter) const {
    std::vector<Profile> result;
    std::copy_if(profiles_.begin(), profiles_.end(), std::back_inserter(result), [&](const Profile& profile) {
        return (filament_id.empty() || profile.filament_id == filament_id) &&
               profile.nozzle_diameter == diameter;
    });
    return result;
}

} // namespace bambu2mqtt::simulator
