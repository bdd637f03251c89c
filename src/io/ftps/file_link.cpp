#include "io/ftps/file_ends.hpp"
#include <bambu2mqtt/io/ftps/file_link.hpp>
#include <bambu2mqtt/io/thread/guard.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>
#include <bambu2mqtt/io/thread/stop_signal.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <any>
#include <chrono>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto progress_interval = 500ms;
constexpr auto clean_up_within = 700ms;

/// Rate limit for progress events.
class ProgressMeter {
  public:
    [[nodiscard]] bool is_due(std::uint64_t bytes, std::uint64_t total) {
        const auto now = Clock::now();
        const bool first = !last_;
        const bool last = bytes == total;
        if (bytes == bytes_ && !first) {
            return false;
        }
        if (!first && !last && now - *last_ < progress_interval) {
            return false;
        }
        last_ = now;
        bytes_ = bytes;
        return true;
    }

  private:
    std::optional<Clock::time_point> last_;
    std::uint64_t bytes_ = 0;
};

} // namespace

/// One job and its thread.
class FileLink::Worker {
  public:
    Worker(FileLink& link, std::uint64_t id, FileJob job, std::string host)
        : link_(link), config_(link.config_), files_(link.files_), id_(id), job_(std::move(job)),
          host_(std::move(host)), thread_(guarded_thread("file action thread", [this] { run(); })) {}

    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Waits for a cancelled job only for the rest of its time.
    ~Worker() {
        cancel();
        {
            const MutexLock lock(mutex_);
            while (!over_ && changed_.wait_until(mutex_, *cancelled_at_ + clean_up_within)) {
            }
        }
        stop_.raise(Stop::now);
        thread_.join();
    }

    void cancel() {
        cancelled_at_ = cancelled_at_.value_or(Clock::now());
        stop_.raise(Stop::soon);
    }

    [[nodiscard]] bool over() {
        const MutexLock lock(mutex_);
        return over_;
    }

  private:
    void run() {
        FileEnd end;
        guard(
            "file action", [&] { end = carried_out(); },
            [&](std::string_view reason) { end = file_failed(fmt::format("internal error: {}", reason)); });
        const MutexLock lock(mutex_);
        over_ = true; // before the event, after which the next job may start
        guard(
            "end of a file action", [&] { link_.push_end(id_, std::move(end)); },
            [&](std::string_view) { link_.push_end(id_, file_failed("internal error, see the log")); });
        changed_.notify_all();
    }

    [[nodiscard]] FileEnd carried_out() {
        FileWork work{
            .config = config_,
            .files = files_,
            .services = link_.services_,
            .stop = stop_,
            .limits = link_.limits_,
            .host = host_,
            .progress =
                [this](std::uint64_t bytes, std::uint64_t total) {
                    if (meter_.is_due(bytes, total)) {
                        link_.events_.push({link_.index_, WorkProgress{files_feature, id_, bytes, total}});
                    }
                },
            .renames = link_.renames_};
        return carry_out(std::exchange(job_, {}), work); // the content to send is not kept
    }

    FileLink& link_;
    const PrinterConfig config_; // as the job began
    const FilesConfig files_;
    const std::uint64_t id_;
    FileJob job_; // used by the thread
    const std::string host_;
    StopSignal stop_;
    std::optional<Clock::time_point> cancelled_at_; // used by the owner
    ProgressMeter meter_;                           // used by the thread
    Mutex mutex_;
    ConditionVariable changed_;
    bool over_ GUARDED_BY(mutex_) = false;
    std::thread thread_; // last: it uses all of the above
};

FileLink::FileLink(std::size_t index, const PrinterConfig& config, const FilesConfig& files,
                   EventQueue& events, LinkServices& services, const FileLimits& limits)
    : index_(index), config_(config), files_(files), events_(events), services_(services), limits_(limits) {}

FileLink::~FileLink() = default;

void FileLink::push_end(std::uint64_t id, FileEnd end) {
    events_.push({index_, WorkDone{files_feature, id, std::move(end)}});
}

void FileLink::start(const StartWork& work) {
    if (const auto* const job = std::any_cast<FileJob>(&work.what)) {
        start(work.job, *job, work.host);
    } else {
        push_end(work.job, file_failed("internal error: no file job"));
    }
}

void FileLink::start(std::uint64_t id, FileJob job, std::string host) {
    if (worker_ != nullptr && !worker_->over()) {
        push_end(id, file_refused(Code::busy, "another file action is running"));
        return;
    }
    worker_.reset();
    try {
        worker_ = std::make_unique<Worker>(*this, id, std::move(job), std::move(host));
    } catch (const std::system_error&) {
        push_end(id, file_failed("no thread could be started for this file action"));
    }
}

void FileLink::cancel() {
    if (worker_ != nullptr) {
        worker_->cancel();
    }
}

} // namespace bambu2mqtt
