// Information about a printer's storage that may need more than one command. Knows no jobs.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/file/job.hpp>
#include <bambu2mqtt/io/ftps/ftps_session.hpp>

#include <cstdint>
#include <string_view>

namespace bambu2mqtt {

enum class Found : std::uint8_t {
    file,
    folder,
    nothing,
    unclear, ///< unknown, or the printer could not be asked
};

struct PathInfo {
    Found found = Found::unclear;
    std::uint64_t size = 0; ///< of a file
    FtpsAnswer answer{};    ///< unclear: the last answer
};

/// SIZE, and without one whether it can be entered; on servers without SIZE the listing of its folder.
[[nodiscard]] PathInfo path_info(FtpsSession& session, std::string_view path);

/// Makes a folder and those above it, as far as they are missing. Fails with the end of the job: conflict
/// where a file is in the way.
[[nodiscard]] expected<void, FileEnd> make_folders(FtpsSession& session, std::string_view path);

/// Result of removing a file.
enum class Removed : std::uint8_t { gone, was_not_there, still_there, unknown };

[[nodiscard]] Removed remove(FtpsSession& session, std::string_view path);

} // namespace bambu2mqtt
