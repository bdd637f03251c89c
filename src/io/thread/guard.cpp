#include <bambu2mqtt/io/thread/guard.hpp>

#include <spdlog/spdlog.h>

namespace bambu2mqtt {

void log_escaped(std::string_view what, std::string_view reason) noexcept {
    try {
        spdlog::error("{}: internal error: {}", what, reason);
    } catch (...) { // NOLINT(bugprone-empty-catch): the logger itself failed
    }
}

} // namespace bambu2mqtt
