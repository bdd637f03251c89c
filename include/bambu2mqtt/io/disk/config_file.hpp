// Writes configuration files, which contain secrets.
#pragma once

#include <bambu2mqtt/base/expected.hpp>

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace bambu2mqtt {

/// What happens to a file that is there.
enum class Existing : std::uint8_t {
    kept,      ///< it stays, and the new one is refused
    backed_up, ///< it is renamed to NAME.bak, instead of an earlier one
};

/// Writes the file in one step: it is there completely or not at all. Mode 0600; for root, where a group
/// `bambu2mqtt` exists, 0640 and that group, as the packages' service reads it. Makes the folder if it is
/// missing. Fails as `refused` if the file exists and is kept, as `unavailable` if it cannot be written.
[[nodiscard]] expected<void, Error> write_config_file(const std::filesystem::path& path,
                                                      std::string_view text, Existing existing);

/// Replaces the file of managed printers in one step. Mode 0600; written by root, it gets the owner of its
/// folder. Fails as `unavailable`, and the file stays as it was.
[[nodiscard]] expected<void, Error> write_managed_printers(const std::filesystem::path& path,
                                                           std::string_view text);

} // namespace bambu2mqtt
