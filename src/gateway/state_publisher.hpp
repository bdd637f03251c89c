// The retained topics of one printer: states, attributes and availability of its entities.
#pragma once

#include "gateway/optimistic_states.hpp"
#include "gateway/stale_topics.hpp"
#include <bambu2mqtt/command/response_queue.hpp>
#include <bambu2mqtt/gateway/connection.hpp>
#include <bambu2mqtt/gateway/outbox.hpp>
#include <bambu2mqtt/gateway/session_settings.hpp>
#include <bambu2mqtt/state/printer.hpp>
#include <bambu2mqtt/topic/topics.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace bambu2mqtt {

/// Determines the payloads of these topics; its outbox holds those that still have to be published. Nothing
/// is kept while there is no broker session: all entities are published when one begins. Pure.
class StatePublisher {
  public:
    /// The settings, the printer and the connection have to outlive it.
    StatePublisher(const SessionSettings& settings, const Printer& printer, const Connection& connection);

    /// A broker session begins, which delivered these retained messages of the printer. Publishes everything.
    /// Returns the messages that are not states: announcements.
    [[nodiscard]] std::vector<Message> broker_up(std::vector<Message> found);

    /// Drops former ids below which the broker has nothing any more; whether there were any.
    bool drop_empty_former_ids() { return stale_topics_.drop_empty_former_ids(); }

    /// Nothing can be sent until the next broker_up().
    void broker_down() noexcept { broker_up_ = false; }

    [[nodiscard]] bool is_broker_up() const noexcept { return broker_up_; }

    /// All topics of the printer that are on the broker, with empty payloads.
    [[nodiscard]] std::vector<Message> published() const;

    /// Publishes the entity with this index of the printer's layout.
    void publish(std::size_t index);

    /// Publishes all entities and the availability.
    void publish_all();

    /// Publishes whether the printer, its units and its controls are available.
    void publish_availability();

    /// Publishes which of the controls work that depend on the state of the job.
    void publish_controls();

    /// A command requests a value for a control; it is shown once the printer has acknowledged it.
    void expect_value(const std::string& entity, Value value, Ticket command, Instant now);

    /// Publishes the requested values of commands that are acknowledged, each until finish_control() or
    /// OptimisticStates::timeout.
    void show_acknowledged(const std::function<bool(Ticket)>& is_acknowledged, Instant now);

    /// A command has ended. For a control the printer's value is published again, even where it has not
    /// changed; where a newer command shows its value, that one.
    void finish_control(const CommandResponse& response);

    /// A retained topic below the printer's that no entity has: B/P/TOPIC. An empty payload takes it back.
    void publish_own(const std::string& topic, std::string payload);

    /// Requests a cleanup: entities were removed, or a broker session began.
    void request_cleanup() noexcept { stale_topics_.request_cleanup(); }

    /// Clears retained topics of entities that the printer does not have, if a cleanup is requested and a
    /// broker session is up. `whole`: all entities of the printer are known. Returns whether the cleanup was
    /// done.
    bool remove_stale_topics(bool whole);

    /// Sends all states once more, at `earliest` or later.
    void repeat_all(Instant earliest);

    /// Ends optimistic states whose time is over.
    void tick(Instant now);

    /// When tick() is due.
    [[nodiscard]] std::optional<Instant> deadline() const { return optimistic_.deadline(); }

    /// The gateway stops: availability goes to offline, and no other state is sent any more.
    void shutdown();

    /// Former ids of the printer below which something may be left on the broker; kept over restarts.
    [[nodiscard]] const std::vector<std::string>& former_ids() const noexcept {
        return stale_topics_.former_ids();
    }

    [[nodiscard]] Outbox& outbox() noexcept { return outbox_; }

    [[nodiscard]] const Outbox& outbox() const noexcept { return outbox_; }

  private:
    void end_optimistic(const std::string& entity);
    [[nodiscard]] std::chrono::milliseconds hold_of(std::size_t index, const std::string& topic) const;
    [[nodiscard]] std::unordered_set<std::string> topics_of_layout() const;

    const SessionSettings& settings_;
    const Printer& printer_;
    const Connection& connection_;
    PrinterTopics topics_;
    Outbox outbox_;
    StaleTopics stale_topics_;
    OptimisticStates optimistic_;            ///< by entity
    std::map<std::string, std::string> own_; ///< payloads of publish_own(), by whole topic
    bool broker_up_ = false;
};

} // namespace bambu2mqtt
