#include <bambu2mqtt/io/thread/wake_up.hpp>

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace bambu2mqtt {

WakeUp::WakeUp() : descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (!descriptor_.valid()) {
        throw std::system_error(errno, std::generic_category(), "eventfd");
    }
}

void WakeUp::notify() const noexcept {
    const std::uint64_t one = 1;
    // Fails only if the counter is full, and then the thread is awake anyway.
    [[maybe_unused]] const auto written = write(descriptor_.get(), &one, sizeof one);
}

void WakeUp::empty() const noexcept {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto emptied = read(descriptor_.get(), &count, sizeof count);
}

} // namespace bambu2mqtt
