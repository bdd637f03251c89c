#include "compare/node_red.hpp"

#include "support/files.hpp"
#include "support/ports.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace bambu2mqtt::compare {

namespace {

using nlohmann::json;

/// The function node. What every message carries about itself is not published; arrays are keyed by position.
constexpr std::string_view flatten = R"(const serial = msg.topic.split("/")[1];
const last = context.get(serial) || {};
const skipped = new Set(["sequence_id", "command", "msg"]);
const messages = [];
function publish(path, value) {
    if (value !== null && typeof value === "object") {
        for (const key of Object.keys(value)) {
            publish(path + "/" + key, value[key]);
        }
    } else if (last[path] !== value) {
        last[path] = value;
        messages.push({ topic: "printers/" + serial + path, payload: value });
    }
}
for (const key of Object.keys(msg.payload.print || {})) {
    if (!skipped.has(key)) {
        publish("/" + key, msg.payload.print[key]);
    }
}
context.set(serial, last);
return [messages];
)";

[[nodiscard]] json broker_node(const std::string& id, std::uint16_t port, bool tls) {
    json node{{"id", id},
              {"type", "mqtt-broker"},
              {"name", ""},
              {"broker", "127.0.0.1"},
              {"port", std::to_string(port)},
              {"clientid", ""},
              {"autoConnect", true},
              {"usetls", tls},
              {"protocolVersion", "4"},
              {"keepalive", "60"},
              {"cleansession", true},
              {"birthTopic", ""},
              {"closeTopic", ""},
              {"willTopic", ""}};
    if (tls) {
        node["tls"] = "tls";
    }
    return node;
}

[[nodiscard]] json flow(const NodeRedOptions& options) {
    json nodes = json::array();
    nodes.push_back({{"id", "tab"}, {"type", "tab"}, {"label", "printers"}, {"disabled", false}});
    nodes.push_back({{"id", "tls"},
                     {"type", "tls-config"},
                     {"name", ""},
                     {"cert", ""},
                     {"key", ""},
                     {"ca", ""},
                     {"certname", ""},
                     {"keyname", ""},
                     {"caname", ""},
                     {"servername", ""},
                     {"verifyservercert", false},
                     {"alpnprotocol", ""}});
    nodes.push_back(broker_node("broker", options.broker_port, false));
    nodes.push_back({{"id", "flatten"},
                     {"type", "function"},
                     {"z", "tab"},
                     {"x", 100}, // nodes without a place count as configuration
                     {"y", 100},
                     {"name", "flatten"},
                     {"func", flatten},
                     {"outputs", 1},
                     {"wires", {{"out"}}}});
    nodes.push_back({{"id", "out"},
                     {"type", "mqtt out"},
                     {"z", "tab"},
                     {"x", 100},
                     {"y", 100},
                     {"name", ""},
                     {"topic", ""},
                     {"qos", "0"},
                     {"retain", "true"},
                     {"broker", "broker"},
                     {"wires", json::array()}});
    for (const auto& printer : options.printers) {
        nodes.push_back(broker_node("broker-" + printer.serial, printer.port, true));
        nodes.push_back({{"id", "in-" + printer.serial},
                         {"type", "mqtt in"},
                         {"z", "tab"},
                         {"x", 100},
                         {"y", 100},
                         {"name", ""},
                         {"topic", fmt::format("device/{}/report", printer.serial)},
                         {"qos", "0"},
                         {"datatype", "json"},
                         {"broker", "broker-" + printer.serial},
                         {"inputs", 0},
                         {"wires", {{"flatten"}}}});
    }
    return nodes;
}

[[nodiscard]] json credentials(const NodeRedOptions& options) {
    json result = json::object();
    for (const auto& printer : options.printers) {
        result["broker-" + printer.serial] = {{"user", "bblp"}, {"password", printer.access_code}};
    }
    return result;
}

} // namespace

std::unique_ptr<test_support::Process> run_node_red(const NodeRedOptions& options) {
    std::filesystem::create_directories(options.directory);
    const auto settings = options.directory / "settings.js";
    test_support::write_file(
        settings,
        fmt::format("module.exports = {{\n    uiHost: \"127.0.0.1\",\n    uiPort: {},\n"
                    "    flowFile: \"flows.json\",\n    credentialSecret: false,\n"
                    "    externalModules: {{ autoInstall: false, palette: {{ allowInstall: false }} }},\n"
                    "    telemetry: {{ enabled: false, updateNotification: false }},\n}};\n",
                    test_support::free_port()));
    test_support::write_file(options.directory / "flows.json", flow(options).dump());
    test_support::write_file(options.directory / "flows_cred.json", credentials(options).dump());
    return std::make_unique<test_support::Process>(test_support::ProcessOptions{
        .arguments = {"node", options.program.string(), "--userDir", options.directory.string(), "--settings",
                      settings.string()},
        .output = options.directory / "node-red.log"});
}

} // namespace bambu2mqtt::compare
