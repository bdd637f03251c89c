// The reports of a printer for the command record, taken from the running gateway's session.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/gateway/bridge.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/port/events.hpp>
#include <bambu2mqtt/recording/recorded_line.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// A request for what a printer sent since a place in its reports.
struct TapRequest {
    std::string serial{};
    std::optional<std::uint64_t> from{}; ///< nothing: the recording begins
};

/// "record SERIAL" or "record SERIAL PLACE".
[[nodiscard]] std::string tap_request_text(const TapRequest& request);

/// The first line of the answer; recorded lines follow, unchanged by a Scrubber.
struct TapAnswer {
    std::uint64_t next = 0; ///< `from` of the next request
    std::uint64_t lost = 0; ///< messages since `from` that were dropped, because the client was too slow
};

[[nodiscard]] std::optional<TapAnswer> parse_tap_answer(std::string_view line);

/// Keeps the reports of printers for whose recordings a client has asked in the last ten seconds, at most 8
/// MiB for each. A recording begins with the merged state, if it is complete, and a request for the modules.
class RecordingTap {
  public:
    /// `wake_core` makes the core thread call begin_wanted() soon.
    explicit RecordingTap(std::function<void()> wake_core) : wake_core_(std::move(wake_core)) {}

    /// The printers that can be recorded, at the start and whenever they have changed.
    /// `targets`: of their events, by serial.
    void set_printers(std::map<std::string, std::size_t> targets);

    /// Core thread.
    void take(const Event& event, Instant now);

    /// Core thread: adds the beginning of recordings that clients have asked for since the last call.
    void begin_wanted(const Bridge& bridge, Instant now, Effects& effects);

    /// The socket's thread: a TapAnswer and at most 2 MiB of lines, at least one where there is any. Empty
    /// for other requests and unknown printers.
    [[nodiscard]] std::string answer(std::string_view request);

  private:
    struct Kept {
        RecordedTime at{};
        std::string payload{};
    };

    struct Recording {
        std::deque<Kept> messages{};
        std::size_t bytes = 0;
        std::uint64_t end = 0; ///< place after the last message
        Instant asked_at{};
        bool begins = false;
    };

    void keep(Recording& recording, std::string payload, Instant at) REQUIRES(mutex_);

    std::function<void()> wake_core_;
    std::atomic<bool> active_ = false; ///< there may be recordings
    Mutex mutex_;
    std::map<std::string, std::size_t> printers_ GUARDED_BY(mutex_); ///< targets by serial
    std::map<std::size_t, Recording> recordings_ GUARDED_BY(mutex_); ///< by target
};

} // namespace bambu2mqtt
