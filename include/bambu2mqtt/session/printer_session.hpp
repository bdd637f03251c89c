// One printer: its connection, its state, and what stands about it on the broker. The only place where these
// meet.
#pragma once

#include <bambu2mqtt/announce/discovery.hpp>
#include <bambu2mqtt/announce/outbox.hpp>
#include <bambu2mqtt/announce/templates.hpp>
#include <bambu2mqtt/session/announcer.hpp>
#include <bambu2mqtt/session/connection.hpp>
#include <bambu2mqtt/session/effects.hpp>
#include <bambu2mqtt/session/printer.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace bambu2mqtt {

/// What a session has to know of the configuration.
struct SessionSettings {
    std::size_t index = 0; ///< the printer's place in the configuration, target of its events
    PrinterNames names{};
    std::optional<Model> model{};
    double usage_hours = 0;
    bool announce = true; ///< home_assistant.enabled
    DiscoverySettings discovery{};
    unsigned seed = 1; ///< spreads retries and announcements of many printers
};

/// A pure state machine: events and time in, effects out; messages are pulled with next().
class PrinterSession {
  public:
    /// `saved`: what an earlier run remembered (see save()); null or strange content is as if there were
    /// none.
    PrinterSession(SessionSettings settings, const Templates& templates, const Json& saved);

    void start(Now now, Effects& effects);
    void handle(const PrinterUp& event, Now now, Effects& effects);
    void handle(const PrinterDown& event, Now now, Effects& effects);
    void handle(const ReportArrived& event, ReportParser& parser, Now now, Effects& effects);
    void handle(const ReportsLost& event, Now now, Effects& effects);

    /// The broker session begins anew; `found` are the retained messages of ours that were seen on it.
    void broker_up(std::vector<Message> found);

    /// The broker session ended: nothing can be sent until the next broker_up().
    void broker_down() noexcept { broker_up_ = false; }

    /// Home Assistant has started: everything is announced again, a moment later.
    void home_assistant_up(Now now);

    void tick(Now now, Effects& effects);

    /// When tick() is due.
    [[nodiscard]] Instant deadline() const;

    /// The next message for the broker, and when there may be one.
    [[nodiscard]] std::optional<Message> next(Now now);
    [[nodiscard]] std::optional<Instant> next_due() const;

    /// The gateway stops: availability goes to offline.
    void say_goodbye();

    /// What is to be kept over restarts.
    [[nodiscard]] std::string save() const;

    [[nodiscard]] const Printer& printer() const noexcept { return printer_; }

    [[nodiscard]] const Connection& connection() const noexcept { return connection_; }

    [[nodiscard]] const std::string& id() const noexcept { return settings_.names.id; }

  private:
    void perform(const Asks& asks, Effects& effects);
    void apply(const Update& update, Now now);
    void publish(std::size_t index);
    void publish_all();
    void publish_presence();
    void show_connection(Now now, Effects& effects);
    void keep(Now now, Effects& effects);
    void save_by(Instant moment);
    void follow_job(Now now);
    void note(Effects& effects, Level level, std::string text) const;
    void settle(Now now);
    [[nodiscard]] bool whole(Now now) const;
    [[nodiscard]] std::unordered_set<std::string> topics_of_layout() const;
    [[nodiscard]] Family family() const;

    SessionSettings settings_;
    PrinterTopics topics_;
    Printer printer_;
    Connection connection_;
    Announcer announcer_;
    Outbox outbox_;
    ConnectionState shown_state_ = ConnectionState::connecting;
    std::string shown_error_;
    bool outage_noted_ = false;
    bool broker_up_ = false;
    std::unordered_set<std::string>
        found_states_; ///< retained topics of earlier runs, until something newer is known
    bool unsettled_ =
        true; ///< leftovers of earlier runs, and of what the printer no longer has, are not yet cleared
    std::size_t sequence_ = 0;
    Instant last_minute_{};
    std::string saved_;
    std::optional<Instant> save_at_;
    std::optional<bool> job_was_active_;
};

} // namespace bambu2mqtt
