// Requests a worker to stop, wherever it waits. Deals with sockets, not with the data on them.
#pragma once

#include <bambu2mqtt/io/thread/mutex.hpp>

#include <cstdint>
#include <set>

namespace bambu2mqtt {

/// What a worker may still do.
enum class Stop : std::uint8_t {
    none, ///< everything
    soon, ///< cancel, and clean up
    now,  ///< nothing: every socket operation fails immediately
};

/// Thread-safe. Some calls of libcurl wait in a handshake or for a reply without checking for a stop;
/// shutting down their sockets ends them.
class StopSignal {
  public:
    StopSignal() = default;
    StopSignal(const StopSignal&) = delete;
    StopSignal& operator=(const StopSignal&) = delete;

    /// Can only be raised: shuts down all sockets that are open now.
    void raise(Stop to);

    [[nodiscard]] Stop raised() const;

    /// socket(2), close-on-exec and registered here; -1 once `now` was raised.
    [[nodiscard]] int open_socket(int domain, int type, int protocol);

    /// close(2) of a socket made by open_socket().
    int close_socket(int descriptor);

    /// The socket opened last and still open; -1 if there is none.
    [[nodiscard]] int newest_socket() const;

    /// Shuts down receiving on all open sockets: nothing waits for replies any more, but a last command can
    /// still be sent.
    void deafen_sockets();

  private:
    mutable Mutex mutex_;
    Stop raised_ GUARDED_BY(mutex_) = Stop::none;
    std::set<int> sockets_ GUARDED_BY(mutex_); ///< libcurl closes them, with close_socket()
    int newest_ GUARDED_BY(mutex_) = -1;
};

} // namespace bambu2mqtt
