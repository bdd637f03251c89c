// Passes warnings and errors of the log on to the core thread, for bridge/log.
#pragma once

#include <bambu2mqtt/io/thread/mutex.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <spdlog/sinks/sink.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// A destination of log lines. Any thread may log; memory is bounded while nobody takes the lines.
class LogTap final : public spdlog::sinks::sink {
  public:
    static constexpr std::size_t most_waiting = 50;
    static constexpr std::size_t longest_text = 1024; ///< bytes; longer lines are cut off

    LogTap();

    void log(const spdlog::details::log_msg& message) override;

    void flush() override {}

    void set_pattern(const std::string& /*pattern*/) override {}

    void set_formatter(std::unique_ptr<spdlog::formatter> /*formatter*/) override {}

    /// `wake` is called when take() gives something again, on the thread that logs; it must not log. Empty:
    /// nothing is called any more.
    void listen(std::function<void()> wake);

    /// The lines since the last call, in order.
    [[nodiscard]] std::vector<LogWritten> take();

  private:
    Mutex mutex_;
    std::function<void()> wake_ GUARDED_BY(mutex_);
    std::vector<LogWritten> waiting_ GUARDED_BY(mutex_);
};

} // namespace bambu2mqtt
