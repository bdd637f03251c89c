// One printer's file service: runs one job at a time, and reports it as events.
#pragma once

#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/file/job.hpp>
#include <bambu2mqtt/io/ftps/file_work.hpp>
#include <bambu2mqtt/io/thread/event_queue.hpp>
#include <bambu2mqtt/port/feature_worker.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace bambu2mqtt {

class LinkServices;

/// All functions are called from one thread and return immediately. A job runs on a thread of its own, which
/// ends with the job. Its progress and result arrive as events with `target` = the index given here:
/// WorkProgress at the start, at the end and at most twice a second in between, and exactly one WorkDone at
/// its end, whose result is a FileEnd.
class FileLink final : public FeatureWorker {
  public:
    /// All references must outlive it; what they refer to may be changed between calls, and applies from the
    /// next job on. `limits` are for tests.
    FileLink(std::size_t index, const PrinterConfig& config, const FilesConfig& files, EventQueue& events,
             LinkServices& services, const FileLimits& limits = {});
    FileLink(const FileLink&) = delete;
    FileLink& operator=(const FileLink&) = delete;
    /// Cancels a running job; its partial file is removed if that takes less than about a second.
    ~FileLink() override;

    /// `work.what` is a FileJob.
    void start(const StartWork& work) override;

    /// `host`: the current name or address of the printer. While a job runs, another one ends immediately as
    /// refused, busy.
    void start(std::uint64_t id, FileJob job, std::string host);

    /// Cancels the running job, if any: it ends as failed with its leftovers, unless it has already finished.
    /// May take as long as cleaning up.
    void cancel() override;

  private:
    class Worker;

    void push_end(std::uint64_t id, FileEnd end);

    std::size_t index_;
    const PrinterConfig& config_;
    const FilesConfig& files_;
    EventQueue& events_;
    LinkServices& services_;
    FileLimits limits_;
    bool renames_ = true; // used by the worker while one runs
    std::unique_ptr<Worker> worker_;
};

} // namespace bambu2mqtt
