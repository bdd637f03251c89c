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
#include <vector>

namespace bambu2mqtt {

/// What every session carries: one entry per feature.
[[nodiscard]] std::vector<FeatureEntry> session_features();

/// What the worker of a feature is constructed from. All references must outlive it.
struct WorkerSetup {
    std::size_t index = 0; ///< target of its events
    const PrinterConfig& printer;
    const FilesConfig& files;
    EventQueue& events;
    LinkServices& services;
};

/// The workers of all features for one printer.
class FeatureWorkers {
  public:
    explicit FeatureWorkers(const WorkerSetup& setup);

    void start(const StartWork& work);

    /// Cancels the work of this feature; empty: of all.
    void cancel(std::string_view feature);

    /// A WorkDone event of theirs was handled.
    void ended() noexcept { running_ -= running_ > 0 ? 1 : 0; }

    /// Whether a WorkDone event is still to come.
    [[nodiscard]] bool busy() const noexcept { return running_ > 0; }

  private:
    std::map<std::string_view, std::unique_ptr<FeatureWorker>> workers_; ///< by the feature's name
    std::size_t running_ = 0;
};

} // namespace bambu2mqtt
