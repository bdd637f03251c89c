// What one printer publishes on the user's broker, and in which order: events, responses, announcements,
// states.
#pragma once

#include "gateway/changed_entities.hpp"
#include "gateway/printer_event_queue.hpp"
#include "gateway/state_publisher.hpp"
#include "gateway/transient_messages.hpp"
#include <bambu2mqtt/command/response_queue.hpp>
#include <bambu2mqtt/gateway/session_settings.hpp>
#include <bambu2mqtt/homeassistant/discovery_publisher.hpp>
#include <bambu2mqtt/homeassistant/templates.hpp>
#include <bambu2mqtt/topic/topics.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bambu2mqtt {

/// A message for the broker.
struct Outgoing {
    Message message{};
    std::optional<std::uint64_t> event{}; ///< number of its event; nothing for other messages
};

/// Messages are pulled with next(), one by one as the broker takes them. Pure.
class PrinterPublisher {
  public:
    /// All references have to outlive it.
    PrinterPublisher(const SessionSettings& settings, const Templates& templates, const Printer& printer,
                     const Connection& connection);

    /// A broker session begins, on which these retained messages of the printer were found. True when nothing
    /// is left below a former id, which has to be saved.
    bool broker_up(std::vector<Message> found);

    /// Home Assistant has started: everything is announced again, one to ten seconds later, as many gateways
    /// get the same birth message.
    void home_assistant_up(Instant now);

    /// The settings have other names, permissions or another language: everything is published that differs.
    void reconfigure();

    /// Topics of its discovery messages.
    [[nodiscard]] std::vector<std::string> announced() const { return announcer_.topics(); }

    /// Whether discovery messages still have to be sent.
    [[nodiscard]] bool announces() const noexcept { return announcer_.busy(); }

    /// Takes over what a failed session of the same printer has announced.
    void take_over(PrinterPublisher& former) { announcer_.take_over(former.announcer_); }

    /// Adds what changed, to be published by publish_changes().
    void add(const Update& update) { changed_.add(update); }

    /// Adds every entity.
    void add_all() noexcept { changed_.add_all(); }

    /// Publishes what was added, each entity once; if entities were added or removed, announcements first.
    /// `whole`: all entities of the printer are known, so that stale topics may be cleared. Has to be called
    /// before units are forgotten, because that changes the indices of entities. Returns whether entities
    /// were added or removed.
    bool publish_changes(bool whole);

    /// Entities were added or removed: updates the announcements.
    void layout_changed();

    /// Clears stale topics, if that is due and `whole`.
    void remove_stale_topics(bool whole);

    /// Publishes a response on the common topic and on the response topics of its senders. If one of these
    /// cannot be used, `note` on the common topic says why.
    void respond(const CommandResponse& response);

    /// One of the printer's own messages. Answers with an access code in them are not published.
    void publish_raw(const std::string& payload, const Update& update);

    /// A message that is not retained; dropped while there is no broker session.
    void enqueue(Message message);

    /// The same on B/P/TOPIC.
    void send(const std::string& topic, std::string payload) {
        enqueue(Message{topics_.root() + "/" + topic, std::move(payload)});
    }

    [[nodiscard]] StatePublisher& states() noexcept { return states_; }

    [[nodiscard]] const StatePublisher& states() const noexcept { return states_; }

    [[nodiscard]] PrinterEventQueue& events() noexcept { return events_; }

    [[nodiscard]] const PrinterEventQueue& events() const noexcept { return events_; }

    [[nodiscard]] TransientMessages& transient_messages() noexcept { return transient_messages_; }

    void tick(Instant now);

    /// When tick() is due.
    [[nodiscard]] std::optional<Instant> deadline() const;

    /// The next message, and when there may be one. `whole` as in publish_changes().
    [[nodiscard]] std::optional<Outgoing> next(Instant now, bool whole);
    [[nodiscard]] std::optional<Instant> next_due() const;

    /// The gateway stops: availability goes to offline, and no state is sent any more.
    void shutdown();

  private:
    [[nodiscard]] bool may_send_event() const;

    const SessionSettings& settings_;
    const Printer& printer_;
    PrinterTopics topics_;
    Announcer announcer_;
    StatePublisher states_;
    PrinterEventQueue events_;
    TransientMessages transient_messages_;
    ChangedEntities changed_; ///< by the current message
};

} // namespace bambu2mqtt
