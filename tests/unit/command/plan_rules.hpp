// Rules for every command on every printer, for any input; also checked by the fuzzer.
#pragma once

#include "command/raw_request.hpp"
#include <bambu2mqtt/command/catalogue.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace bambu2mqtt::test {

/// The violated rule of a request of a plan; empty if none.
inline std::string fault_of(const Command& command, const OrderedJson& request) {
    if (!request.is_object() || (request.size() != 1 && !request.contains("header"))) {
        return "a request is no object with one namespace";
    }
    if (const auto checked = check_request(Json(request)); !checked) {
        return "a request would not pass as a raw one: " + checked.error().message;
    }
    if (command.raw) {
        return {};
    }
    const auto space = request.begin().key();
    const auto& body = request.begin().value();
    if (!body.contains("sequence_id") || body["sequence_id"] != "") {
        return "a request has no sequence id to be filled in";
    }
    if (space != "update" && (!body.contains("command") || !body["command"].is_string())) {
        return "a request has no command";
    }
    if (body.value("command", "") == "gcode_line") {
        const auto param = body.value("param", "");
        const bool one_end = param.size() > 1 && param.back() == '\n' && param[param.size() - 2] != '\n';
        return one_end ? std::string{} : "G-code does not end with exactly one newline";
    }
    return {};
}

/// The violated rule of a plan; empty if none.
inline std::string fault_of(const Command& command, const Plan& plan) {
    const bool sends = !plan.requests.empty() || plan.work;
    if (!sends && command.run == send_plan && plan.data.is_null()) {
        return "nothing is done";
    }
    if (!plan.data.is_null() && (sends || command.run != send_plan)) {
        return "the plan has data although the outcome follows later";
    }
    for (const auto& request : plan.requests) {
        if (auto fault = fault_of(command, request); !fault.empty()) {
            return fault;
        }
    }
    if (!command.space.empty() &&
        (plan.requests.empty() || !plan.requests.front().contains(std::string{command.space}))) {
        return "the first request is not in the namespace of the row";
    }
    const auto in_space = [&](const OrderedJson& request) {
        return request.contains(std::string{command.space}) || request.contains("system");
    };
    const bool all_inside = command.space.empty() || std::ranges::all_of(plan.requests, in_space);
    return all_inside ? std::string{} : "a request is in a namespace that the row does not name";
}

/// The violated rule of a refusal; empty if none.
inline std::string fault_of(const Refusal& refusal) {
    if (refusal.code == Code::none) {
        return "a refusal has no code";
    }
    const bool control = std::ranges::any_of(
        refusal.message, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    if (refusal.message.empty() || refusal.message.size() > 1000 || refusal.message.back() == '.' ||
        control) {
        return "a refusal has no message of one short line: " + refusal.message;
    }
    return {};
}

/// Prepares a command and checks all rules; empty when they hold. Also evaluates the confirmation.
inline std::string fault_of(const Command& command, const Json& given, const Situation& situation) {
    const auto prepared = prepare(command, given, situation);
    if (!prepared) {
        return fault_of(prepared.error());
    }
    if (command.confirmed != nullptr) {
        (void)command.confirmed(situation, prepared->arguments);
    }
    return fault_of(command, prepared->plan);
}

} // namespace bambu2mqtt::test
