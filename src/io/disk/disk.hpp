// Small files that must survive a power failure: read completely, replaced atomically, readable by the owner
// only.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/base/unique_fd.hpp>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Maximum bytes of a small file, for reader and writer: every written file can be read again.
inline constexpr std::size_t largest_small_file = 1024UL * 1024;

/// The Error of a failed system call on a file: "cannot write '/a/b': No space left on device". `what`: the
/// verb, perhaps with an object; `number`: its errno.
[[nodiscard]] unexpected<Error> path_error(std::string_view what, const std::filesystem::path& path,
                                           int number);

/// The whole text of a file of at most `largest_small_file`, by read_file(); nothing when there is no such
/// file. Fails as `unavailable`, also for a larger file, which stays as it is.
[[nodiscard]] expected<std::optional<std::string>, Error> read_small_file(const std::filesystem::path& path);

/// Creates a file in the open folder, readable by its owner only; for root it gets the owner of the folder,
/// so that the gateway's own user can use it. `access`: O_WRONLY or O_RDWR. Invalid with `errno` set on
/// failure, EEXIST if the name exists, also as a symbolic link.
[[nodiscard]] UniqueFd create_file(const UniqueFd& folder, const char* name, int access);

/// Creates the folder and the missing ones above it. For root, each new one gets the owner of the folder it
/// is in. Fails as `unavailable`.
[[nodiscard]] expected<void, Error> make_folders(const std::filesystem::path& path);

/// Writes beside the file (mode 0600), makes it safe on the disk, and puts it in place in one step; makes the
/// folder when it is missing, see make_folders(). Written by root, the file gets the owner of its folder, so
/// that the gateway's own user can read it. Fails as `unavailable`. A text above `largest_small_file` is
/// refused, and the file stays as it was.
[[nodiscard]] expected<void, Error> replace_file(const std::filesystem::path& path, std::string_view text);

/// Where set_aside() puts a file: NAME.corrupt.
[[nodiscard]] std::filesystem::path path_aside(const std::filesystem::path& path);

/// Renames an invalid file to NAME.corrupt, so that it is kept but not read again. Returns the new name.
[[nodiscard]] expected<std::filesystem::path, Error> set_aside(const std::filesystem::path& path);

} // namespace bambu2mqtt
