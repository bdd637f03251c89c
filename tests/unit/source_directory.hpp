#pragma once

#include <filesystem>

namespace bambu2mqtt::test {

/// The top folder of the sources this test program was built from.
[[nodiscard]] std::filesystem::path source_directory();

} // namespace bambu2mqtt::test
