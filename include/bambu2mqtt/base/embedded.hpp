// The files of discovery-templates/ at build time.
#pragma once

#include <span>
#include <string_view>

namespace bambu2mqtt::embedded {

/// One file: its path below discovery-templates/ ("sensor.json", "entities/pause.json") and its text.
struct File {
    std::string_view path{};
    std::string_view text{};
};

/// All embedded files, sorted by path.
[[nodiscard]] std::span<const File> files();

} // namespace bambu2mqtt::embedded
