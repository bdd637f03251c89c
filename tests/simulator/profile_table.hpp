#pragma once
// Profiles of pressure advance as a printer keeps them, by number. Knows their fields on the wire, no
// command.

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
    /// Puts it in the place of the one with its number; one that is new (-1) or unknown gets a number of its
    /// own. Gives the number.
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
