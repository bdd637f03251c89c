// poll() over many sockets that rarely change, without handing all of them to the kernel each time. Paho
// polls the sockets of all its connections twice for nearly every packet; with a thousand of them that is
// most of its processor time. With Debian's static archive of Paho the linker redirects its calls of poll()
// to socket_poll.cpp (CMake option BAMBU2MQTT_PACKET_LIMIT), which answers them from two epoll instances.
#pragma once

#include <bambu2mqtt/base/unique_fd.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bambu2mqtt {

/// One epoll instance with the sockets of the last call.
class PolledSockets {
  public:
    enum class Report : std::uint8_t {
        level,        ///< what holds now
        writable_once ///< a socket that was writable stays so until changed(): see SocketPoll
    };

    explicit PolledSockets(Report report);

    /// Like poll(). `sockets` have equal `events` and no descriptor twice. Negative: not possible for them,
    /// nothing was changed.
    [[nodiscard]] int poll(std::span<pollfd> sockets, int milliseconds);

    /// From any thread: the descriptor may now be another socket, or in another state of its connection.
    void changed(int descriptor);

  private:
    [[nodiscard]] bool same(std::span<const pollfd> sockets) const;
    [[nodiscard]] bool follow(std::span<const pollfd> sockets);
    [[nodiscard]] bool add(int descriptor, short events);
    void remove(int descriptor);
    [[nodiscard]] bool forget_changed();

    const Report report_;
    UniqueFd epoll_;
    std::vector<pollfd> sockets_;       ///< of the last call; writable_once: revents are kept here
    std::vector<std::uint32_t> places_; ///< by descriptor: its place in sockets_, or none

    Mutex mutex_;
    std::vector<bool> changed_ GUARDED_BY(mutex_); ///< by descriptor, since the last call
    bool any_changed_ GUARDED_BY(mutex_) = false;
};

/// For one polling thread.
class SocketPoll {
  public:
    /// Like poll() for sockets that are all polled for reading or all for POLLOUT. Negative: ask poll()
    /// instead. A question for POLLOUT, which does not wait, may be answered with "writable" for a socket
    /// that no longer is: Paho only asks so whether a connection is complete, and whether to try to continue
    /// a write.
    [[nodiscard]] int poll(std::span<pollfd> sockets, int milliseconds);

    /// From any thread, after connect() and close().
    void changed(int descriptor);

  private:
    PolledSockets readable_{PolledSockets::Report::level};
    PolledSockets writable_{PolledSockets::Report::writable_once};
};

} // namespace bambu2mqtt
