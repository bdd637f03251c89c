// Small files that must survive a power cut: read whole, replaced in one step, readable by us alone.
#pragma once

#include <bambu2mqtt/core/result.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// The whole text of a file of at most 1 MiB; nothing when there is no such file. Fails as `unavailable`.
[[nodiscard]] Result<std::optional<std::string>> read_small_file(const std::filesystem::path& path);

/// Writes beside the file (mode 0600), makes it safe on the disk, and puts it in place in one step; makes the
/// folder when it is missing. Nothing on success.
[[nodiscard]] std::optional<Error> replace_file(const std::filesystem::path& path, std::string_view text);

/// Renames a file that makes no sense to NAME.corrupt, so that it is not lost and not read again. Gives the
/// new name.
[[nodiscard]] Result<std::filesystem::path> set_aside(const std::filesystem::path& path);

} // namespace bambu2mqtt
