#pragma once
// Simulated printers announce themselves (SSDP NOTIFY), like real ones: the datagram, and a thread that sends
// it periodically. Knows loopback addresses and printers' names; not what printers do.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace bambu2mqtt::simulator {

/// Content of a printer's announcement.
struct Notify {
    std::string serial{};
    std::string address{};          ///< Location; empty: the header is left out
    std::string model_code = "C12"; ///< DevModel
    std::string name = "Workshop";  ///< DevName
    std::string firmware = "01.08.02.00";
    std::string connect = "lan";
    std::string bind = "free";
};

/// The datagram in the format of real ones.
[[nodiscard]] std::string notify_text(const Notify& notify);

/// The vendor's code of a model as the configuration names it, "P1S" to "C12".
[[nodiscard]] std::string model_code_of(const std::string& model);

/// Sends one datagram to 127.x.x.x:port, or to a multicast group on loopback only. Throws std::runtime_error
/// when the system refuses.
void send_datagram(const std::string& address, std::uint16_t port, const std::string& bytes);

/// Destinations of announcements.
struct AnnouncerOptions {
    std::string address = "127.0.0.1"; ///< on loopback
    std::vector<std::uint16_t> ports{};
    std::chrono::milliseconds interval{5000};
};

/// Sends every printer's announcement to every port, immediately and then each interval.
class Announcer {
  public:
    Announcer(AnnouncerOptions options, std::vector<Notify> printers);

    /// Changes a printer's announcement and sends it.
    void change(std::size_t index, Notify notify);

    /// Changes a printer's address and announces it.
    void move(std::size_t index, const std::string& address);

    /// Whether a printer announces itself; the others continue.
    void set_silent(std::size_t index, bool silent);

    /// Sends all announcements now.
    void announce();

    [[nodiscard]] Notify notify(std::size_t index) const;

  private:
    struct Member {
        Notify notify{};
        bool silent = false;
    };

    void run(const std::stop_token& stop);
    void send_all() const;

    AnnouncerOptions options_;
    mutable std::mutex mutex_;
    std::condition_variable_any wake_;
    std::vector<Member> printers_; ///< guarded by mutex_
    std::jthread thread_;          ///< last: ends first
};

} // namespace bambu2mqtt::simulator
