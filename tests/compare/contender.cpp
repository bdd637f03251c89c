#include "compare/contender.hpp"

#include "compare/node_red.hpp"
#include "simulator/gateway_config.hpp"
#include "support/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace bambu2mqtt::compare {

namespace {

constexpr std::array<std::pair<std::string_view, Kind>, 3> kind_names{
    {{"bridge", Kind::bridge}, {"node-red", Kind::node_red}, {"bambu2mqtt", Kind::gateway}}};

/// Four AMS at each printer.
const std::vector<simulator::AmsUnitProfile> four_units{{.id = 0}, {.id = 1}, {.id = 2}, {.id = 3}};

/// The layer in a report, or in its value's own message.
[[nodiscard]] std::optional<std::size_t> reported_layer(std::string_view payload) {
    constexpr std::string_view key = "\"layer_num\":";
    const auto place = payload.find(key);
    return place == std::string_view::npos ? std::nullopt
                                           : leading_number(payload.substr(place + key.size()));
}

} // namespace

Kind kind_of(std::string_view name) {
    const auto* const found = std::ranges::find(kind_names, name, &std::pair<std::string_view, Kind>::first);
    if (found == kind_names.end()) {
        throw std::runtime_error{fmt::format("there is no contender {}", name)};
    }
    return found->second;
}

Contender::Contender(ContenderOptions options) : options_(std::move(options)), samples_(options_.printers) {
    fleet_ = std::make_unique<simulator::PrinterFleet>(
        simulator::FleetOptions{.directory = options_.directory / "printers",
                                .printers = static_cast<int>(options_.printers),
                                .models = {"X1C"},
                                .units = four_units,
                                // They report when requested by the feeder.
                                .report_interval = std::chrono::hours{24},
                                .settings = {}});
    switch (options_.kind) {
    case Kind::bridge:
        start_bridge();
        break;
    case Kind::node_red:
        start_node_red();
        break;
    case Kind::gateway:
        start_gateway();
        break;
    }
}

std::string_view Contender::name() const {
    return std::ranges::find(kind_names, options_.kind, &std::pair<std::string_view, Kind>::second)->first;
}

void Contender::start_broker(const std::vector<std::string>& more_lines) {
    broker_ = std::make_unique<test_support::Mosquitto>(
        test_support::MosquittoOptions{.directory = options_.directory / "broker", .more_lines = more_lines});
}

void Contender::start_bridge() {
    TopicIndex topics;
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
    std::filesystem::create_directories(options_.directory / "bridges");
    test_support::write_file(options_.directory / "bridges" / "bridges.conf", text);
    start_broker({"include_dir " + (options_.directory / "bridges").string()});
    listener_ =
        std::make_unique<Listener>(broker_->port(), "#", samples_, reader(std::move(topics), reported_layer));
}

void Contender::start_node_red() {
    TopicIndex topics;
    for (const auto& printer : fleet_->printers()) {
        topics.emplace(fmt::format("printers/{}/layer_num", printer.serial), topics.size());
    }
    start_broker();
    listener_ =
        std::make_unique<Listener>(broker_->port(), "#", samples_, reader(std::move(topics), leading_number));
    process_ = run_node_red({.directory = options_.directory / "node-red",
                             .program = options_.node_red,
                             .broker_port = broker_->port(),
                             .printers = fleet_->printers()});
}

void Contender::start_gateway() {
    TopicIndex topics;
    for (const auto& printer : fleet_->printers()) {
        topics.emplace(fmt::format("bambu2mqtt/{}/current_layer", simulator::default_id(printer)),
                       topics.size());
    }
    start_broker();
    listener_ =
        std::make_unique<Listener>(broker_->port(), "#", samples_, reader(std::move(topics), leading_number));
    test_support::write_file(options_.directory / "bambu2mqtt.toml",
                             simulator::gateway_config(fleet_->printers(), {.broker_url = broker_->url(),
                                                                            .directory = options_.directory,
                                                                            .write_ids = true}));
    run_gateway();
}

void Contender::run_gateway() {
    auto arguments = options_.run_inside;
    for (const auto& argument : {options_.program.string(), std::string{"--config"},
                                 (options_.directory / "bambu2mqtt.toml").string()}) {
        arguments.push_back(argument);
    }
    process_ = std::make_unique<test_support::Process>(
        test_support::ProcessOptions{.arguments = std::move(arguments),
                                     .output = options_.directory / "gateway.log",
                                     .environment = {{"BAMBU2MQTT_ANNOUNCEMENTS", "off"},
                                                     // otherwise only root may read its memory map
                                                     {"BAMBU2MQTT_CORE_DUMPS", "1"}}});
}

Clock::time_point Contender::restart() {
    process_.reset();
    const auto now = Clock::now();
    run_gateway();
    return now;
}

} // namespace bambu2mqtt::compare
