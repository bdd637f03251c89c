#include "io/thread/descriptors.hpp"

#include <bambu2mqtt/base/unique_fd.hpp>

#include <fmt/format.h>

#include <sys/eventfd.h>
#include <sys/resource.h>

#include <array>
#include <cerrno>

namespace bambu2mqtt {

bool out_of_descriptors() {
    std::array<UniqueFd, 4> tried;
    bool out = false;
    for (auto& descriptor : tried) {
        descriptor.reset(eventfd(0, EFD_CLOEXEC));
        out = out || (!descriptor.valid() && (errno == EMFILE || errno == ENFILE));
    }
    return out;
}

std::string with_true_reason(std::string detail) {
    if (!out_of_descriptors()) {
        return detail;
    }
    rlimit limit{};
    const bool known = getrlimit(RLIMIT_NOFILE, &limit) == 0;
    return fmt::format(
        "this gateway has no file descriptors left (at most {} may be open: raise LimitNOFILE or "
        "ulimit -n); it failed at: {}",
        known ? limit.rlim_cur : 0, detail);
}

} // namespace bambu2mqtt
