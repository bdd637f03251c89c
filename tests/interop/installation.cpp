#include "interop/installation.hpp"

#include "simulator/gateway_config.hpp"
#include "support/eventually.hpp"
#include "support/files.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bambu2mqtt::interop {

using namespace std::chrono_literals;
using test_support::ObservedMessage;
using test_support::test_timeout;

namespace {

/// The observer's filters. Not "#": a NATS node delivers its own traffic for that.
test_support::ObserverOptions observer_of(const BrokerServer& server) {
    auto options = server.client(server.nodes() - 1);
    options.topics = {"bambu2mqtt/#", "homeassistant/#"};
    return options;
}

} // namespace

Installation::Installation(BrokerServer& server, std::vector<std::string> models)
    : server_(server), fleet_({.directory = directory_ / "printers",
                               .printers = static_cast<int>(models.size()),
                               .models = models,
                               .report_interval = 250ms}),
      observer_(observer_of(server)), gateway_(directory_ / "gateway") {
    std::filesystem::create_directories(gateway_.directory() / "state" / "files");
}

void Installation::configure(const std::string& urls, std::size_t printers) const {
    auto described = fleet_.printers();
    described.resize(printers);
    auto text = simulator::gateway_config(described,
                                          {.broker_url = server_.url(), .directory = gateway_.directory()});
    const std::string key = "url = ";
    const auto from = text.find(key) + key.size();
    std::string value = urls;
    if (!server_.username().empty()) {
        value +=
            fmt::format("\nusername = \"{}\"\npassword = \"{}\"", server_.username(), server_.password());
    }
    text.replace(from, text.find('\n', from) - from, value);
    gateway_.configure(text);
}

bool Installation::start(std::size_t printers) {
    const auto from = observer_.count();
    gateway_.start();
    for (std::size_t i = 0; i < printers; ++i) {
        const auto is_online = [wanted = topic(i, "availability")](const ObservedMessage& message) {
            return message.topic == wanted && message.payload == "online" && !message.retained;
        };
        if (!observer_.wait_for(is_online, test_timeout, from) ||
            !test_support::eventually(test_timeout, [&] {
                const auto firmware = observer_.latest(topic(i, "firmware"));
                return firmware && *firmware != "None";
            })) {
            return false;
        }
    }
    return true;
}

std::string Installation::topic(std::size_t printer, std::string_view name) const {
    return fmt::format("bambu2mqtt/{}/{}", simulator::default_id(fleet_.printers().at(printer)), name);
}

std::string Installation::discovery_topic(std::size_t printer) const {
    return fmt::format("homeassistant/device/bambu2mqtt_{}/config", fleet_.printers().at(printer).serial);
}

gateway_test::Retained Installation::retained(const std::vector<std::string>& filters,
                                              std::chrono::milliseconds silence) const {
    auto options = server_.client(server_.nodes() - 1);
    options.topics = filters;
    const test_support::MqttObserver client{options};
    const auto retained = [](const ObservedMessage& message) { return message.retained; };
    for (std::size_t seen = 0; client.wait_for(retained, silence, seen);) {
        seen = client.count();
    }
    gateway_test::Retained result;
    for (auto& message : client.messages()) {
        if (message.retained && !message.payload.empty()) {
            result[message.topic] = std::move(message.payload);
        }
    }
    return result;
}

nlohmann::json Installation::ask(std::size_t printer, const std::string& command, nlohmann::json arguments) {
    const auto id = fmt::format("interop-{}", ++requests_);
    arguments["command"] = command;
    arguments["request_id"] = id;
    observer_.publish({.topic = topic(printer, "command"), .payload = arguments.dump(), .qos = 1});
    const auto answer = observer_.wait_for(
        [&](const ObservedMessage& message) {
            if (message.topic != topic(printer, "response")) {
                return false;
            }
            const auto json = nlohmann::json::parse(message.payload, nullptr, false);
            return json.value("request_id", nlohmann::json()) == id && json.value("status", "") != "progress";
        },
        test_timeout);
    return answer ? nlohmann::json::parse(answer->payload) : nlohmann::json();
}

std::size_t Installation::events(std::size_t printer, std::string_view type) const {
    const auto messages = observer_.messages();
    const auto wanted = topic(printer, fmt::format("event/{}", type));
    return static_cast<std::size_t>(std::ranges::count(messages, wanted, &ObservedMessage::topic));
}

} // namespace bambu2mqtt::interop
