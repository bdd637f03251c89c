// The answer to one LIST command, taken apart. Knows the rows servers write, not the servers.
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

/// What one row says.
struct FileRow {
    FileKind kind = FileKind::file;
    std::string name{};
    std::uint64_t size = 0; ///< bytes; of a folder whatever the server says
    /// As the printer's clock shows it, whose zone nobody knows: good for ordering, not for identity.
    std::optional<std::chrono::local_seconds> time{};
};

struct Listing {
    std::vector<FileRow> rows{};
    std::size_t dropped = 0; ///< rows that make no sense, or whose name no path could have
    bool cut = false;        ///< the text ends in the middle of a row; that row is left out
};

/// Reads rows as `ls -l` writes them: type and permissions, links, owner, group, size, date, name; the name
/// is the rest of the row, with its spaces. Owner, group or links may be missing; the date is "Jan 31 18:00",
/// "Jan 31 2025", "Jan  1 ..." or "2025-01-31 18:00". A date without a year is the last such day before
/// `now` (a day later is allowed, for another zone). "." and ".." and a line "total N" are no rows. Of a link
/// the name is what stands before " -> ". Printers end rows with CR LF; LF alone does.
[[nodiscard]] Listing parse_listing(std::string_view text, WallTime now);

} // namespace bambu2mqtt
