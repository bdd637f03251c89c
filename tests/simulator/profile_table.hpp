#pragma once
// Pressure advance profiles as a printer stores them, by number. Knows their fields on the wire, no command.

#include <string>
#include <vector>

namespace bambu2mqtt::simulator {

/// One profile.
struct Profile {
    int number = 0; ///< cali_idx
    std::string name{};
    std::string filament_id{};
    std::string setting_id{};
    std::string k_value{};
    std::string n_coef{};
    std::string nozzle_id{};
    std::string nozzle_diameter{};
    int extruder = 0;
};

class ProfileTable {
  public:
    /// Replaces the profile with its number; a new one (-1) or an unknown number gets a new number. Returns
    /// the number.
    int put(Profile profile);

    /// The profile with that number; null when there is none.
    [[nodiscard]] const Profile* find(int number) const;

    /// Those for that filament (empty: all) and nozzle diameter.
    [[nodiscard]] std::vector<Profile> of(const std::string& filament_id, const std::string& diameter) const;

  private:
    std::vector<Profile> profiles_;
    int last_number_ = 0;
};

} // namespace bambu2mqtt::simulator
