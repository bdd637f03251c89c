// What is remembered of printers over restarts: one JSON file each in <state_directory>/printers.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/gateway/bridge.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace bambu2mqtt {

/// Writes on a thread of its own, so that nobody waits for a disk; of several contents for one printer only
/// the last is written. What cannot be written is kept and tried again every `retry_every`, and once more at
/// the end.
class StateFiles {
  public:
    using Complaint = std::function<void(const std::string&)>;

    /// `complain` is told, from any thread, what could not be read, and once when writing begins to fail,
    /// also for one file alone (one above `largest_small_file` is not written at all, and not kept);
    /// `relieved` once when everything that was kept is written. `relieved` may be empty.
    StateFiles(std::filesystem::path state_directory, Complaint complain, Complaint relieved = {},
               std::chrono::milliseconds retry_every = std::chrono::minutes{1});
    StateFiles(const StateFiles&) = delete;
    StateFiles& operator=(const StateFiles&) = delete;
    /// Writes what is still waiting.
    ~StateFiles();

    /// What is remembered of a printer; null when there is nothing. A corrupt file is set aside.
    [[nodiscard]] Json load(const std::string& serial) const;

    /// All printers of earlier runs, once for each id under which something of them may stand on the broker.
    [[nodiscard]] std::vector<FormerPrinter> remembered() const;

    /// Soon, in the background.
    void save(const std::string& serial, std::string content);

    /// A printer that is served no longer, once what stood of it on the broker is cleared.
    void forget(const std::string& serial);

  private:
    using Contents = std::map<std::string, std::string>; ///< by serial

    /// Of writing; belongs to the thread that writes.
    struct Failures {
        bool any = false;      ///< something could not be written, and its recovery is not reported yet
        bool reported = false; ///< a failure was reported, and nothing was written since
        std::set<std::string> serials{}; ///< whose file could not be written when that was last tried
    };

    [[nodiscard]] std::filesystem::path file_of(const std::string& serial) const;
    void run();
    void wait_for_work(Instant again_at) REQUIRES(mutex_);
    [[nodiscard]] Contents write(Contents batch, Failures& failures) const;

    std::filesystem::path directory_;
    Complaint complain_;
    Complaint relieved_;
    std::chrono::milliseconds retry_every_;
    Mutex mutex_;
    ConditionVariable changed_;
    Contents waiting_ GUARDED_BY(mutex_);
    Contents kept_ GUARDED_BY(mutex_); ///< could not be written
    bool stopping_ GUARDED_BY(mutex_) = false;
    std::thread writer_;
};

} // namespace bambu2mqtt
