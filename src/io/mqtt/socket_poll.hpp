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

/// One epoll instance with the sockets of the last call. A descriptor is in it only between opened() and
/// closes(): Paho polls a copy of its list, in which another thread may have closed a descriptor, whose
/// number may be that of a file meanwhile.
class PolledSockets {
  public:
    enum class Report : std::uint8_t {
        level,        ///< what holds now
        writable_once ///< a socket that was writable stays so until opened(): see SocketPoll
    };

    explicit PolledSockets(Report report);

    /// Like poll(), for one thread. `sockets` have equal `events` and no descriptor twice; of one that is not
    /// open nothing is reported. Negative: not possible for them, nothing was changed.
    [[nodiscard]] int poll(std::span<pollfd> sockets, int milliseconds);

    /// From any thread: after the descriptor began to connect.
    void opened(int descriptor);

    /// From any thread: before the descriptor is closed.
    void closes(int descriptor);

  private:
    [[nodiscard]] bool same(std::span<const pollfd> sockets) const REQUIRES(mutex_);
    [[nodiscard]] bool follow(std::span<const pollfd> sockets) REQUIRES(mutex_);
    [[nodiscard]] bool add(int descriptor, short events) REQUIRES(mutex_);
    void remove(int descriptor) REQUIRES(mutex_);
    [[nodiscard]] bool is_open(std::size_t index) const REQUIRES(mutex_);

    const Report report_;
    Mutex mutex_;
    UniqueFd epoll_ GUARDED_BY(mutex_); ///< replaced by the polling thread alone
    std::vector<pollfd>
        sockets_ GUARDED_BY(mutex_); ///< of the last call; writable_once: revents are kept here
    std::vector<std::uint32_t> places_ GUARDED_BY(mutex_); ///< by descriptor: its place in sockets_, or none
    std::vector<bool> open_ GUARDED_BY(mutex_);            ///< by descriptor
    bool changed_ GUARDED_BY(mutex_) = false; ///< a socket was opened or closed since the last call
};

/// For one polling thread.
class SocketPoll {
  public:
    /// Like poll() for sockets that are all polled for reading or all for POLLOUT. Negative: ask poll()
    /// instead. A question for POLLOUT, which does not wait, may be answered with "writable" for a socket
    /// that no longer is: Paho only asks so whether a connection is complete, and whether to try to continue
    /// a write.
    [[nodiscard]] int poll(std::span<pollfd> sockets, int milliseconds);

    /// From any thread, after connect().
    void opened(int descriptor);

    /// From any thread, before close().
    void closes(int descriptor);

  private:
    PolledSockets readable_{PolledSockets::Report::level};
    PolledSockets writable_{PolledSockets::Report::writable_once};
};

} // namespace bambu2mqtt
