// One printer's file service: takes jobs, carries one out at a time, and tells how it goes as events.
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

/// All calls come from one thread and return at once. A job runs on a thread of its own, which exists no
/// longer than the job. What becomes of it arrives as events with `target` = the index given here:
/// WorkProgress at most twice a second, the first and the last besides, and exactly one WorkDone at its end,
/// whose result is a FileEnd.
class FileLink final : public FeatureWorker {
  public:
    /// All references outlive it. `limits` are for tests.
    FileLink(std::size_t index, const PrinterConfig& config, const FilesConfig& files, EventQueue& events,
             LinkServices& services, const FileLimits& limits = {});
    FileLink(const FileLink&) = delete;
    FileLink& operator=(const FileLink&) = delete;
    /// Breaks off what runs; what is partial is removed if that takes no longer than most of a second.
    ~FileLink() override;

    /// `work.what` is a FileJob.
    void start(const StartWork& work) override;

    /// `host`: where the printer is now, name or address. While a job runs, another one ends at once as
    /// refused, busy.
    void start(std::uint64_t id, FileJob job, std::string host);

    /// Breaks off the job that runs, if one does: it ends as failed with what was left behind, unless it was
    /// through already. Can take as long as cleaning up takes.
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
    bool renames_ = true; // the worker's while one runs
    std::unique_ptr<Worker> worker_;
};

} // namespace bambu2mqtt
