// The sessions of all printers: which one an event or a command is for, when each is due, and their error
// boundary.
#pragma once

#include "gateway/bridge_publisher.hpp"
#include "gateway/broker_session.hpp"
#include "gateway/device_list.hpp"
#include "gateway/group_commands.hpp"
#include "gateway/session_fault.hpp"
#include <bambu2mqtt/gateway/bridge_health.hpp>
#include <bambu2mqtt/gateway/bridge_settings.hpp>
#include <bambu2mqtt/gateway/deadline_queue.hpp>
#include <bambu2mqtt/gateway/printer_session.hpp>
#include <bambu2mqtt/gateway/send_window.hpp>
#include <bambu2mqtt/homeassistant/templates.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/port/events.hpp>
#include <bambu2mqtt/topic/topics.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace bambu2mqtt {

/// An exception that escapes while a printer is handled affects only this printer's session: the event is
/// dropped, the fault is logged and counted, and the session is rebuilt from its saved state, immediately or,
/// if it also failed less than a minute ago, after a growing delay.
class PrinterSessions {
  public:
    /// The parts of the bridge that the sessions use; all outlive them.
    struct Parts {
        const BridgeSettings& settings;
        const Templates& templates;
        const BrokerSession& broker;
        BridgeHealth& health;
        BridgePublisher& publisher;
        DeviceList& devices;
        GroupCommands& groups;
    };

    /// `saved`: saved states of earlier runs, per printer in order; null if there is none.
    PrinterSessions(Parts parts, const std::vector<Json>& saved);
    PrinterSessions(const PrinterSessions&) = delete;
    PrinterSessions& operator=(const PrinterSessions&) = delete;
    ~PrinterSessions() = default;

    void start(Now now, Effects& effects);

    /// What ended sessions leave behind.
    struct Leavings {
        std::vector<Message> last{};          ///< to be sent once: outcomes of their commands
        std::vector<Message> announcements{}; ///< to be cleared: discovery messages, with empty payloads
        std::vector<Message> states{};        ///< to be cleared after them
    };

    /// The settings have changed while no broker session begins. Sessions of printers that are configured no
    /// longer end; new ones start; those with another generation are replaced, with a new connection; the
    /// others go on with what has changed. `saved`: see the constructor; only of new printers. `uncleared`:
    /// topics below ids of former printers that were not cleared yet: one of them may be used again.
    [[nodiscard]] Leavings reconfigure(const std::vector<Json>& saved, std::vector<Message> uncleared,
                                       Now now, Effects& effects);

    /// An event of a printer; those with an unknown target are ignored.
    void handle(const Event& event, Now now, Effects& effects);

    /// A message on this command topic: passed to its printer, if there is one.
    void handle(const BrokerMessage& message, const CommandTopic& topic, Now now, Effects& effects);

    /// The part of a group command for one printer; its outcome goes to the group commands.
    void handle(std::size_t index, const CommandRequest& command_request, Now now, Effects& effects);

    /// The broker session is open; `found` are the retained messages of each printer.
    void broker_up(std::vector<std::vector<Message>> found, Now now);

    /// Calls `step` on each session that is not broken.
    template <typename Step>
    void for_each(Now now, const Step& step) {
        for (std::size_t i = 0; i < slots_.size(); ++i) {
            guarded(i, now, step);
        }
    }

    /// Handles due deadlines, and rebuilds broken sessions.
    void tick(Now now, Effects& effects);

    /// When tick() is due.
    [[nodiscard]] std::optional<Instant> deadline() const { return moment(tick_deadlines_); }

    /// The next message of any printer: those that have one take turns, whatever kind it is. Describes its
    /// event in `sending`, if it is one.
    [[nodiscard]] std::optional<Message> next(Now now, Sending& sending);

    /// When next() may have a message.
    [[nodiscard]] std::optional<Instant> next_due() const { return moment(publish_deadlines_); }

    /// The broker has acknowledged this message, or it was dropped: an event need not be kept any longer.
    void delivered(const Sending& sending, Now now);

    /// The state of a printer to be saved for restarts.
    [[nodiscard]] std::string saved(std::size_t index) const;

    [[nodiscard]] const PrinterSession& at(std::size_t index) const { return *slots_[index].session; }

    /// Whether discovery messages of a printer still have to be sent.
    [[nodiscard]] bool announces() const;

    [[nodiscard]] std::vector<std::string> ids() const;

    /// Seconds since each printer was connected, by id; 0 while it is not.
    [[nodiscard]] std::vector<std::pair<std::string, std::int64_t>> connected_seconds(Instant now) const;

  private:
    struct Slot {
        std::unique_ptr<PrinterSession> session;
        SessionFault fault;
        std::optional<Instant> reported_at{}; ///< of a report whose first message is still to be sent
    };

    /// Calls a function on a session that is not broken. False if it is, or if an exception escapes.
    template <typename Step>
    bool guarded(std::size_t index, Now now, const Step& step) {
        auto& slot = slots_[index];
        if (slot.fault.broken()) {
            return false;
        }
        try {
            step(*slot.session);
            step_done(index);
            return true;
        } catch (const std::exception& error) {
            break_off(index, error.what(), now);
        } catch (...) {
            break_off(index, "an exception of unknown type", now);
        }
        return false;
    }

    using Retained = std::optional<std::vector<Message>>; ///< nothing while there is no broker session

    [[nodiscard]] static std::optional<Instant> moment(const DeadlineQueue& deadlines);
    [[nodiscard]] std::unique_ptr<PrinterSession> make_session(std::size_t index, const Json& saved,
                                                               Effects& log);
    void step_done(std::size_t index);
    void break_off(std::size_t index, std::string what, Now now);
    void mend(std::size_t index, Now now, Effects& effects);
    void rebuild(std::size_t index, Now now, Effects& effects);
    void replace(std::size_t index, Retained retained, std::string_view why, Now now, Effects& effects);
    void make_index();
    void retire(Slot& slot, Leavings& leavings, Now now, Effects& effects);
    void reconfigure(std::size_t index, std::vector<Message> retained, Leavings& leavings, Now now,
                     Effects& effects);

    Parts parts_;
    ReportParser parser_; ///< of all printers, one after the other
    std::vector<Slot> slots_;
    std::unordered_map<std::string, std::size_t> by_id_;
    std::unordered_map<std::size_t, std::size_t> by_target_;
    DeadlineQueue tick_deadlines_;    ///< when each session's tick() is due
    DeadlineQueue publish_deadlines_; ///< when each session's next() is due
    Effects startup_log_;             ///< about sessions that could not be created from their saved state
};

} // namespace bambu2mqtt
