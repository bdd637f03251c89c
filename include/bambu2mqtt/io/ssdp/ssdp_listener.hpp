// Receives announcements while the gateway runs, and reports those of configured printers to the core. One
// thread.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/io/ssdp/ssdp_sockets.hpp>
#include <bambu2mqtt/io/thread/event_queue.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>
#include <bambu2mqtt/io/thread/wake_up.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>

namespace bambu2mqtt {

/// Rate limit for one printer: each address at most every 3 seconds, and at most 4 addresses within that
/// time, for any number of datagrams.
class AnnouncementGate {
  public:
    [[nodiscard]] bool pass(const std::string& address, Instant now);

  private:
    struct RecentAnnouncement {
        std::string address{};
        std::optional<Instant> at{};
    };

    std::array<RecentAnnouncement, 4> recent_{};
};

/// A port that cannot be opened is logged once and retried every minute; nothing else depends on it.
class SsdpListener {
  public:
    using Complaint = std::function<void(const std::string&)>;

    /// `targets`: serials and the targets of their events. Listens from now on; starts no thread without
    /// printers or ports. `complain` is called here and from the thread.
    SsdpListener(const std::map<std::string, std::size_t>& targets, SsdpEndpoints endpoints,
                 EventQueue& events, Complaint complain);
    /// Other printers to listen for; what is known of those in both stays.
    void follow(const std::map<std::string, std::size_t>& targets);

    SsdpListener(const SsdpListener&) = delete;
    SsdpListener& operator=(const SsdpListener&) = delete;
    ~SsdpListener();

  private:
    struct Listened {
        std::size_t target = 0;
        AnnouncementGate gate{};
    };

    void run();
    [[nodiscard]] bool turn(Instant& refresh_at);
    void on_announcement(const PrinterNotice& announcement);

    Mutex mutex_;
    std::map<std::string, Listened> printers_ GUARDED_BY(mutex_);
    SsdpSockets sockets_; // used by the thread only while it runs
    EventQueue& events_;
    Complaint complain_;
    WakeUp end_;
    std::thread thread_;
};

} // namespace bambu2mqtt
