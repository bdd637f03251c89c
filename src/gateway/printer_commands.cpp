// Commands for one printer: from its topics to its command runner.
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/command/command_request.hpp>
#include <bambu2mqtt/command/controls.hpp>
#include <bambu2mqtt/gateway/printer_session.hpp>
#include <bambu2mqtt/topic/topic_text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace bambu2mqtt {

/// Who asks, and where the answer goes besides B/P/response.
ReturnAddress PrinterSession::sender_of(const BrokerMessage& message) const {
    if (message.response_topic.empty()) {
        return {};
    }
    if (auto problem = response_topic_problem(message.response_topic, settings_.responses)) {
        return {.problem = *std::move(problem)};
    }
    return {.topic = message.response_topic, .correlation = message.correlation};
}

Situation PrinterSession::situation(const CommandPolicy& policy, Now now) const {
    return Situation{printer_.report_state(),
                     printer_.gateway(),
                     printer_.facts(),
                     printer_.layout(),
                     printer_.values(),
                     policy,
                     command_runner_.requests().next_job(now)};
}

Reachability PrinterSession::reachability() const {
    return Reachability{connection_.state() == ConnectionState::connected, name_of(connection_.state()),
                        connection_.host()};
}

void PrinterSession::handle(const BrokerMessage& message, const CommandTopic& topic, Now now,
                            Effects& effects) {
    if (message.retained || is_own_clear(message)) {
        clear_retained(message, effects);
        return;
    }
    switch (topic.kind) {
    case CommandKind::command:
    case CommandKind::named_command:
        take_command(message, topic.name, now, effects);
        break;
    case CommandKind::raw_request:
        take_raw(message, now, effects);
        break;
    case CommandKind::set:
        on_control_message(message, topic.name, now, effects);
        break;
    }
    deliver(now);
    publish_changes(now);
}

/// A broker with MQTT 3.1.1 sends our own clearing back as a command without arguments.
bool PrinterSession::is_own_clear(const BrokerMessage& message) {
    const auto found = std::ranges::find(pending_clears_, message.topic);
    if (!message.payload.empty() || found == pending_clears_.end()) {
        return false;
    }
    pending_clears_.erase(found);
    return true;
}

/// A retained command would be carried out again with every start of the gateway.
void PrinterSession::clear_retained(const BrokerMessage& message, Effects& effects) {
    if (message.payload.empty()) {
        return;
    }
    note(effects, Level::warning,
         fmt::format("a retained message on {} is ignored and cleared: commands must not be retained",
                     sanitize_for_log(message.topic)));
    if (!is_topic(message.topic)) {
        return; // some brokers pass on what no client may publish
    }
    if (!tells_retained_) {
        pending_clears_.push_back(message.topic);
    }
    outbox_.clear(message.topic);
}

void PrinterSession::take_command(const BrokerMessage& message, std::string_view name, Now now,
                                  Effects& effects) {
    auto read = command_request_of(message.payload, name);
    read.command_request.sender = sender_of(message);
    if (read.refusal) {
        command_runner_.refuse(read.command_request, *std::move(read.refusal), now);
        return;
    }
    (void)take(std::move(read.command_request), settings_.discovery.policy, now, effects);
}

void PrinterSession::on_control_message(const BrokerMessage& message, std::string_view entity, Now now,
                                        Effects& effects) {
    CommandRequest command_request{.command = sanitize_for_log(entity, longest_command_name) + "/set",
                                   .sender = sender_of(message),
                                   .entity = std::string{entity}};
    const auto index = printer_.layout().find(entity);
    if (!index) {
        command_runner_.refuse(
            command_request,
            Refusal{Code::not_found, fmt::format("this printer has no {}", sanitize_for_log(entity))}, now);
        return;
    }
    auto control_request = parse_control_payload(printer_.layout().instances()[*index], message.payload,
                                                 situation(settings_.discovery.policy, now));
    if (auto* const refusal = std::get_if<Refusal>(&control_request)) {
        command_runner_.refuse(command_request, std::move(*refusal), now);
        return;
    }
    auto& asked = std::get<ControlRequest>(control_request);
    command_request.command = asked.command->name;
    command_request.arguments = std::move(asked.arguments);
    command_request.supersedes = known(asked.expected); // buttons have no value
    const auto submitted = take(std::move(command_request), settings_.discovery.policy, now, effects);
    if (submitted.in_progress) {
        expect_value(std::string{entity}, std::move(asked.expected), submitted.ticket, now);
    }
}

/// The printer's own form of a request, under the rules of commands.
void PrinterSession::take_raw(const BrokerMessage& message, Now now, Effects& effects) {
    CommandRequest command_request{.command = "send_anything", .sender = sender_of(message)};
    auto policy = settings_.discovery.policy;
    if (!policy.raw_topics) {
        command_runner_.refuse(command_request, Refusal{Code::not_allowed, "control.raw_topics is not set"},
                               now);
        return;
    }
    policy.raw_commands = true;
    command_request.arguments["anything"] = message.payload;
    (void)take(std::move(command_request), policy, now, effects);
}

void PrinterSession::tick_commands(Now now, Effects& effects) {
    command_runner_.tick(situation(settings_.discovery.policy, now), reachability(), now, effects);
    count_commands(now);
    std::vector<std::string> over;
    for (const auto& [entity, hope] : optimistic_) {
        if (now.instant >= hope.until) {
            over.push_back(entity);
        }
    }
    std::ranges::for_each(over, [&](const std::string& entity) { end_optimistic_state(entity); });
    deliver(now);
    if (std::exchange(unanswered_, false)) {
        ConnectionActions actions;
        connection_.command_unanswered(now.instant, actions);
        perform(actions, effects);
    }
    reconnect_if_needed(now, effects);
}

std::optional<Instant> PrinterSession::commands_deadline() const {
    auto first = command_runner_.deadline();
    const auto sooner = [&](Instant moment) { first = first ? std::min(*first, moment) : moment; };
    for (const auto& [entity, hope] : optimistic_) {
        sooner(hope.until);
    }
    return first;
}

} // namespace bambu2mqtt
