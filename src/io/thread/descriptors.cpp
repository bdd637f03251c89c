#include "io/thread/descriptors.hpp"

#include <fmt/format.h>

#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace bambu2mqtt {

bool out_of_descriptors() {
    std::array<int, 4> tried{-1, -1, -1, -1};
    bool out = false;
    for (int& descriptor : tried) {
        descriptor = eventfd(0, EFD_CLOEXEC);
        out = out || (descriptor < 0 && (errno == EMFILE || errno == ENFILE));
    }
    for (const int descriptor : tried) {
        if (descriptor >= 0) {
            close(descriptor);
        }
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
        "ulimit -n); what failed for that: {}",
        known ? limit.rlim_cur : 0, detail);
}

} // namespace bambu2mqtt
