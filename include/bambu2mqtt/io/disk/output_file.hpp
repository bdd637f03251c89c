// A new file for what a user asked to be written.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/io/disk/local_files.hpp>

#include <filesystem>

namespace bambu2mqtt {

/// Creates it with mode 0600; append() leaves `least_free` bytes free on its disk. Fails as `refused` if
/// there is something with this name, also a link, as `unavailable` if it cannot be created.
[[nodiscard]] expected<LocalFile, Error> create_output_file(const std::filesystem::path& path);

} // namespace bambu2mqtt
