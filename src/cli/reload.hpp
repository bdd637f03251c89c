// Reading the configuration again while the gateway runs: from the main thread, which reads it, to the core
// thread, which applies it.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/config/config_change.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/port/reload_result.hpp>

#include <nlohmann/json.hpp>

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace bambu2mqtt {

class StateFiles;
class TrustStore;

/// What the disk has of a printer.
struct PrinterMemory {
    bool first_contact = false; ///< its first certificate would be trusted
    Json saved{};               ///< what earlier runs remembered; null: nothing
};

/// By serial.
using PrinterMemories = std::map<std::string, PrinterMemory>;

/// A configuration that was read, with what the disk has of each of its printers.
struct ReadConfig {
    std::vector<std::uint64_t> tickets{}; ///< of the requests that wait for the result
    std::vector<std::string> errors{};    ///< with one of them the rest is empty
    Config config{};
    PrinterMemories memories{};
};

/// True if the first certificate of this printer would be trusted.
[[nodiscard]] bool awaits_first_contact(const PrinterConfig& printer, TrustStore& trust);

/// Reads what belongs to a configuration from the disk. Any thread.
[[nodiscard]] ReadConfig read_memories(Config config, const StateFiles& files, TrustStore& trust);

/// Holds requests until the main thread takes them, and what was read until the core does, in order.
/// Thread-safe.
class ReloadInbox {
  public:
    void request(ReloadConfig request) {
        const MutexLock lock(mutex_);
        requests_.push_back(std::move(request));
    }

    [[nodiscard]] std::vector<ReloadConfig> take_requests() {
        const MutexLock lock(mutex_);
        return std::exchange(requests_, {});
    }

    void put(ReadConfig config) {
        const MutexLock lock(mutex_);
        waiting_.push_back(std::move(config));
    }

    [[nodiscard]] std::deque<ReadConfig> take_all() {
        const MutexLock lock(mutex_);
        return std::exchange(waiting_, {});
    }

  private:
    Mutex mutex_;
    std::vector<ReloadConfig> requests_ GUARDED_BY(mutex_);
    std::deque<ReadConfig> waiting_ GUARDED_BY(mutex_);
};

/// What a change does, for people and programs.
[[nodiscard]] ReloadResult result_of(const ConfigChange& change);

/// The data of an outcome: the members of the result as lists.
[[nodiscard]] std::string json_of(const ReloadResult& result);

/// "added a, b; removed c"; "nothing has changed"; "2 problem(s), nothing is changed".
[[nodiscard]] std::string in_words(const ReloadResult& result);

} // namespace bambu2mqtt
