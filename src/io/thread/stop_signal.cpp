#include <bambu2mqtt/io/thread/stop_signal.hpp>

#include <sys/socket.h>
#include <unistd.h>

namespace bambu2mqtt {

void StopSignal::raise(Stop to) {
    const MutexLock lock(mutex_);
    if (to <= raised_) {
        return;
    }
    raised_ = to;
    for (const int descriptor : sockets_) {
        shutdown(descriptor, SHUT_RDWR);
    }
}

Stop StopSignal::raised() const {
    const MutexLock lock(mutex_);
    return raised_;
}

int StopSignal::open_socket(int domain, int type, int protocol) {
    const MutexLock lock(mutex_);
    if (raised_ == Stop::now) {
        return -1;
    }
    const int descriptor = socket(domain, type | SOCK_CLOEXEC, protocol);
    if (descriptor >= 0) {
        sockets_.insert(descriptor);
        newest_ = descriptor;
    }
    return descriptor;
}

int StopSignal::close_socket(int descriptor) {
    const MutexLock lock(mutex_);
    sockets_.erase(descriptor);
    if (newest_ == descriptor) {
        newest_ = -1;
    }
    return close(descriptor);
}

int StopSignal::newest_socket() const {
    const MutexLock lock(mutex_);
    return newest_;
}

void StopSignal::deafen_sockets() {
    const MutexLock lock(mutex_);
    for (const int descriptor : sockets_) {
        shutdown(descriptor, SHUT_RD);
    }
}

} // namespace bambu2mqtt
