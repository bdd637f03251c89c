// The topic level of a printer below the base topic: valid ids, and the default one; names of groups.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bambu2mqtt {

inline constexpr std::size_t longest_printer_id = 64; ///< bytes

/// True for [a-z0-9_-]+, at most longest_printer_id of them: what names in topics consist of.
[[nodiscard]] bool is_plain_level(std::string_view text);

/// True if a text can be the id of a printer: is_plain_level(), and none of the reserved levels (`bridge`,
/// `group`, `response`).
[[nodiscard]] bool is_printer_id(std::string_view text);

/// The group of all printers.
inline constexpr std::string_view every_printer = "all";

/// True if a text can be the name of a configured group: is_plain_level(), and neither `every_printer` nor
/// "command", which would make the topics of group commands ambiguous.
[[nodiscard]] bool is_group_name(std::string_view text);

/// The default id of a printer: its model, derived only from the serial's prefix, and the last `digits`
/// characters of the serial ("p1s_0003"); the whole serial in lower case if the prefix is unknown. `serial`
/// is in upper case. The configured model is ignored, so that the id does not change when it is added.
[[nodiscard]] std::string default_printer_id(std::string_view serial, std::size_t digits = 4);

/// The default of earlier gateways: the whole serial in lower case.
[[nodiscard]] std::string former_default_printer_id(std::string_view serial);

} // namespace bambu2mqtt
