// The running gateway: owns all parts, runs the core loop, executes the effects of the core.
#pragma once

#include "cli/features.hpp"
#include "cli/local_service.hpp"
#include "cli/log_tap.hpp"
#include "cli/metrics_service.hpp"
#include "cli/own_topics.hpp"
#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/gateway/bridge.hpp>
#include <bambu2mqtt/gateway/effect_runner.hpp>
#include <bambu2mqtt/homeassistant/templates.hpp>
#include <bambu2mqtt/io/disk/instance_files.hpp>
#include <bambu2mqtt/io/disk/state_files.hpp>
#include <bambu2mqtt/io/mqtt/broker_link.hpp>
#include <bambu2mqtt/io/mqtt/printer_link.hpp>
#include <bambu2mqtt/io/ssdp/ssdp_listener.hpp>
#include <bambu2mqtt/io/thread/event_queue.hpp>
#include <bambu2mqtt/io/thread/services.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace bambu2mqtt {

/// What a gateway uses in place of printers.
struct PrinterSource {
    /// The connection of a printer by its index; empty: to real printers.
    std::function<std::unique_ptr<PrinterPort>(std::size_t index, EventQueue& events)> port{};
    std::string no_work{};      ///< why features cannot work; empty: they can
    bool clears_topics = false; ///< stop() removes every retained message of this run from the broker
};

/// Parts are owned in the order of their dependencies; destruction in reverse is the shutdown. `config`,
/// `templates`, `instance_files` and `log_tap` must outlive it.
class Gateway {
  public:
    Gateway(const Config& config, const Templates& templates, const InstanceFiles& instance_files,
            LogTap& log_tap, PrinterSource source = {});
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;
    ~Gateway();

    /// Starts the core thread; returns immediately. Fails if metrics cannot be served, with a text for
    /// people.
    [[nodiscard]] expected<void, Error> start();

    /// Whether a session with the broker is open.
    [[nodiscard]] bool broker_up() const noexcept { return reported_broker_up_; }

    /// After stop(): whether all retained messages of this run are removed, where that was wanted.
    [[nodiscard]] bool topics_cleared() const noexcept { return own_topics_.empty(); }

    /// Publishes `offline`, closes all connections and ends the core thread; takes about a second at most,
    /// and up to ten where topics are cleared.
    void stop();

  private:
    void wake();
    void run();
    void turn(Effects& effects);
    void carry_out(const Effect& wanted);
    void undo(const Effect& failed);
    void post_messages(Effects& effects, Now now);
    [[nodiscard]] WellBeing well_being() const;
    void drain();

    const Config& config_;
    const PrinterSource source_;
    OwnTopics own_topics_; ///< used if the source wants topics cleared
    const InstanceFiles& instance_files_;
    LogTap& log_tap_;
    Instant started_at_;
    EventQueue events_;
    LinkServices services_;
    StateFiles state_files_;
    Bridge bridge_;
    BrokerLink broker_;
    std::vector<std::unique_ptr<PrinterPort>> printers_;
    FeatureWorkers workers_;
    SsdpListener announcements_;
    EffectRunner effects_;
    std::atomic<bool> stopping_ = false;
    std::atomic<bool> reported_broker_up_ = false;
    std::string reported_broker_problem_;
    Instant wake_at_{}; ///< when the next turn begins if nothing happens
    MetricsService metrics_;
    LocalService local_service_;
    std::thread core_;
};

} // namespace bambu2mqtt
