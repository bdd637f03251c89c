// Bytes as UTF-8.
#pragma once

#include <cstddef>
#include <string_view>

namespace bambu2mqtt {

/// Length of the valid UTF-8 sequence at the start of `text`, which must not be empty; 0 when there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

/// Whether all of it is valid UTF-8.
[[nodiscard]] bool is_utf8(std::string_view text);

/// C0 and DEL, and C1, which UTF-8 writes as C2 80 to C2 9F.
[[nodiscard]] bool has_control_character(std::string_view text);

} // namespace bambu2mqtt
