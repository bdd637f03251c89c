// The features of the gateway, and the workers that carry their work out.
#pragma once

#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/gateway/session_feature.hpp>
#include <bambu2mqtt/io/thread/event_queue.hpp>
#include <bambu2mqtt/io/thread/services.hpp>
#include <bambu2mqtt/port/feature_worker.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace bambu2mqtt {

/// What every session carries: one entry per feature.
[[nodiscard]] std::vector<FeatureEntry> session_features();

/// What the worker of a feature is constructed from. All references must outlive it.
struct WorkerSetup {
    std::size_t index = 0; ///< target of its events
    const PrinterConfig& printer;
    const Config& config;
    EventQueue& events;
    LinkServices& services;
};

/// The workers of all printers and features.
class FeatureWorkers {
  public:
    /// All references outlive it.
    FeatureWorkers(const Config& config, EventQueue& events, LinkServices& services);

    void start(const StartWork& work);
    void cancel(const CancelWork& work);

  private:
    /// By the printer's place in the configuration and the feature's name.
    std::map<std::pair<std::size_t, std::string_view>, std::unique_ptr<FeatureWorker>> workers_;
};

} // namespace bambu2mqtt
