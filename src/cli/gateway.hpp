// The running gateway: owns all parts, runs the core loop, executes the effects of the core.
#pragma once

#include "cli/local_service.hpp"
#include "cli/log_tap.hpp"
#include "cli/metrics_service.hpp"
#include "cli/own_topics.hpp"
#include "cli/printer_edges.hpp"
#include "cli/printer_requests.hpp"
#include "cli/reload.hpp"
#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/gateway/bridge.hpp>
#include <bambu2mqtt/gateway/effect_runner.hpp>
#include <bambu2mqtt/homeassistant/templates.hpp>
#include <bambu2mqtt/io/disk/instance_files.hpp>
#include <bambu2mqtt/io/disk/state_files.hpp>
#include <bambu2mqtt/io/mqtt/broker_link.hpp>
#include <bambu2mqtt/io/thread/event_queue.hpp>
#include <bambu2mqtt/io/thread/services.hpp>

#include <atomic>
#include <string>
#include <thread>

namespace bambu2mqtt {

/// Parts are owned in the order of their dependencies; destruction in reverse is the shutdown. `templates`,
/// `instance_files` and `log_tap` must outlive it.
class Gateway {
  public:
    Gateway(Config config, const Templates& templates, const InstanceFiles& instance_files, LogTap& log_tap,
            PrinterSource source = {});
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

    /// Reads the configuration file again, on the thread that called start(), after what requests have asked
    /// for. With problems nothing
    /// changes, and all of them are logged; so does an address for metrics that cannot be had. Otherwise the
    /// core thread applies it soon: printers are added, removed and changed, and only those whose connection
    /// is concerned connect again; keys that need a restart are named in the log.
    void reload(const ConfigSource& read);

    /// Publishes `offline`, closes all connections and ends the core thread; takes about a second at most,
    /// and up to ten where topics are cleared.
    void stop();

  private:
    void wake();
    void run();
    void turn(Effects& effects);
    void take_reloads(Now now, Effects& effects);
    [[nodiscard]] ReloadResult apply(ReadConfig read, Now now, Effects& effects);
    void carry_out(const Effect& wanted);
    void undo(const Effect& failed);
    void post_messages(Effects& effects, Now now);
    [[nodiscard]] WellBeing well_being() const;
    void drain();

    Config config_; ///< of the core thread while it runs
    const PrinterSource source_;
    OwnTopics own_topics_; ///< used if the source wants topics cleared
    const InstanceFiles& instance_files_;
    LogTap& log_tap_;
    Instant started_at_;
    EventQueue events_;
    LinkServices services_;
    StateFiles state_files_;
    PrinterEdges edges_;
    Bridge bridge_;
    BrokerLink broker_;
    EffectRunner effects_;
    std::atomic<bool> stopping_ = false;
    std::atomic<bool> reported_broker_up_ = false;
    std::string reported_broker_problem_;
    Instant wake_at_{}; ///< when the next turn begins if nothing happens
    MetricsService metrics_;
    LocalService local_service_;
    ReloadInbox reloads_;
    std::thread core_;
};

} // namespace bambu2mqtt
