#pragma once
// Speaks for all simulated printers at once: one MQTT client at the broker's inner port, one thread. Knows
// topics and times, not what printers say.

#include "simulator/printer.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <queue>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

struct mosquitto;

namespace bambu2mqtt::simulator {

/// Counts since the start.
struct Traffic {
    std::uint64_t reports = 0; ///< messages published, answers included
    std::uint64_t bytes = 0;   ///< their payloads
    std::uint64_t requests = 0;
    std::chrono::milliseconds most_late{0}; ///< largest delay of a report after the moment it was due
};

/// Publishes `device/<serial>/report` and takes `device/+/request`. Comes back by itself when the broker was
/// away.
class Driver {
  public:
    /// Connects to 127.0.0.1:`port` and starts. Throws std::runtime_error when the broker does not answer in
    /// 10 s.
    Driver(std::uint16_t port, std::vector<std::unique_ptr<Printer>> printers);

    /// Stops the thread and leaves the broker.
    ~Driver();
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;

    /// Calls `action(printer)` while the thread keeps off; gives what it gives. Changes show in the next
    /// report.
    template <typename Action>
    auto with(std::size_t index, Action action) {
        const std::lock_guard lock{mutex_};
        return action(*printers_.at(index).printer);
    }

    /// A mute printer takes requests and connections but says nothing any more.
    void set_mute(std::size_t index, bool mute);

    /// Publishes these bytes as a report of the printer, whatever they are.
    void send(std::size_t index, std::string payload);

    [[nodiscard]] Traffic traffic() const;

  private:
    struct Member {
        std::unique_ptr<Printer> printer;
        std::string report_topic;
        bool mute = false;
    };

    struct Close {
        void operator()(mosquitto* client) const;
    };

    using Due = std::pair<Uptime, std::size_t>; ///< when, and index of the printer

    void connect(std::uint16_t port);
    void run(const std::stop_token& stop);
    void take_requests();
    void send_waiting();
    Uptime report_due();
    void publish(const Member& member, const std::string& payload);
    [[nodiscard]] Uptime uptime() const;

    const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    mutable std::mutex mutex_; ///< guards printers_, schedule_, outbox_ and traffic_
    std::vector<Member> printers_;
    std::unordered_map<std::string, std::size_t> by_serial_;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> schedule_;
    std::vector<std::pair<std::size_t, std::string>> outbox_;
    Traffic traffic_;
    std::vector<std::pair<std::string, std::string>> inbox_; ///< topic and payload; the thread's own
    bool subscribed_ = false;                                ///< the thread's own after the constructor
    std::unique_ptr<mosquitto, Close> client_;
    std::jthread thread_; ///< last: ends first
};

} // namespace bambu2mqtt::simulator
