// Format of a printer's serial number.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// A serial number trimmed and in upper case, 8 to 24 letters and digits; nothing if invalid.
[[nodiscard]] std::optional<std::string> read_serial(std::string_view text);

} // namespace bambu2mqtt
