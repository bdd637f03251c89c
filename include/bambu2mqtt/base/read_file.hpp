// Files that are read as a whole.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/base/unique_fd.hpp>

#include <cstddef>
#include <filesystem>
#include <string>

namespace bambu2mqtt {

/// What the system says of an errno, in lower case: "no such file or directory".
[[nodiscard]] std::string system_error_text(int number);

/// Opens a regular file for reading; never waits. Fails as `unknown` when there is no such file, as
/// `unavailable` when it is a folder, a device or a pipe, or cannot be opened. The error says why, without
/// the path: "is a folder", "permission denied".
[[nodiscard]] expected<UniqueFd, Error> open_regular_file(const std::filesystem::path& path);

/// Reads a whole regular file of at most `limit` bytes. Fails as open_regular_file(), as `unavailable` when
/// it cannot be read, and as `out_of_range` when it is larger: "is larger than 1024 bytes".
[[nodiscard]] expected<std::string, Error> read_file(const std::filesystem::path& path, std::size_t limit);

} // namespace bambu2mqtt
