#include "asyncapi.hpp"

#include "gateway/bridge_requests.hpp"
#include <bambu2mqtt/command/catalogue.hpp>
#include <bambu2mqtt/topic/topics.hpp>

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::reference {

namespace {

enum class Direction { sends, receives };
enum class Retained { no, yes };

/// A topic and its messages.
struct Topic {
    std::string_view id{};
    std::string address{};
    int qos = 1;
    Direction direction = Direction::sends;
    Retained retained = Retained::yes;
    std::string summary{};
    OrderedJson payload{};
};

OrderedJson one_of(std::initializer_list<std::string_view> words) {
    OrderedJson values = OrderedJson::array();
    for (const auto word : words) {
        values.push_back(word);
    }
    return {{"type", "string"}, {"enum", std::move(values)}};
}

OrderedJson online() {
    return one_of({"online", "offline"});
}

OrderedJson object(OrderedJson properties) {
    return {{"type", "object"}, {"properties", std::move(properties)}};
}

OrderedJson typed(const char* type, const char* description) {
    return {{"type", type}, {"description", description}};
}

OrderedJson nullable(const char* description) {
    return {{"type", {"string", "null"}}, {"description", description}};
}

OrderedJson texts(const char* description) {
    return {{"type", "array"}, {"items", {{"type", "string"}}}, {"description", description}};
}

OrderedJson schema(std::string_view file) {
    return {{"$ref", fmt::format("./schemas/{}.json", file)}};
}

OrderedJson names_of_commands() {
    OrderedJson names = OrderedJson::array();
    for (const auto& command : commands()) {
        names.push_back(command.name);
    }
    return names;
}

std::string names_of_requests() {
    std::string names;
    for (const auto& row : BridgeRequests::rows()) {
        names += names.empty() ? "" : ", ";
        names += row.name;
    }
    return names;
}

OrderedJson health() {
    return object({{"uptime", typed("integer", "seconds")},
                   {"resident_memory_mb", typed("number", "resident memory in MB")},
                   {"open_files", typed("integer", "open file descriptors")},
                   {"open_files_limit", typed("integer", "how many there may be")},
                   {"messages_in", typed("integer", "from printers, since the start")},
                   {"messages_out", typed("integer", "to the broker, since the start")},
                   {"publish_delay_ms", typed("number", "from a report to its states")},
                   {"session_age", typed("object", "uptime in seconds of each printer's session, by its id")},
                   {"broker_problem",
                    {{"type", {"string", "null"}},
                     {"description", "what is wrong with the broker session: a refused message or "
                                     "subscription, or another client with the same client id"}}},
                   {"internal_errors", typed("integer", "exceptions since the start; each is logged")}});
}

OrderedJson command_object() {
    auto payload = object({{"command", {{"type", "string"}, {"enum", names_of_commands()}}},
                           {"request_id", {{"type", {"string", "integer"}}, {"maxLength", 128}}}});
    payload["required"] = {"command"};
    payload["description"] =
        "The command's arguments are top-level keys beside its name: see schemas/command/NAME.json.";
    return payload;
}

std::vector<Topic> topics() {
    const BridgeTopics bridge{"{base}"};
    const PrinterTopics printer{"{base}", "{printer}"};
    constexpr auto receives = Direction::receives;
    return {
        {.id = "bridge_state",
         .address = bridge.state(),
         .summary = "Availability of the gateway; also its last will",
         .payload = online()},
        {.id = "bridge_info",
         .address = bridge.info(),
         .summary = "Version and printers of the gateway",
         .payload = object({{"version", typed("string", "of the program")},
                            {"contract_version", typed("integer", "of topics and payloads")},
                            {"printers", {{"type", "array"}, {"items", {{"type", "string"}}}}}})},
        {.id = "bridge_health",
         .address = bridge.health(),
         .qos = 0,
         .summary = "Health of the gateway, each minute",
         .payload = health()},
        {.id = "bridge_devices",
         .address = bridge.devices(),
         .summary = "All printers: what each one is, where it is, and what it has",
         .payload = {{"type", "array"},
                     {"items",
                      object({{"id", typed("string", "the topic level")},
                              {"name", typed("string", "as Home Assistant shows it")},
                              {"serial", typed("string", "the serial number")},
                              {"model", nullable("code of the model")},
                              {"host", nullable("name or address of its session")},
                              {"firmware", nullable("its version")},
                              {"connection", typed("string", "as the entity connection")},
                              {"groups", texts("the configured ones")},
                              {"area", nullable("the configured one")},
                              {"capabilities", texts("what its reports have shown it to have")},
                              {"units",
                               {{"type", "array"},
                                {"items", object({{"id", typed("string", "as in topics: ams_1")},
                                                  {"model", nullable("AMS, AMS Lite, AMS 2 Pro or AMS HT")},
                                                  {"firmware", nullable("its version")},
                                                  {"trays", typed("integer", "how many it has")},
                                                  {"present", typed("boolean", "plugged in")}})}}}})}}},
        {.id = "bridge_log",
         .address = bridge.log(),
         .retained = Retained::no,
         .summary = "Warnings and errors of the gateway's log, at most ten a second",
         .payload = object({{"time", typed("string", "in UTC")},
                            {"level", one_of({"warning", "error"})},
                            {"area", typed("string", "a printer's id, broker, or another part")},
                            {"text", typed("string", "one line")}})},
        {.id = "group_command",
         .address = command_topic({.owner = "{group}", .kind = CommandKind::group_command}, bridge.base()),
         .direction = receives,
         .retained = Retained::no,
         .summary = "A command for every printer of a group; also by its name, as for one printer",
         .payload = command_object()},
        {.id = "group_response",
         .address = bridge.group_response("{group}"),
         .retained = Retained::no,
         .summary = "The summary of a command for a group; its data has group, counts and printers",
         .payload = schema("outcome")},
        {.id = "bridge_request",
         .address = command_topic({.kind = CommandKind::bridge_request, .name = "{request}"}, bridge.base()),
         .direction = receives,
         .retained = Retained::no,
         .summary = "A request to the gateway itself: " + names_of_requests(),
         .payload = typed("object", "the arguments, or no payload")},
        {.id = "bridge_response",
         .address = bridge.response("{request}"),
         .retained = Retained::no,
         .summary = "The outcome of a request to the gateway; with MQTT 5 also on the response topic of its "
                    "sender, as for commands",
         .payload = schema("outcome")},
        {.id = "bridge_marker",
         .address = bridge.marker(),
         .qos = 0,
         .retained = Retained::no,
         .summary = "What the gateway sends to itself at the start of a session, to know when it has all "
                    "retained messages",
         .payload = typed("string", "another one each time")},
        {.id = "availability",
         .address = printer.availability(),
         .summary = "Whether the printer is connected",
         .payload = online()},
        {.id = "connection",
         .address = printer.state("connection"),
         .summary = "The connection to the printer; attributes: since, error, hint",
         .payload = one_of({"connecting", "connected", "unreachable", "auth_refused", "tls_untrusted",
                            "no_reports", "stale", "paused", "pin_unavailable"})},
        {.id = "entity",
         .address = printer.state("{entity}"),
         .summary = "The state of one entity; numbers that move by themselves are sent with QoS 0 "
                    "(docs/entities.md)",
         .payload = typed("string", "ON or OFF, a number, a word, a time in UTC, text, or None")},
        {.id = "entity_attributes",
         .address = printer.attributes("{entity}"),
         .qos = 0,
         .summary = "The attributes of one entity, where it has some",
         .payload = typed("object", "see docs/entities.md")},
        {.id = "entity_availability",
         .address = printer.entity_availability("{entity}"),
         .summary = "Availability of a control in the current job state, or of an AMS unit",
         .payload = online()},
        {.id = "firmware_latest",
         .address = printer.latest("firmware"),
         .summary = "The newest firmware the printer offers",
         .payload = typed("string", "a version")},
        {.id = "entity_set",
         .address = printer.set("{entity}"),
         .direction = receives,
         .retained = Retained::no,
         .summary = "Sets a control",
         .payload =
             typed("string", "numbers and selects: the value; lights and switches: ON or OFF; fans: ON, "
                             "OFF or 0 to 100; buttons: PRESS")},
        {.id = "command",
         .address = printer.root() + "/command",
         .direction = receives,
         .retained = Retained::no,
         .summary = "A command with its arguments",
         .payload = command_object()},
        {.id = "response",
         .address = printer.response(),
         .retained = Retained::no,
         .summary = "The outcome of a command; with MQTT 5 also on the response topic of its sender, where "
                    "broker.response_topics allows it (default: {base}/response/#)",
         .payload = schema("outcome")},
        {.id = "event",
         .address = printer.event(),
         .retained = Retained::no,
         .summary = "An event: jobs, errors, the printer came online or went offline",
         .payload = schema("event")},
        {.id = "event_by_type",
         .address = printer.event("{type}"),
         .retained = Retained::no,
         .summary = "The same events by their type",
         .payload = schema("event")},
        {.id = "last_command",
         .address = printer.state("last_command"),
         .summary = "The status of the last outcome; attributes: the outcome without data and note",
         .payload = typed("string", "a final status")},
        {.id = "raw_report",
         .address = printer.raw_report(),
         .retained = Retained::no,
         .summary = "With control.raw_topics: the printer's own messages",
         .payload = typed("object", "as the printer sent it")},
        {.id = "raw_request",
         .address = printer.root() + "/raw/request",
         .direction = receives,
         .retained = Retained::no,
         .summary = "With control.raw_topics: a raw request, passed through unchanged, with one namespace",
         .payload = typed("object", "{\"print\": {\"command\": ...}}")},
    };
}

OrderedJson message(std::string_view name, OrderedJson payload) {
    const auto* const content =
        payload.value("type", "object") == "string" ? "text/plain" : "application/json";
    return {{"name", name}, {"contentType", content}, {"payload", std::move(payload)}};
}

OrderedJson parameters_in(std::string_view address) {
    struct Parameter {
        std::string_view name{};
        std::string_view description{};
    };

    constexpr std::array known{Parameter{"base", "broker.base_topic of the configuration"},
                               Parameter{"printer", "the printer's id"},
                               Parameter{"entity", "id of an entity, or of a unit like ams_1"},
                               Parameter{"command", "name of a command"},
                               Parameter{"request", "name of a request"},
                               Parameter{"group", "name of a group of printers, or all"},
                               Parameter{"type", "type of an event, as print_started"}};
    OrderedJson parameters = OrderedJson::object();
    for (const auto& parameter : known) {
        if (address.find(fmt::format("{{{}}}", parameter.name)) != std::string_view::npos) {
            parameters[std::string{parameter.name}] = {{"description", parameter.description}};
            if (parameter.name == "base") {
                parameters["base"]["default"] = "bambu2mqtt";
            }
        }
    }
    return parameters;
}

OrderedJson channel_of(std::string address, std::string_view summary, OrderedJson messages) {
    OrderedJson channel{{"address", address}, {"summary", summary}, {"messages", std::move(messages)}};
    channel["parameters"] = parameters_in(address);
    return channel;
}

OrderedJson operation(std::string_view channel, const Topic& topic) {
    OrderedJson result{
        {"action", topic.direction == Direction::sends ? "send" : "receive"},
        {"channel", {{"$ref", fmt::format("#/channels/{}", channel)}}},
        {"summary", topic.summary},
        {"bindings",
         {{"mqtt",
           {{"qos", topic.qos}, {"retain", topic.retained == Retained::yes}, {"bindingVersion", "0.2.0"}}}}}};
    return result;
}

/// One channel for all B/P/command/NAME, with a message per command.
OrderedJson commands_channel(std::string address) {
    OrderedJson messages = OrderedJson::object();
    for (const auto& command : commands()) {
        auto one = message(command.name, schema(fmt::format("command/{}", command.name)));
        one["summary"] = command.summary;
        messages[std::string{command.name}] = std::move(one);
    }
    return channel_of(std::move(address), "A command by its name, with its arguments or nothing as payload",
                      std::move(messages));
}

OrderedJson reply() {
    return {{"channel", {{"$ref", "#/channels/response"}}}};
}

} // namespace

OrderedJson asyncapi() {
    OrderedJson channels = OrderedJson::object();
    OrderedJson operations = OrderedJson::object();
    for (const auto& topic : topics()) {
        const std::string id{topic.id};
        OrderedJson messages = OrderedJson::object();
        messages[id] = message(topic.id, topic.payload);
        channels[id] = channel_of(topic.address, topic.summary, std::move(messages));
        operations[id] = operation(topic.id, topic);
        if (topic.id == "command") {
            const Topic by_name{.direction = Direction::receives,
                                .retained = Retained::no,
                                .summary = "A command by its name"};
            operations[id]["reply"] = reply();
            channels["command_by_name"] = commands_channel(topic.address + "/{command}");
            operations["command_by_name"] = operation("command_by_name", by_name);
            operations["command_by_name"]["reply"] = reply();
        }
    }
    return {{"asyncapi", "3.0.0"},
            {"info",
             {{"title", "bambu2mqtt"},
              {"version", BAMBU2MQTT_VERSION},
              {"description",
               "Topics of the gateway on the user's broker. Directions are the gateway's: it sends "
               "states and receives commands. Retained messages on command topics are ignored."},
              {"license", {{"name", "MIT"}}}}},
            {"defaultContentType", "application/json"},
            {"servers",
             {{"broker",
               {{"host", "127.0.0.1:1883"},
                {"protocol", "mqtt"},
                {"description", "The user's own broker: broker.url of the configuration"}}}}},
            {"channels", std::move(channels)},
            {"operations", std::move(operations)}};
}

} // namespace bambu2mqtt::reference
