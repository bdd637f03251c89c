#include "cli/log_tap.hpp"

#include <bambu2mqtt/base/text_util.hpp>

#include <spdlog/details/log_msg.h>

#include <chrono>
#include <utility>

namespace bambu2mqtt {

LogTap::LogTap() {
    set_level(spdlog::level::warn);
}

void LogTap::log(const spdlog::details::log_msg& message) {
    LogWritten line{.time = std::chrono::floor<std::chrono::seconds>(message.time),
                    .level = message.level == spdlog::level::warn ? Level::warning : Level::error,
                    .text = printable({message.payload.data(), message.payload.size()}, longest_text)};
    const MutexLock lock(mutex_);
    if (waiting_.size() >= most_waiting) {
        ++waiting_.back().lost;
        return;
    }
    waiting_.push_back(std::move(line));
    if (waiting_.size() == 1 && wake_) {
        wake_();
    }
}

void LogTap::listen(std::function<void()> wake) {
    const MutexLock lock(mutex_);
    wake_ = std::move(wake);
    if (!waiting_.empty() && wake_) {
        wake_();
    }
}

std::vector<LogWritten> LogTap::take() {
    const MutexLock lock(mutex_);
    return std::exchange(waiting_, {});
}

} // namespace bambu2mqtt
