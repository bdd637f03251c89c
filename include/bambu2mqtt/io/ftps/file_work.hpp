// Executes a file job, from beginning to end, on the calling thread. Knows printers' storage, local files and
// URLs; not who requested the job, nor threads.
#pragma once

#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/file/job.hpp>
#include <bambu2mqtt/file/tree.hpp>
#include <bambu2mqtt/io/ftps/ftps_session.hpp>
#include <bambu2mqtt/io/ftps/url_source.hpp>
#include <bambu2mqtt/io/thread/stop_signal.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace bambu2mqtt {

class LinkServices;

/// Timeouts and limits of jobs.
struct FileLimits {
    FtpsTimes ftps{};
    UrlLimits url{};
    TreeLimits tree{};
    std::uint64_t keep_free = least_free; ///< bytes on the disk of files.directory
    std::chrono::seconds listing{180};    ///< for a whole tree; folders not listed by then are left out
    std::chrono::seconds deletion{600};   ///< of a folder; what is left by then stays
    std::chrono::milliseconds late_answer{1000}; ///< between checks of a file whose arrival was not confirmed
};

/// Dependencies of one printer's jobs. All references must outlive the job.
struct FileWork {
    const PrinterConfig& config;
    const FilesConfig& files;
    LinkServices& services;
    StopSignal& stop;
    const FileLimits& limits;
    std::string host{}; ///< name or address of the printer
    /// Transferred content and its total; may be called often.
    std::function<void(std::uint64_t bytes, std::uint64_t total)> progress{};
    /// Whether uploads use a temporary name first. Becomes false when the printer refuses to rename.
    bool& renames;
};

/// Checks the arguments again, independent of earlier checks: paths, files.allow_urls, files.inline_limit,
/// the printer's own folders. Throws only std::bad_alloc.
[[nodiscard]] FileEnd carry_out(const FileJob& job, FileWork& work);

} // namespace bambu2mqtt
