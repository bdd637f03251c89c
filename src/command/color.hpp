// Conversion of colours to the printers' format.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// A CSS colour name in any case, or 6 or 8 hexadecimal digits with or without "#", as RRGGBBAA in upper case
/// (opaque if no alpha is given). Nothing for anything else.
[[nodiscard]] std::optional<std::string> printer_color(std::string_view text);

} // namespace bambu2mqtt
