// Files of the source tree, as they were at build time.
#pragma once

#include <span>
#include <string_view>

namespace bambu2mqtt::embedded {

/// One file: its path below its folder ("sensor.json", "entities/pause.json") and its text.
struct File {
    std::string_view path{};
    std::string_view text{};
};

/// The files of discovery-templates/, sorted by path.
[[nodiscard]] std::span<const File> files();

/// The files of texts/, sorted by path.
[[nodiscard]] std::span<const File> languages();

} // namespace bambu2mqtt::embedded
