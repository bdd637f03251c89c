#include "io/mqtt/socket_poll.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace bambu2mqtt {

namespace {

/// Sockets that one call of epoll_wait() returns; those left over are returned first by the next.
constexpr std::size_t most_ready = 128;

constexpr std::uint32_t no_place = UINT32_MAX;

// So that flags need no conversion.
static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLERR == POLLERR && EPOLLHUP == POLLHUP);

} // namespace

PolledSockets::PolledSockets(Report report) : report_(report), epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

void PolledSockets::opened(int descriptor) {
    if (descriptor < 0) {
        return;
    }
    const MutexLock lock(mutex_);
    remove(descriptor); // so that follow() adds it as what it is now
    const auto index = static_cast<std::size_t>(descriptor);
    if (open_.size() <= index) {
        open_.resize(index + 1);
    }
    open_[index] = true;
    changed_ = true;
}

void PolledSockets::closes(int descriptor) {
    const auto index = static_cast<std::size_t>(descriptor);
    const MutexLock lock(mutex_);
    if (descriptor >= 0 && is_open(index)) {
        remove(descriptor);
        open_[index] = false;
        changed_ = true;
    }
}

bool PolledSockets::is_open(std::size_t index) const {
    return index < open_.size() && open_[index];
}

bool PolledSockets::same(std::span<const pollfd> sockets) const {
    return std::ranges::equal(sockets, sockets_, {}, &pollfd::fd, &pollfd::fd);
}

bool PolledSockets::add(int descriptor, short events) {
    epoll_event wanted{};
    wanted.events = static_cast<std::uint32_t>(events & (POLLIN | POLLOUT)) |
                    (report_ == Report::writable_once ? std::uint32_t{EPOLLET} : 0U);
    wanted.data.fd = descriptor;
    return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &wanted) == 0;
}

void PolledSockets::remove(int descriptor) {
    const auto index = static_cast<std::size_t>(descriptor);
    if (index < places_.size() && places_[index] != no_place) {
        sockets_[places_[index]].revents = 0;
        places_[index] = no_place;
        epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
    }
}

/// Makes sockets_ these sockets; false if one of them cannot be watched.
bool PolledSockets::follow(std::span<const pollfd> sockets) {
    const auto before = std::exchange(sockets_, {sockets.begin(), sockets.end()});
    auto places = std::exchange(places_, {});
    const auto place_before = [&](std::size_t index) {
        return index < places.size() ? places[index] : no_place;
    };
    bool all = true;
    for (std::size_t place = 0; place < sockets_.size(); ++place) {
        auto& socket = sockets_[place];
        socket.revents = 0;
        const auto index = static_cast<std::size_t>(socket.fd);
        if (socket.fd < 0 || !is_open(index)) {
            all = all && socket.fd >= 0;
            continue;
        }
        if (const auto earlier = place_before(index); earlier != no_place) {
            socket.revents = before[earlier].revents;
            places[index] = no_place;
        } else if (!add(socket.fd, socket.events)) {
            all = false;
            continue;
        }
        if (places_.size() <= index) {
            places_.resize(index + 1, no_place);
        }
        places_[index] = static_cast<std::uint32_t>(place);
    }
    for (std::size_t index = 0; index < places.size(); ++index) {
        if (places[index] != no_place) {
            epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, static_cast<int>(index), nullptr);
        }
    }
    return all;
}

int PolledSockets::poll(std::span<pollfd> sockets, int milliseconds) {
    int epoll = -1;
    UniqueFd unused; // closed without the lock: closing a descriptor calls closes()
    {
        const MutexLock lock(mutex_);
        if (epoll_.get() < 0) {
            return -1;
        }
        const bool changed = std::exchange(changed_, false);
        if ((changed || !same(sockets)) && !follow(sockets)) {
            sockets_.clear(); // the next call tries again
            places_.assign(places_.size(), no_place);
            unused = std::exchange(epoll_, UniqueFd(epoll_create1(EPOLL_CLOEXEC)));
            return -1;
        }
        epoll = epoll_.get();
    }
    std::array<epoll_event, most_ready> ready; // NOLINT(cppcoreguidelines-pro-type-member-init)
    const int count = epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()), milliseconds);
    if (count < 0) {
        return -1;
    }
    const MutexLock lock(mutex_);
    const bool keep = report_ == Report::writable_once;
    for (std::size_t place = 0; place < sockets.size(); ++place) {
        sockets[place].revents = keep ? sockets_[place].revents : short{0};
    }
    int reported = 0;
    for (const auto& event : std::span(ready).first(static_cast<std::size_t>(count))) {
        const auto place = places_[static_cast<std::size_t>(event.data.fd)];
        if (place == no_place) {
            continue; // closed meanwhile
        }
        ++reported;
        const auto flags = static_cast<short>(event.events & (POLLIN | POLLOUT | POLLERR | POLLHUP));
        sockets[place].revents = static_cast<short>(sockets[place].revents | flags);
        if (keep) {
            sockets_[place].revents = sockets[place].revents;
        }
    }
    return keep ? static_cast<int>(std::ranges::count_if(sockets, &pollfd::revents)) : reported;
}

int SocketPoll::poll(std::span<pollfd> sockets, int milliseconds) {
    auto& polled = sockets.front().events == POLLOUT ? writable_ : readable_;
    return polled.poll(sockets, milliseconds);
}

void SocketPoll::opened(int descriptor) {
    readable_.opened(descriptor);
    writable_.opened(descriptor);
}

void SocketPoll::closes(int descriptor) {
    readable_.closes(descriptor);
    writable_.closes(descriptor);
}

} // namespace bambu2mqtt
