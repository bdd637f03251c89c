// Carrying a file job out, from beginning to end, on the thread that asks. Knows printers' storage, local
// files and URLs; not who wants the job, nor threads.
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

/// How patient jobs are, and how much they take.
struct FileLimits {
    FtpsTimes ftps{};
    UrlLimits url{};
    TreeLimits tree{};
    std::uint64_t keep_free = least_free;        ///< bytes on the disk of files.directory
    std::chrono::seconds listing{180};           ///< for a whole tree; what is not listed by then is left out
    std::chrono::milliseconds late_answer{1000}; ///< between looks at a file whose arrival was not confirmed
};

/// What jobs of one printer need. All references outlive the job.
struct FileWork {
    const PrinterConfig& config;
    const FilesConfig& files;
    LinkServices& services;
    StopSignal& stop;
    const FileLimits& limits;
    std::string host{}; ///< name or address of the printer
    /// Content that has moved, and all there is; may be called often.
    std::function<void(std::uint64_t bytes, std::uint64_t total)> progress{};
    /// Whether uploads go to a temporary name first. Becomes false when the printer refuses to rename.
    bool& renames;
};

/// Arguments are checked here once more, whoever has checked them before: paths, files.allow_urls,
/// files.inline_limit, the printer's own folders. Never throws but for lack of memory.
[[nodiscard]] FileEnd carry_out(const FileJob& job, FileWork& work);

} // namespace bambu2mqtt
