#include <bambu2mqtt/base/unique_fd.hpp>

#include <unistd.h>

#include <cerrno>

namespace bambu2mqtt {

void UniqueFd::reset(int descriptor) noexcept {
    const int old = std::exchange(descriptor_, descriptor);
    if (old >= 0) {
        const int problem = errno;
        ::close(old);
        errno = problem;
    }
}

} // namespace bambu2mqtt
