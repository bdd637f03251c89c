#include "compare/contender.hpp"

#include "simulator/gateway_config.hpp"
#include "support/files.hpp"

#include <fmt/format.h>

#include <chrono>
#include <unordered_map>

namespace bambu2mqtt::compare {

namespace {

using Topics = std::unordered_map<std::string, std::size_t>; // of each printer

/// Finds topics without making a string of each that arrives.
[[nodiscard]] std::optional<std::size_t> printer_of(const Topics& topics, std::string_view topic) {
    thread_local std::string key;
    key = topic;
    const auto found = topics.find(key);
    return found == topics.end() ? std::nullopt : std::optional{found->second};
}

[[nodiscard]] Reader raw_reader(Topics topics) {
    return [topics = std::move(topics)](
               std::string_view topic,
               std::string_view payload) -> std::optional<std::pair<std::size_t, std::size_t>> {
        constexpr std::string_view key = "\"layer_num\":";
        const auto printer = printer_of(topics, topic);
        const auto place = payload.find(key);
        if (!printer || place == std::string_view::npos) {
            return std::nullopt;
        }
        const auto number = leading_number(payload.substr(place + key.size()));
        return number ? std::optional{std::pair{*printer, *number}} : std::nullopt;
    };
}

[[nodiscard]] Reader value_reader(Topics topics) {
    return [topics = std::move(topics)](
               std::string_view topic,
               std::string_view payload) -> std::optional<std::pair<std::size_t, std::size_t>> {
        const auto printer = printer_of(topics, topic);
        const auto number = printer ? leading_number(payload) : std::nullopt;
        return number ? std::optional{std::pair{*printer, *number}} : std::nullopt;
    };
}

} // namespace

Contender::Contender(const ContenderOptions& options) : kind_(options.kind), samples_(options.printers) {
    fleet_ = std::make_unique<simulator::PrinterFleet>(
        simulator::FleetOptions{.directory = options.directory / "printers",
                                .printers = static_cast<int>(options.printers),
                                .models = {"X1C"},
                                // They report when requested by the feeder.
                                .report_interval = std::chrono::hours{24},
                                .settings = {}});
    if (kind_ == Kind::bridge) {
        start_bridge(options);
    } else {
        start_gateway(options);
    }
}

void Contender::start_bridge(const ContenderOptions& options) {
    Topics topics;
    std::string text;
    for (const auto& printer : fleet_->printers()) {
        const auto topic = fmt::format("device/{}/report", printer.serial);
        text +=
            fmt::format("connection {0}\naddress 127.0.0.1:{1}\nbridge_cafile {2}\nbridge_insecure true\n"
                        "remote_username bblp\nremote_password {3}\ncleansession true\nnotifications false\n"
                        "try_private false\nbridge_attempt_unsubscribe false\nrestart_timeout 1\n"
                        "topic {4} in 0\n",
                        printer.serial, printer.port, fleet_->ca_file().string(), printer.access_code, topic);
        topics.emplace(topic, topics.size());
    }
    std::filesystem::create_directories(options.directory / "bridges");
    test_support::write_file(options.directory / "bridges" / "bridges.conf", text);
    broker_ = std::make_unique<test_support::Mosquitto>(test_support::MosquittoOptions{
        .directory = options.directory / "broker",
        .more_lines = {"set_tcp_nodelay true", "include_dir " + (options.directory / "bridges").string()}});
    listener_ = std::make_unique<Listener>(broker_->port(), samples_, raw_reader(std::move(topics)));
}

void Contender::start_gateway(const ContenderOptions& options) {
    broker_ = std::make_unique<test_support::Mosquitto>(test_support::MosquittoOptions{
        .directory = options.directory / "broker", .more_lines = {"set_tcp_nodelay true"}});
    Topics topics;
    for (const auto& printer : fleet_->printers()) {
        topics.emplace(fmt::format("bambu2mqtt/{}/current_layer", simulator::default_id(printer)),
                       topics.size());
    }
    listener_ = std::make_unique<Listener>(broker_->port(), samples_, value_reader(std::move(topics)));
    const auto file = options.directory / "bambu2mqtt.toml";
    test_support::write_file(file,
                             simulator::gateway_config(fleet_->printers(), {.broker_url = broker_->url(),
                                                                            .directory = options.directory,
                                                                            .write_ids = true}));
    gateway_ = std::make_unique<test_support::Process>(
        test_support::ProcessOptions{.arguments = {options.program.string(), "--config", file.string()},
                                     .output = options.directory / "gateway.log",
                                     .environment = {{"BAMBU2MQTT_ANNOUNCEMENTS", "off"},
                                                     // otherwise only root may read its memory map
                                                     {"BAMBU2MQTT_CORE_DUMPS", "1"}}});
}

} // namespace bambu2mqtt::compare
