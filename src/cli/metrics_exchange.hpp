// Hands the metrics from the core thread, which owns the state, to the HTTP server.
#pragma once

#include "cli/core_exchange.hpp"
#include <bambu2mqtt/io/http/http_server.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace bambu2mqtt {

/// What the core thread provides.
struct MetricsPage {
    std::string text{};
    bool ready = false; ///< broker up, and all discovery messages were sent once
};

class MetricsExchange {
  public:
    /// `wake_core` as in CoreExchange.
    explicit MetricsExchange(std::function<void()> wake_core) : pages_(std::move(wake_core)) {}

    /// HTTP: /metrics; /livez is 200 while the core responds, /readyz while the page is also `ready`, 503
    /// otherwise; 404 for the rest. Waits for the core, two seconds at most.
    [[nodiscard]] HttpAnswer answer(std::string_view path);

    /// Core thread: whether provide() has to be called.
    [[nodiscard]] bool take_request() noexcept { return pages_.take_request(); }

    /// Core thread.
    void provide(MetricsPage page) { pages_.provide(std::move(page)); }

  private:
    CoreExchange<MetricsPage> pages_;
};

} // namespace bambu2mqtt
