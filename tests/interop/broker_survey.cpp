#include "interop/broker_survey.hpp"

#include "support/mqtt_observer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace bambu2mqtt::interop {

using namespace std::chrono_literals;
using test_support::MqttObserver;
using test_support::ObservedMessage;
using test_support::test_timeout;

namespace {

constexpr int many = 200;

/// How long something may take before it counts as not done by the broker.
constexpr auto surely = 3s;

std::string versions_of(const BrokerServer& server) {
    auto options = server.client();
    options.timeout = 10s;
    std::string versions = MqttObserver::login(options) == 0 ? "3.1.1" : "";
    options.version_5 = true;
    return MqttObserver::login(options) == 0 ? "5, " + versions : versions;
}

std::string many_topic(int number) {
    return fmt::format("survey/many/{}", number);
}

bool receives_retained(const BrokerServer& server, const std::string& filter, const std::string& topic) {
    auto options = server.client(server.nodes() - 1);
    options.topics = {filter};
    const MqttObserver client{options};
    return client
        .wait_for([&](const ObservedMessage& message) { return message.retained && message.topic == topic; },
                  surely)
        .has_value();
}

/// Subscribes to many retained messages and publishes a marker on the same connection, as the gateway does.
bool delivers_marker_last(const BrokerServer& server) {
    MqttObserver client{server.client()};
    client.subscribe("survey/#");
    client.publish({.topic = "survey/marker", .payload = "marker"});
    const auto is_marker = [](const ObservedMessage& message) { return message.topic == "survey/marker"; };
    const auto is_retained = [](const ObservedMessage& message) { return message.retained; };
    if (!client.wait_for(is_marker, surely)) {
        return false;
    }
    for (std::size_t seen = 0; client.wait_for(is_retained, 1s, seen);) {
        seen = client.count();
    }
    const auto messages = client.messages();
    const auto before =
        std::count_if(messages.begin(), std::ranges::find_if(messages, is_marker), is_retained);
    return before >= many && before == std::ranges::count_if(messages, is_retained);
}

/// Publishes on a topic with a special character and sees what arrives.
std::string fate_of(const BrokerServer& server, const std::string& topic) {
    auto watching = server.client(server.nodes() - 1);
    watching.topics = {"survey/odd/#"};
    const MqttObserver watcher{watching};
    auto options = server.client();
    options.timeout = 3s;
    try {
        MqttObserver sender{options};
        sender.publish({.topic = topic, .payload = "odd", .qos = 1});
    } catch (const std::runtime_error&) {
        return "ends the connection";
    }
    const auto arrived = watcher.wait_for([](const ObservedMessage&) { return true; }, surely);
    return !arrived                  ? "is lost"
           : arrived->topic == topic ? "works"
                                     : "arrives as `" + arrived->topic.substr(11) + "`";
}

const char* yes_or_no(bool yes) {
    return yes ? "yes" : "**no**";
}

} // namespace

BrokerTraits survey(const BrokerServer& server) {
    BrokerTraits traits{.versions = versions_of(server)};
    MqttObserver writer{server.client()};
    for (int i = 0; i < many; ++i) {
        writer.publish({.topic = many_topic(i), .payload = "kept", .qos = 1, .retained = true});
    }
    traits.retained_for_topic = receives_retained(server, many_topic(0), many_topic(0));
    traits.retained_for_wildcard = receives_retained(server, "survey/#", many_topic(many - 1));
    traits.marker_after_retained = traits.retained_for_wildcard && delivers_marker_last(server);
    for (int i = 0; i < many; ++i) {
        writer.publish({.topic = many_topic(i), .payload = "", .qos = 1, .retained = true});
    }
    traits.clears_retained = !receives_retained(server, many_topic(0), many_topic(0));
    traits.dot = fate_of(server, "survey/odd/a.b");
    traits.space = fate_of(server, "survey/odd/a b");
    return traits;
}

std::string table_row(const std::string& title, const BrokerTraits& traits) {
    return fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |", title, traits.versions,
                       yes_or_no(traits.retained_for_topic), yes_or_no(traits.retained_for_wildcard),
                       yes_or_no(traits.marker_after_retained), yes_or_no(traits.clears_retained), traits.dot,
                       traits.space);
}

} // namespace bambu2mqtt::interop
