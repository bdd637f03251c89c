#pragma once

#include <filesystem>

namespace bambu2mqtt::test {

/// The top folder of the sources of this test program.
[[nodiscard]] std::filesystem::path source_directory();

} // namespace bambu2mqtt::test
