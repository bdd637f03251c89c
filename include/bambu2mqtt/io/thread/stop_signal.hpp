// Tells a worker to stop, wherever it waits. Knows sockets, not what goes over them.
#pragma once

#include <bambu2mqtt/io/thread/mutex.hpp>

#include <cstdint>
#include <set>

namespace bambu2mqtt {

/// How much a worker may still do.
enum class Stop : std::uint8_t {
    none, ///< all of it
    soon, ///< break off, and clean up behind it
    now,  ///< nothing more: whatever it does with a socket fails at once
};

/// Thread-safe. Some calls of libcurl wait in a handshake or for an answer without asking whether they still
/// should; what ends them is that their sockets are shut down.
class StopSignal {
  public:
    StopSignal() = default;
    StopSignal(const StopSignal&) = delete;
    StopSignal& operator=(const StopSignal&) = delete;

    /// Only ever raises: shuts down all sockets that are open at this moment.
    void raise(Stop to);

    [[nodiscard]] Stop raised() const;

    /// socket(2), close-on-exec and registered here; -1 once `now` was raised.
    [[nodiscard]] int open_socket(int domain, int type, int protocol);

    /// close(2) of a socket made by open_socket().
    int close_socket(int descriptor);

    /// The socket opened last and still open; -1 when there is none.
    [[nodiscard]] int newest_socket() const;

    /// From now on nothing more arrives on the sockets that are open: nobody waits for an answer on them,
    /// while a last word can still be said.
    void deafen_sockets();

  private:
    mutable Mutex mutex_;
    Stop raised_ GUARDED_BY(mutex_) = Stop::none;
    std::set<int> sockets_ GUARDED_BY(mutex_); ///< libcurl closes them, with close_socket()
    int newest_ GUARDED_BY(mutex_) = -1;
};

} // namespace bambu2mqtt
