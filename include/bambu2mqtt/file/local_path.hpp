// Paths of local files, as arguments of commands have them. Looks at no disk.
#pragma once

#include <bambu2mqtt/base/result.hpp>

#include <filesystem>
#include <string_view>

namespace bambu2mqtt {

/// The failure for a path that is not below files.directory.
[[nodiscard]] Error leads_out(std::string_view path);

/// The path of a file below `directory`, relative to it: of a relative path, or of an absolute one inside.
/// `directory` is absolute and normal; empty where it is not known: nothing absolute is inside then. Fails as
/// `refused` when the path leads out, which every ".." does, and as `malformed` when it cannot be a file's:
/// empty, over 1024 bytes, with a control character, or a folder's. Links are not looked at.
[[nodiscard]] Result<std::filesystem::path> path_below(const std::filesystem::path& directory,
                                                       std::string_view path);

} // namespace bambu2mqtt
