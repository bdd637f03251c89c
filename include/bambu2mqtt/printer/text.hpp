// What is kept of the texts of a printer: reports, module lists and facts files go through here.
#pragma once

#include <bambu2mqtt/base/utf8.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Bytes of one text of a printer that are kept. The longest text in recorded reports has 45.
inline constexpr std::size_t longest_text = 256;

/// A text of a printer as it is kept: at most `longest_text` bytes, cut between characters, without control
/// characters.
[[nodiscard]] inline std::string printer_text(std::string_view text) {
    return clean_text(text, longest_text);
}

} // namespace bambu2mqtt
