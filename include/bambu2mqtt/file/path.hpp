// Paths on a printer's storage, as seen by FTPS. Knows no connection.
#pragma once

#include <bambu2mqtt/base/expected.hpp>

#include <string>
#include <string_view>

namespace bambu2mqtt {

/// The canonical form of a path: absolute (a missing leading slash is added), without empty parts and without
/// a trailing slash, except "/" itself. Fails for "." and "..", control characters (one in an FTP command
/// would end it and begin another), invalid UTF-8, names over 255 and paths over 512 bytes.
[[nodiscard]] expected<std::string, Error> printer_path(std::string_view text);

/// True if the printer needs this folder itself: "/" and the folders it creates. Case-insensitive, like the
/// file system of the cards. Expects the canonical form.
[[nodiscard]] bool is_printers_own(std::string_view path);

/// The last part of a canonical path: "x.3mf" of "/cache/x.3mf", "" of "/".
[[nodiscard]] std::string_view name_in(std::string_view path);

/// The parent folder of a path: "/cache" of "/cache/x.3mf", "/" of "/x.3mf" and of "/".
[[nodiscard]] std::string_view folder_of(std::string_view path);

/// Joins folder and name: "/cache/x.3mf" from "/cache" and "x.3mf".
[[nodiscard]] std::string path_in_folder(std::string_view folder, std::string_view name);

/// True if a text can be a part of a path: not empty, "." or "..", no slash, and nothing that printer_path()
/// refuses.
[[nodiscard]] bool is_file_name(std::string_view name);

} // namespace bambu2mqtt
