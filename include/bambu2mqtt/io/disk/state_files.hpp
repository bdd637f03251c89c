// Saved state of printers: one JSON file each in <state_directory>/printers.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/gateway/bridge_settings.hpp>
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

/// Writes on its own thread, so that callers do not wait for a disk; of several contents for one printer only
/// the last is written. Failed writes are kept and retried every `retry_every`, and once more at shutdown.
class StateFiles {
  public:
    using Complaint = std::function<void(const std::string&)>;

    /// `complain` is called, from any thread, once a printer with what could not be read, and once when
    /// writing begins to fail, also if only one file fails (one above `largest_small_file` is neither written
    /// nor kept); `relieved` is called once when all pending files are written. `relieved` may be empty.
    StateFiles(std::filesystem::path state_directory, Complaint complain, Complaint relieved = {},
               std::chrono::milliseconds retry_every = std::chrono::minutes{1});
    StateFiles(const StateFiles&) = delete;
    StateFiles& operator=(const StateFiles&) = delete;
    /// Writes pending contents.
    ~StateFiles();

    /// The saved state of a printer; null if there is none. A corrupt file is set aside.
    [[nodiscard]] Json load(const std::string& serial) const;

    /// All printers of earlier runs, once for each id that may still have topics on the broker.
    [[nodiscard]] std::vector<FormerPrinter> remembered() const;

    /// Writes soon, in the background.
    void save(const std::string& serial, std::string content);

    /// Removes a printer that is no longer configured, after its topics on the broker were cleared.
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
    void complain_once(const std::string& serial, const std::string& what) const;
    void run();
    void wait_for_work(Instant again_at) REQUIRES(mutex_);
    [[nodiscard]] Contents write(Contents batch, Failures& failures) const;

    std::filesystem::path directory_;
    Complaint complain_;
    Complaint relieved_;
    std::chrono::milliseconds retry_every_;
    mutable Mutex mutex_;
    ConditionVariable changed_;
    Contents waiting_ GUARDED_BY(mutex_);
    Contents kept_ GUARDED_BY(mutex_); ///< could not be written
    bool stopping_ GUARDED_BY(mutex_) = false;
    mutable std::set<std::string> unreadable_ GUARDED_BY(mutex_); ///< serials whose file was complained about
    std::thread writer_;
};

} // namespace bambu2mqtt
