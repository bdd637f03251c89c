// The topic level of a printer below the base topic: which texts can be one, and which one it is by default.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Whether a text can be the id of a printer: [a-z0-9_-]+ and none of the levels that mean something else
/// (`bridge`, `group`, `response`).
[[nodiscard]] bool is_printer_id(std::string_view text);

/// The id of a printer whose configuration names none: its model by the serial's prefix alone, and the last
/// `digits` characters of the serial ("p1s_0003"); the whole serial in lower case where the prefix is of no
/// known model. `serial` is in upper case. The configured model does not count, so that the id does not
/// change when it is added.
[[nodiscard]] std::string default_printer_id(std::string_view serial, std::size_t digits = 4);

/// The default of earlier gateways: the whole serial in lower case.
[[nodiscard]] std::string former_default_printer_id(std::string_view serial);

} // namespace bambu2mqtt
