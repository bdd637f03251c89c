// Base64 of RFC 4648, section 4.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

[[nodiscard]] std::string to_base64(std::string_view bytes);

/// White space is skipped; padding may be missing. Nothing for anything else.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

} // namespace bambu2mqtt
