#pragma once
// Drives all simulated printers: one MQTT client at the broker's internal port, one thread. Knows topics and
// times, not the printers' messages.

#include "simulator/printer.hpp"
#include "simulator/sessions.hpp"

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

/// Lines for the top of the broker's configuration: it then logs who connects to which printer, and forwards
/// any number of requests.
[[nodiscard]] std::vector<std::string> broker_lines();

/// Publishes `device/<serial>/report` and subscribes to `device/+/request`. Reconnects by itself. A message
/// on `simulator/<serial>/do` (serial `all`: for each of them) is an order to the printer; its reply is
/// published on `simulator/<serial>/done`.
class Driver {
  public:
    /// Connects to 127.0.0.1:`port` and starts. Throws std::runtime_error when the broker does not answer in
    /// 10 s.
    Driver(std::uint16_t port, std::vector<std::unique_ptr<Printer>> printers);

    /// Stops the thread and disconnects.
    ~Driver();
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;

    /// Calls `action(printer)` while the thread is locked out; returns its result. Changes are in the next
    /// report.
    template <typename Action>
    auto with(std::size_t index, Action action) {
        const std::lock_guard lock{mutex_};
        return action(*printers_.at(index).printer);
    }

    /// A mute printer accepts requests and connections but publishes nothing.
    void set_mute(std::size_t index, bool mute);

    /// Publishes these bytes unchanged as a report of the printer.
    void send(std::size_t index, std::string payload);

    /// Executes an order as if received by MQTT; returns the printer's reply.
    [[nodiscard]] std::string order(std::size_t index, const std::string& words);

    /// Cuts all connections to the printer, as with a short loss of Wi-Fi.
    void drop_connections(std::size_t index);

    /// Number of the printer's newest session (see Sessions), from 1; 0 before the first.
    [[nodiscard]] int newest_session(std::size_t index) const;

    [[nodiscard]] Traffic traffic() const;

  private:
    struct Member {
        std::unique_ptr<Printer> printer;
        std::string report_topic;
        bool mute = false;
    };

    struct Delayed {
        Uptime due{0};
        std::size_t index = 0;
        std::string payload{};
    };

    struct Close {
        void operator()(mosquitto* client) const;
    };

    using Due = std::pair<Uptime, std::size_t>; ///< when, and index of the printer

    void connect();
    void subscribe();
    void run(const std::stop_token& stop);
    void take_messages();
    void take_request(const std::string& serial, const std::string& payload);
    void take_order(const std::string& serial, const std::string& order);
    void react(std::size_t index, Reaction reaction);
    void drop_clients(const std::string& serial);
    void send_waiting();
    Uptime report_due();
    void publish(const Member& member, const std::string& payload);
    void publish(const std::string& topic, const std::string& payload);
    [[nodiscard]] Uptime uptime() const;

    const std::uint16_t port_;
    const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    mutable std::mutex mutex_; ///< guards printers_, schedule_, outbox_, sessions_ and traffic_
    std::vector<Member> printers_;
    std::unordered_map<std::string, std::size_t> by_serial_;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> schedule_;
    std::vector<Delayed> outbox_;
    Sessions sessions_;
    Traffic traffic_;
    std::vector<std::pair<std::string, std::string>> inbox_; ///< topic and payload; the thread's own
    bool subscribed_ = false;                                ///< the thread's own after the constructor
    std::unique_ptr<mosquitto, Close> client_;
    std::jthread thread_; ///< last: ends first
};

} // namespace bambu2mqtt::simulator
