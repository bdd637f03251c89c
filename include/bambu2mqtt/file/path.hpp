// Paths on a printer's storage, as FTPS sees it. Knows no connection.
#pragma once

#include <bambu2mqtt/base/result.hpp>

#include <string>
#include <string_view>

namespace bambu2mqtt {

/// The one form of a path: absolute (a missing leading slash is added), without empty parts and without a
/// slash at its end, but "/" itself. Fails for "." and "..", control characters (one in an FTP command would
/// end it and begin another), bytes that are no UTF-8, names over 255 and paths over 512 bytes.
[[nodiscard]] Result<std::string> printer_path(std::string_view text);

/// Whether the printer needs this folder itself: "/" and the folders it makes. Small and capital letters are
/// the same, as they are on the cards' file system. Expects the one form.
[[nodiscard]] bool is_printers_own(std::string_view path);

/// The last part of a path in its one form: "x.3mf" of "/cache/x.3mf", "" of "/".
[[nodiscard]] std::string_view name_in(std::string_view path);

/// The folder a path lies in: "/cache" of "/cache/x.3mf", "/" of "/x.3mf" and of "/".
[[nodiscard]] std::string_view folder_of(std::string_view path);

/// A name in a folder: "/cache/x.3mf" of "/cache" and "x.3mf".
[[nodiscard]] std::string path_in_folder(std::string_view folder, std::string_view name);

/// Whether a text can be a part of a path: not empty, "." or "..", no slash, and nothing printer_path()
/// refuses.
[[nodiscard]] bool is_file_name(std::string_view name);

} // namespace bambu2mqtt
