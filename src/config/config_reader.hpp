// Walks a TOML text along the table of keys and collects everything that is wrong with it.
// Knows nothing of the configuration file's own permissions.
#pragma once

#include <bambu2mqtt/config/config.hpp>

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace bambu2mqtt {

/// The largest configuration that is read, in bytes.
inline constexpr std::size_t largest_config = 1048576;

/// What one walk gave.
struct ReadConfig {
    LoadedConfig loaded{};
    bool literal_secret = false; ///< the text itself holds a secret, not just the name of a file or variable
};

/// Reads a text; never throws. Relative paths in it start at the folder of `file`.
[[nodiscard]] ReadConfig read_config(std::string_view text, const std::filesystem::path& file);

} // namespace bambu2mqtt
