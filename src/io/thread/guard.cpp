#include <bambu2mqtt/io/thread/guard.hpp>

#include <spdlog/spdlog.h>

namespace bambu2mqtt {

void log_escaped(std::string_view what, std::string_view reason) noexcept {
    try {
        spdlog::error("{}: internal error: {}", what, reason);
    } catch (...) { // NOLINT(bugprone-empty-catch): there is nobody left to tell
    }
}

} // namespace bambu2mqtt
