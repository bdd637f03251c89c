// A recording in place of the connection to a printer.
#pragma once

#include <bambu2mqtt/io/thread/event_queue.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>
#include <bambu2mqtt/port/printer_port.hpp>

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

namespace bambu2mqtt {

/// Why a replay does nothing that a printer would have to do.
inline constexpr const char* impossible_in_replay = "not possible in a replay";

/// The messages of one file, on a thread of its own, at their recorded distances; lines without a time are a
/// second apart.
class ReplayPlayer {
  public:
    /// `file` has passed check_recording(). `speed`: 2 is twice as fast. `events` outlives it.
    ReplayPlayer(std::filesystem::path file, double speed) : file_(std::move(file)), speed_(speed) {}

    ReplayPlayer(const ReplayPlayer&) = delete;
    ReplayPlayer& operator=(const ReplayPlayer&) = delete;

    /// Ends it, wherever it is.
    ~ReplayPlayer() { stop(); }

    /// Where the messages go to: the printer's index. Before start().
    void play_to(std::size_t index, EventQueue& events);
    void start();
    void stop();

    /// The connection of the printer is open: messages are dropped while it is not.
    void set_open(bool open) noexcept { open_ = open; }

    /// All messages were played.
    [[nodiscard]] bool ended() const noexcept { return ended_; }

  private:
    void run();
    [[nodiscard]] bool wait_until(Instant due);

    std::filesystem::path file_;
    double speed_;
    std::size_t index_ = 0;
    EventQueue* events_ = nullptr;
    std::atomic<bool> open_ = false;
    std::atomic<bool> ended_ = false;
    Mutex mutex_;
    ConditionVariable stopped_;
    bool stopping_ GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

/// Connects at once; refuses commands as a printer does, with the reason `impossible_in_replay`.
class ReplayLink final : public PrinterPort {
  public:
    /// Both references outlive it.
    ReplayLink(std::size_t index, EventQueue& events, ReplayPlayer& player)
        : index_(index), events_(events), player_(player) {}

    void connect(const std::string& host) override;
    void disconnect() override;
    bool request(const std::string& payload) override;
    void subscribe_reports(bool reports) override;
    void trust(const std::string& host, const std::string& fingerprint, std::uint64_t ticket) override;

  private:
    std::size_t index_;
    EventQueue& events_;
    ReplayPlayer& player_;
};

} // namespace bambu2mqtt
