// All topics on the user's broker, and the ids in discovery topics, built in one place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bambu2mqtt {

/// The topics of the gateway itself below `base_topic`.
class BridgeTopics {
  public:
    explicit BridgeTopics(std::string base) : base_(std::move(base)) {}

    /// BASE, without a trailing slash.
    [[nodiscard]] const std::string& base() const noexcept { return base_; }

    /// `online` / `offline`, retained; the last will.
    [[nodiscard]] std::string state() const;
    /// JSON: version, contract version, printers; retained.
    [[nodiscard]] std::string info() const;
    /// JSON each 60 s: uptime, memory etc.; retained.
    [[nodiscard]] std::string health() const;
    /// JSON: the list of all printers; retained.
    [[nodiscard]] std::string devices() const;
    /// JSON: warnings and errors of the log; not retained.
    [[nodiscard]] std::string log() const;
    /// The outcomes of requests to the gateway; not retained.
    [[nodiscard]] std::string response(std::string_view request) const;
    /// The summaries of commands for a group; not retained.
    [[nodiscard]] std::string group_response(std::string_view group) const;
    /// Published by the gateway at the start of a session and received through its own subscription; not
    /// retained.
    [[nodiscard]] std::string marker() const;

  private:
    std::string base_;
};

/// The topics of one printer: BASE/ID/...
class PrinterTopics {
  public:
    PrinterTopics(std::string_view base, std::string_view id);

    /// BASE/ID
    [[nodiscard]] const std::string& root() const noexcept { return root_; }

    /// `online` only while the connection is `connected`.
    [[nodiscard]] std::string availability() const;
    /// The state of one entity.
    [[nodiscard]] std::string state(std::string_view entity) const;
    /// The attributes of one entity: a JSON object.
    [[nodiscard]] std::string attributes(std::string_view entity) const;
    /// The newest known version of an update entity.
    [[nodiscard]] std::string latest(std::string_view entity) const;
    /// Availability of an AMS unit ("ams_1").
    [[nodiscard]] std::string unit_availability(std::string_view unit) const;
    /// Availability of a control that works only in some job states.
    [[nodiscard]] std::string entity_availability(std::string_view entity) const;
    /// Command topic of a control.
    [[nodiscard]] std::string set(std::string_view entity) const;
    /// Events; not retained.
    [[nodiscard]] std::string event() const;
    /// The same events by type ("print_started"); not retained.
    [[nodiscard]] std::string event(std::string_view type) const;
    /// Outcomes of commands; not retained.
    [[nodiscard]] std::string response() const;
    /// The printer's own messages; not retained.
    [[nodiscard]] std::string raw_report() const;

  private:
    std::string root_;
};

/// The forms of the topics on which clients command.
enum class CommandKind : std::uint8_t {
    command,             ///< BASE/ID/command: the payload names the command
    named_command,       ///< BASE/ID/command/NAME: the topic names it
    set,                 ///< BASE/ID/NAME/set: NAME is an entity
    raw_request,         ///< BASE/ID/raw/request: the payload is a request in the printer's own format
    bridge_request,      ///< BASE/bridge/request/NAME: for the gateway itself
    group_command,       ///< BASE/group/GROUP/command: as `command`, for every printer of the group
    named_group_command, ///< BASE/group/GROUP/command/NAME: as `named_command`, the same
};

/// A command topic.
struct CommandTopic {
    std::string owner{}; ///< id of the printer, or name of the group; empty: the gateway
    CommandKind kind = CommandKind::command;
    std::string name{}; ///< of the command, entity or request; may be empty, as a topic level may be

    friend bool operator==(const CommandTopic&, const CommandTopic&) = default;
};

/// The topic of `topic` below `base`; neither the owner nor the name contains a slash.
[[nodiscard]] std::string command_topic(const CommandTopic& topic, std::string_view base);

/// The inverse of command_topic(); nothing for a topic that is not below `base`, of another form, or without
/// a printer or group where the form has one. BASE/ID/command/set is the command "set", not the entity
/// "command".
[[nodiscard]] std::optional<CommandTopic> parse_command_topic(std::string_view topic, std::string_view base);

/// The subscription filters that match every command topic below `base`, one for each kind.
[[nodiscard]] std::vector<std::string> command_topic_filters(std::string_view base);

/// Common prefix of all our identifiers.
inline constexpr std::string_view identifier_prefix = "bambu2mqtt_";

/// origin.name of all our discovery messages.
inline constexpr std::string_view origin_name = "bambu2mqtt";

/// `text` with `_` for all characters that Home Assistant refuses in a discovery topic: only [a-zA-Z0-9_-]
/// stays.
[[nodiscard]] std::string discovery_id(std::string_view text);

/// The device identifier of a printer (`device` empty) or of one of its units: "bambu2mqtt_<SERIAL>",
/// "bambu2mqtt_<SERIAL>_ams_1".
[[nodiscard]] std::string device_identifier(std::string_view serial, std::string_view device);

/// The device identifier of the gateway: "bambu2mqtt_<base topic>".
[[nodiscard]] std::string bridge_identifier(std::string_view base);

/// PREFIX/COMPONENT/OBJECT/config; `component` is "device" for the message of a whole device.
[[nodiscard]] std::string discovery_topic(std::string_view prefix, std::string_view component,
                                          std::string_view object_id);

} // namespace bambu2mqtt
