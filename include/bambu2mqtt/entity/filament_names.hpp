// The vendor's names of filament ids.
#pragma once

#include <string_view>

namespace bambu2mqtt {

/// "GFA00" gives "Bambu PLA Basic"; empty for ids that are not in the vendor's list (users' own filaments).
[[nodiscard]] std::string_view filament_name(std::string_view id);

/// The short type in the vendor's name: "PLA" for "Bambu PLA Basic", "PA6-CF" for "Fiberon PA6-CF". Empty for
/// ids that are not in the list, and for support material, whose names contain its purpose.
[[nodiscard]] std::string_view filament_type(std::string_view id);

} // namespace bambu2mqtt
