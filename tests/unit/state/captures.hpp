// Recorded traffic of real printers, if available: BAMBU2MQTT_CAPTURES names the folder.
#pragma once

#include "unit/state/fed_printer.hpp"

#include <cstdlib>

namespace bambu2mqtt::test {

/// The folder; nothing, with a note, when the variable is not set.
inline std::optional<std::filesystem::path> captures() {
    const char* const folder = std::getenv("BAMBU2MQTT_CAPTURES");
    if (folder == nullptr || *folder == '\0') {
        MESSAGE("skipped: BAMBU2MQTT_CAPTURES is not set");
        return std::nullopt;
    }
    return std::filesystem::path{folder};
}

/// The names of the files in a folder, in order.
inline std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        if (entry.is_regular_file()) {
            files.push_back(entry.path());
        }
    }
    std::ranges::sort(files);
    return files;
}

/// A recorded file and the printer's values, read from the file by hand.
struct Recorded {
    std::string_view file{};
    std::string_view serial{}; ///< determines the model if the file has no get_version
    std::vector<Shown> shown{};
};

/// Feeds each file to its own printer and compares.
inline void check_recorded(const std::filesystem::path& folder, const std::vector<Recorded>& recorded) {
    for (const auto& one : recorded) {
        INFO("file: ", std::string{one.file});
        FedPrinter printer(Given{.serial = std::string{one.serial}});
        printer.feed_lines(text_of(folder / one.file));
        CHECK(printer["stage"] != "other");
        for (const auto& row : one.shown) {
            INFO("entity: ", std::string{row.id});
            CHECK(printer[row.id] == row.payload);
        }
    }
}

} // namespace bambu2mqtt::test
