// Paths of local files in command arguments. Does not access the disk.
#pragma once

#include <bambu2mqtt/base/expected.hpp>

#include <filesystem>
#include <string_view>

namespace bambu2mqtt {

/// The error for a path that is not below files.directory.
[[nodiscard]] unexpected<Error> leads_out(std::string_view path);

/// The path of a file below `directory`, relative to it: from a relative path, or from an absolute one
/// inside. `directory` is absolute and normalized; empty if unknown: then every absolute path is outside.
/// Fails as `refused` if the path leaves the directory, as every ".." does, and as `malformed` if it cannot
/// name a file: empty, over 1024 bytes, with a control character, or with a trailing slash. Symbolic links
/// are not resolved.
[[nodiscard]] expected<std::filesystem::path, Error> path_below(const std::filesystem::path& directory,
                                                                std::string_view path);

} // namespace bambu2mqtt
