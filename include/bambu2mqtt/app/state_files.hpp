// What is remembered of printers over restarts: one JSON file each in <state_directory>/printers.
#pragma once

#include <bambu2mqtt/core/json.hpp>
#include <bambu2mqtt/session/bridge.hpp>

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace bambu2mqtt {

/// Writes on a thread of its own, so that nobody waits for a disk; of several contents for one printer only
/// the last is written.
class StateFiles {
  public:
    using Complaint = std::function<void(const std::string&)>;

    /// `complain` is told, from any thread, what could not be read or written.
    StateFiles(std::filesystem::path state_directory, Complaint complain);
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
    [[nodiscard]] std::filesystem::path file_of(const std::string& serial) const;
    void run();

    std::filesystem::path directory_;
    Complaint complain_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, std::string> waiting_; // guarded by mutex_
    bool stopping_ = false;                      // guarded by mutex_
    std::thread writer_;
};

} // namespace bambu2mqtt
