// Parses the answer to one LIST command. Knows the formats of rows, not the servers.
#pragma once

#include <bambu2mqtt/base/time.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

enum class FileKind : std::uint8_t { file, folder, link };

/// One parsed row.
struct FileRow {
    FileKind kind = FileKind::file;
    std::string name{};
    std::uint64_t size = 0; ///< bytes; for a folder as sent by the server
    /// In the printer's local time, whose zone is unknown: usable for ordering, not for identity.
    std::optional<std::chrono::local_seconds> time{};
};

struct Listing {
    std::vector<FileRow> rows{};
    std::size_t dropped = 0; ///< invalid rows, or rows with impossible names
    bool cut = false;        ///< the text ends within a row; that row is left out
};

/// Parses rows in the format of `ls -l`: type and permissions, links, owner, group, size, date, name; the
/// name is the rest of the row, including spaces. Owner, group or links may be missing; the date is "Jan 31
/// 18:00", "Jan 31 2025", "Jan  1 ..." or "2025-01-31 18:00". A date without a year is the latest such day
/// before `now` (one day later is allowed, for another time zone). "." and ".." and a line "total N" are
/// skipped. For a symbolic link the name ends before " -> ". Printers end rows with CR LF; LF alone is
/// accepted.
[[nodiscard]] Listing parse_listing(std::string_view text, WallTime now);

} // namespace bambu2mqtt
