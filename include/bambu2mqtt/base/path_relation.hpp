// Whether two folders on disk are the same, or one contains the other.
#pragma once

#include <filesystem>
#include <string_view>

namespace bambu2mqtt {

/// Absolute, without links and "..", as far as it exists; what does not exist yet is taken as it is written.
[[nodiscard]] std::filesystem::path real_path(const std::filesystem::path& path);

/// How `one` lies to `other`: "is", "contains", "lies inside"; empty when they are apart. Both are real
/// paths; a folder that is mounted at both of them is one folder.
[[nodiscard]] std::string_view path_relation(const std::filesystem::path& one,
                                             const std::filesystem::path& other);

} // namespace bambu2mqtt
