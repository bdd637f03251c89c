// Commands for one printer: from its topics to its commander.
#include <bambu2mqtt/base/words.hpp>
#include <bambu2mqtt/command/call_text.hpp>
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
    return Situation{printer_.report(), printer_.facts(), printer_.layout(),
                     printer_.values(), policy,           commander_.next_job(now)};
}

Reach PrinterSession::reach() const {
    return Reach{connection_.state() == ConnectionState::connected, name_of(connection_.state()),
                 connection_.host()};
}

void PrinterSession::handle(const BrokerMessage& message, std::string_view topic, Now now, Effects& effects) {
    if (message.retained || is_own_clearing(message)) {
        clear_retained(message, effects);
        return;
    }
    constexpr std::string_view named = "command/";
    constexpr std::string_view set = "/set";
    if (topic == "command") {
        take_command(message, {}, now, effects);
    } else if (topic.starts_with(named)) {
        take_command(message, topic.substr(named.size()), now, effects);
    } else if (topic == "raw/request") {
        take_raw(message, now, effects);
    } else if (topic.ends_with(set)) {
        take_wish(message, topic.substr(0, topic.size() - set.size()), now, effects);
    }
    deliver(now);
}

/// A broker with MQTT 3.1.1 sends our own clearing back as a command without arguments.
bool PrinterSession::is_own_clearing(const BrokerMessage& message) {
    const auto found = std::ranges::find(clearing_, message.topic);
    if (!message.payload.empty() || found == clearing_.end()) {
        return false;
    }
    clearing_.erase(found);
    return true;
}

/// A retained command would be carried out again with every start of the gateway.
void PrinterSession::clear_retained(const BrokerMessage& message, Effects& effects) {
    if (message.payload.empty()) {
        return;
    }
    note(effects, Level::warning,
         fmt::format("a retained message on {} is ignored and cleared: commands must not be retained",
                     shown(message.topic)));
    if (!is_topic(message.topic)) {
        return; // some brokers pass on what no client may publish
    }
    if (!tells_retained_) {
        clearing_.push_back(message.topic);
    }
    outbox_.clear(message.topic);
}

Submitted PrinterSession::take(Call call, const CommandPolicy& policy, Now now, Effects& effects) {
    auto submitted = commander_.take(std::move(call), situation(policy, now), reach(), now, effects);
    if (submitted.deed) {
        do_deed(*submitted.deed, now, effects);
    }
    show_transfer(now); // it may have begun one
    count_commands(now);
    return submitted;
}

void PrinterSession::take_command(const BrokerMessage& message, std::string_view name, Now now,
                                  Effects& effects) {
    auto read = call_of(message.payload, name);
    read.call.sender = sender_of(message);
    if (read.refusal) {
        commander_.refuse(read.call, *std::move(read.refusal), now);
        return;
    }
    (void)take(std::move(read.call), settings_.discovery.policy, now, effects);
}

void PrinterSession::take_wish(const BrokerMessage& message, std::string_view entity, Now now,
                               Effects& effects) {
    Call call{.command = shown(entity, longest_command_name) + "/set",
              .sender = sender_of(message),
              .entity = std::string{entity}};
    const auto index = printer_.layout().find(entity);
    if (!index) {
        commander_.refuse(
            call, Refusal{Code::not_found, fmt::format("this printer has no {}", shown(entity))}, now);
        return;
    }
    auto wish = wish_of(printer_.layout().instances()[*index], message.payload,
                        situation(settings_.discovery.policy, now));
    if (auto* const refusal = std::get_if<Refusal>(&wish)) {
        commander_.refuse(call, std::move(*refusal), now);
        return;
    }
    auto& asked = std::get<Wish>(wish);
    call.command = asked.command->name;
    call.arguments = std::move(asked.arguments);
    call.supersedes = known(asked.expected); // buttons have no value
    const auto submitted = take(std::move(call), settings_.discovery.policy, now, effects);
    if (submitted.in_progress) {
        expect(std::string{entity}, std::move(asked.expected), submitted.ticket, now);
    }
}

/// The printer's own form of a request, under the rules of commands.
void PrinterSession::take_raw(const BrokerMessage& message, Now now, Effects& effects) {
    Call call{.command = "send_anything", .sender = sender_of(message)};
    auto policy = settings_.discovery.policy;
    if (!policy.raw_topics) {
        commander_.refuse(call, Refusal{Code::not_allowed, "control.raw_topics is not set"}, now);
        return;
    }
    policy.raw_commands = true;
    call.arguments["anything"] = message.payload;
    (void)take(std::move(call), policy, now, effects);
}

void PrinterSession::tick_commands(Now now, Effects& effects) {
    commander_.tick(situation(settings_.discovery.policy, now), reach(), now, effects);
    count_commands(now);
    std::erase_if(refreshes_, [&](const RefreshCall& call) {
        const bool over = now.instant >= call.until;
        if (over) {
            commander_.finish(call.ticket,
                              Outcome{.status = Status::unconfirmed, .message = "no full report came"}, now);
        }
        return over;
    });
    std::vector<std::string> over;
    for (const auto& [entity, hope] : optimism_) {
        if (now.instant >= hope.until) {
            over.push_back(entity);
        }
    }
    std::ranges::for_each(over, [&](const std::string& entity) { end_optimism(entity); });
    deliver(now);
    if (std::exchange(unanswered_, false)) {
        Asks asks;
        connection_.command_unanswered(now.instant, asks);
        perform(asks, effects);
    }
    recycle_connection(now, effects);
}

std::optional<Instant> PrinterSession::commands_deadline() const {
    auto first = commander_.deadline();
    const auto sooner = [&](Instant moment) { first = first ? std::min(*first, moment) : moment; };
    std::ranges::for_each(refreshes_, [&](const RefreshCall& call) { sooner(call.until); });
    for (const auto& [entity, hope] : optimism_) {
        sooner(hope.until);
    }
    return first;
}

} // namespace bambu2mqtt
