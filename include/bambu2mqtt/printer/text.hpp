// Sanitizing of texts from a printer: reports, module lists and facts files use it.
#pragma once

#include <bambu2mqtt/base/utf8.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Maximum number of bytes of a printer's text. The longest text in recorded reports has 45.
inline constexpr std::size_t longest_text = 256;

/// A sanitized text of a printer: at most `longest_text` bytes, cut between characters, without control
/// characters.
[[nodiscard]] inline std::string printer_text(std::string_view text) {
    return clean_text(text, longest_text);
}

} // namespace bambu2mqtt
