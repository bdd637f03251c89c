// The metrics of the running gateway, served over HTTP.
#pragma once

#include "cli/metrics_exchange.hpp"
#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/gateway/bridge.hpp>
#include <bambu2mqtt/io/http/http_server.hpp>

#include <functional>
#include <memory>

namespace bambu2mqtt {

/// Without `metrics.listen` it does nothing and has no thread.
class MetricsService {
  public:
    /// `wake_core` as in MetricsExchange.
    explicit MetricsService(std::function<void()> wake_core) : exchange_(std::move(wake_core)) {}

    /// Starts to listen, if configured. Fails with a text that names the key.
    [[nodiscard]] expected<void, Error> start(const MetricsConfig& config);

    /// Listens where this says from now on, if that differs. Fails as start() does, and then listens where it
    /// did before.
    [[nodiscard]] expected<void, Error> restart(const MetricsConfig& config);

    /// Core thread: provides the metrics if a client waits for them.
    void serve(const Bridge& bridge, Now now);

  private:
    [[nodiscard]] bool ready(const Bridge& bridge);

    MetricsExchange exchange_;
    MetricsConfig config_;               ///< of the server
    bool announced_ = false;             ///< all discovery messages were sent once
    std::unique_ptr<HttpServer> server_; ///< ends first
};

} // namespace bambu2mqtt
