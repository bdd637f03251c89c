// Hands the metrics from the core thread, which owns the state, to the HTTP server.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/io/http/http_server.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// What the core thread provides.
struct MetricsPage {
    std::string text{};
    bool ready = false; ///< broker up, and all discovery messages were sent once
};

/// The core makes a page when one is requested, at most once a second: clients cannot cost it more.
class MetricsExchange {
  public:
    /// `wake_core` makes the core thread call take_request() soon; called on other threads.
    explicit MetricsExchange(std::function<void()> wake_core) : wake_core_(std::move(wake_core)) {}

    /// HTTP: /metrics; /livez is 200 while the core responds, /readyz while the page is also `ready`, 503
    /// otherwise; 404 for the rest. Waits for the core, two seconds at most.
    [[nodiscard]] HttpAnswer answer(std::string_view path);

    /// Core thread: whether provide() has to be called.
    [[nodiscard]] bool take_request() noexcept { return requested_.exchange(false); }

    /// Core thread.
    void provide(MetricsPage page);

  private:
    [[nodiscard]] std::optional<MetricsPage> page();

    std::function<void()> wake_core_;
    std::atomic<bool> requested_ = false;
    Mutex mutex_;
    ConditionVariable provided_;
    std::optional<MetricsPage> page_ GUARDED_BY(mutex_);
    Instant page_at_ GUARDED_BY(mutex_){};
};

} // namespace bambu2mqtt
