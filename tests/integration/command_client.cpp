#include "integration/command_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <utility>

namespace bambu2mqtt::gateway_test {

namespace {

bool is_final(const json& answer) {
    return answer.value("status", "") != "progress";
}

} // namespace

std::string CommandClient::send(const std::string& command, json arguments) {
    static std::atomic<unsigned> number = 0;
    auto id = fmt::format("caller-{}", ++number);
    arguments["command"] = command;
    arguments["request_id"] = id;
    env_.observer().publish(
        {.topic = env_.topic(printer_, "command"), .payload = arguments.dump(), .qos = 1});
    return id;
}

std::vector<json> CommandClient::answers(const std::string& request_id) const {
    const auto topic = env_.topic(printer_, "response");
    std::vector<json> result;
    for (const auto& message : env_.observer().messages()) {
        if (message.topic == topic) {
            auto answer = json::parse(message.payload, nullptr, false);
            if (answer.is_object() && answer.value("request_id", json()) == request_id) {
                result.push_back(std::move(answer));
            }
        }
    }
    return result;
}

json CommandClient::outcome(const std::string& request_id, std::chrono::milliseconds deadline) const {
    const auto topic = env_.topic(printer_, "response");
    const auto found = env_.observer().wait_for(
        [&](const test_support::ObservedMessage& message) {
            if (message.topic != topic || message.payload.find(request_id) == std::string::npos) {
                return false;
            }
            const auto answer = json::parse(message.payload, nullptr, false);
            return answer.is_object() && answer.value("request_id", json()) == request_id && is_final(answer);
        },
        deadline);
    return found ? json::parse(found->payload) : json();
}

json CommandClient::ask(const std::string& command, json arguments, std::chrono::milliseconds deadline) {
    return outcome(send(command, std::move(arguments)), deadline);
}

json CommandClient::publish_and_wait(const std::string& topic, const std::string& payload,
                                     const std::string& command, std::chrono::milliseconds deadline) {
    const auto from = env_.observer().count();
    env_.observer().publish({.topic = env_.topic(printer_, topic), .payload = payload, .qos = 1});
    const auto response = env_.topic(printer_, "response");
    const auto found = env_.observer().wait_for(
        [&](const test_support::ObservedMessage& message) {
            if (message.topic != response) {
                return false;
            }
            const auto answer = json::parse(message.payload, nullptr, false);
            return answer.is_object() && answer.value("command", "") == command && is_final(answer);
        },
        deadline, from);
    return found ? json::parse(found->payload) : json();
}

std::size_t CommandClient::requested(const std::string& name) const {
    return env_.fleet().requests(printer_, name).size();
}

std::size_t CommandClient::commanded() const {
    const auto all = env_.fleet().requests(printer_);
    return static_cast<std::size_t>(std::ranges::count_if(all, [](const auto& request) {
        return request.payload.find("pushall") == std::string::npos &&
               request.payload.find("get_version") == std::string::npos;
    }));
}

std::string ending(const json& outcome) {
    if (!outcome.is_object()) {
        return "nothing";
    }
    auto text = outcome.value("status", "");
    if (outcome.value("code", json()).is_string()) {
        text += " " + outcome["code"].get<std::string>();
    }
    return text;
}

bool says(const json& outcome, std::string_view text) {
    const auto message = outcome.is_object() ? outcome.value("message", json()) : json();
    return message.is_string() && message.get_ref<const std::string&>().find(text) != std::string::npos;
}

} // namespace bambu2mqtt::gateway_test
