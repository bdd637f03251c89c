// Where files.directory may lie. Others have files read from it and written into it: neither what the gateway
// remembers nor what it is configured with may be within their reach. Knows the disk as far as paths go.
#pragma once

#include <bambu2mqtt/config/config.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// The one folder inside state_directory that may be files.directory, as it is by default. The gateway keeps
/// nothing in it and reads nothing of its own from it.
inline constexpr const char* files_in_state_directory = "files";

/// A file or folder that a key of the configuration names.
struct NamedPath {
    std::string key{}; ///< dotted: "printer[1].access_code_file"
    std::filesystem::path path{};
};

/// What is wrong with files.directory, with both paths as they stand and, where links lead elsewhere, where
/// they lead; nothing when it is fine. It may not be, contain or lie inside state_directory (but for its
/// folder `files_in_state_directory`) or the folder of `config_file`, contain nothing of `named`, and lie
/// inside no folder of `named`. Links,
/// "..", relative paths and folders that are mounted in two places are followed; what does not exist yet is
/// taken as it is written.
[[nodiscard]] std::optional<std::string> fault_of_files_directory(const Config& config,
                                                                  const std::filesystem::path& config_file,
                                                                  const std::vector<NamedPath>& named);

} // namespace bambu2mqtt
