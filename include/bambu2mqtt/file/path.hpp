// Paths on a printer's storage, as FTPS sees it.
#pragma once

#include <bambu2mqtt/core/result.hpp>

#include <string>
#include <string_view>

namespace bambu2mqtt {

/// The one form of a path: absolute (a missing leading slash is added), without empty parts and without a
/// slash at its end. Fails for "." and "..", control characters, and paths over 512 bytes.
[[nodiscard]] Result<std::string> printer_path(std::string_view text);

/// Whether the printer needs this folder itself: "/" and the folders it makes.
[[nodiscard]] bool is_printers_own(std::string_view path);

} // namespace bambu2mqtt
