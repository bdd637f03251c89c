// UTF-8 validation and sanitizing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// U+FFFD, the replacement of invalid bytes.
inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

/// Length of the valid UTF-8 sequence at the start of `text`, which must not be empty; 0 if there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

/// True if all of it is valid UTF-8.
[[nodiscard]] bool is_utf8(std::string_view text);

/// C0 and DEL, and C1, which UTF-8 writes as C2 80 to C2 9F.
[[nodiscard]] bool has_control_character(std::string_view text);

/// The text without control characters and invalid UTF-8, cut between characters to at most `most_bytes`
/// bytes.
[[nodiscard]] std::string clean_text(std::string_view text, std::size_t most_bytes);

} // namespace bambu2mqtt
