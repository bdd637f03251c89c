// Commands for one printer: from its topics to its commander, and what comes back to the broker.
#include <bambu2mqtt/command/controls.hpp>
#include <bambu2mqtt/core/words.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/session/call_text.hpp>
#include <bambu2mqtt/session/printer_session.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// As long as this a control shows what was asked for before the printer has said so.
constexpr auto optimism_lasts = 3s;

constexpr auto refresh_within = 10s;

/// 64 hexadecimal digits in the form certificates are shown in: "AA:BB:...".
std::string fingerprint_of(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == ':') {
            continue;
        }
        if (result.size() % 3 == 2) {
            result += ':';
        }
        result += c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return result;
}

} // namespace

Situation PrinterSession::situation(const CommandPolicy& policy, Now now) const {
    return Situation{printer_.report(), printer_.facts(), printer_.layout(),
                     printer_.values(), policy,           commander_.next_job(now)};
}

Reach PrinterSession::reach() const {
    return Reach{connection_.state() == ConnectionState::connected, name_of(connection_.state())};
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
    if (!tells_retained_) {
        clearing_.push_back(message.topic);
    }
    outbox_.clear(message.topic);
}

void PrinterSession::take(Call call, const CommandPolicy& policy, Now now, Effects& effects) {
    if (const auto deed = commander_.take(std::move(call), situation(policy, now), reach(), now, effects)) {
        do_deed(*deed, now, effects);
    }
    show_transfer(now); // it may have begun one
    count_commands(now);
}

void PrinterSession::count_commands(Now now) {
    if (commander_.sent() != commands_sent_) {
        commands_sent_ = commander_.sent();
        connection_.command_sent(now.instant, family());
    }
}

/// A session that does not carry commands any more is made anew, when that disturbs nothing.
void PrinterSession::recycle_connection(Now now, Effects& effects) {
    const auto why = connection_.wants_recycling();
    const bool disturbs = why == Recycling::tired && decode::job_is_active(printer_.report());
    if (why == Recycling::no || disturbs || !commander_.is_idle()) {
        return;
    }
    note(effects, Level::info,
         why == Recycling::tired ? "the connection is made anew: it has carried enough commands"
                                 : "the connection is made anew: the printer reports, but does not answer");
    Asks asks;
    connection_.recycle(now.instant, asks);
    perform(asks, effects);
}

void PrinterSession::take_command(const BrokerMessage& message, std::string_view name, Now now,
                                  Effects& effects) {
    auto read = call_of(message.payload, name);
    read.call.sender = {message.response_topic, message.correlation};
    if (read.refusal) {
        commander_.refuse(read.call, *std::move(read.refusal), now);
        return;
    }
    take(std::move(read.call), settings_.discovery.policy, now, effects);
}

void PrinterSession::take_wish(const BrokerMessage& message, std::string_view entity, Now now,
                               Effects& effects) {
    Call call{.command = std::string{entity} + "/set",
              .sender = {message.response_topic, message.correlation},
              .entity = std::string{entity}};
    const auto& instances = printer_.layout().instances();
    const auto instance = std::ranges::find(instances, entity, &Instance::id);
    if (instance == instances.end()) {
        commander_.refuse(
            call, Refusal{Code::not_found, fmt::format("this printer has no {}", shown(entity))}, now);
        return;
    }
    auto wish = wish_of(*instance, message.payload, situation(settings_.discovery.policy, now));
    if (auto* const refusal = std::get_if<Refusal>(&wish)) {
        commander_.refuse(call, std::move(*refusal), now);
        return;
    }
    auto& asked = std::get<Wish>(wish);
    call.command = asked.command->name;
    call.arguments = std::move(asked.arguments);
    take(std::move(call), settings_.discovery.policy, now, effects);
    if (commander_.is_under_way(entity)) {
        expect(std::string{entity}, std::move(asked.expected), now);
    }
}

/// The printer's own form of a request, under the rules of commands.
void PrinterSession::take_raw(const BrokerMessage& message, Now now, Effects& effects) {
    Call call{.command = "send_anything", .sender = {message.response_topic, message.correlation}};
    auto policy = settings_.discovery.policy;
    if (!policy.raw_topics) {
        commander_.refuse(call, Refusal{Code::not_allowed, "control.raw_topics is not set"}, now);
        return;
    }
    policy.raw_commands = true;
    call.arguments["anything"] = message.payload;
    take(std::move(call), policy, now, effects);
}

void PrinterSession::do_deed(const DeedCall& call, Now now, Effects& effects) {
    Outcome done{.status = Status::done};
    Asks asks;
    switch (call.deed) {
    case Deed::refresh:
        refresh(call.ticket, now, effects);
        return;
    case Deed::start_session:
        connection_.resume(now.instant, family(), asks);
        break;
    case Deed::pause_session:
        connection_.pause(asks);
        break;
    case Deed::quit:
        connection_.quit(asks);
        break;
    case Deed::get_state:
        done.data = whole_state();
        break;
    case Deed::forget:
        if (printer_.forget_unit(call.arguments["unit"].get<std::string>())) {
            unsettled_ = true;
            announcer_.review(printer_.layout(), false);
            save_by(now.instant);
            settle(now);
        }
        break;
    case Deed::chamber_value:
        apply(printer_.give_chamber_temperature(call.arguments["value"].get<double>()), now);
        break;
    case Deed::trust:
        effects.push_back(TrustCertificate{settings_.index, call.ticket,
                                           fingerprint_of(call.arguments["fingerprint"].get<std::string>())});
        return;
    case Deed::none:
    case Deed::bind_list:
    case Deed::cancel_transfer:
        break;
    }
    perform(asks, effects);
    show_connection(now, effects);
    commander_.finish(call.ticket, std::move(done), now);
}

/// Asks when the model's budget allows it; else what is known is the answer.
void PrinterSession::refresh(Ticket ticket, Now now, Effects& effects) {
    const auto wait = connection_.full_report_in(now.instant, family());
    if (wait > 0s) {
        commander_.finish(
            ticket,
            Outcome{.status = Status::done,
                    .message = fmt::format("what is known is current; the printer may be asked for a full "
                                           "report again in {} s",
                                           wait.count())},
            now);
        publish_all();
        return;
    }
    Asks asks{Ask::get_version};
    connection_.want_full(now.instant, family(), asks);
    perform(asks, effects);
    refreshes_.push_back({ticket, now.instant + refresh_within});
}

/// What a message of the printer means for commands.
void PrinterSession::watch_commands(const Update& update, Now now) {
    const auto seen = situation(settings_.discovery.policy, now);
    if (update.reply) {
        connection_.answered();
        commander_.hear(*update.reply, seen, now);
    }
    if (update.kind == ReportKind::status || update.kind == ReportKind::led) {
        commander_.look(seen, now);
    }
    if (update.full) {
        for (const auto& call : std::exchange(refreshes_, {})) {
            commander_.finish(call.ticket, Outcome{.status = Status::effective}, now);
        }
    }
    if (const auto state = decode::print_status(printer_.report()); state != job_state_) {
        job_state_ = state;
        if (broker_up_) {
            publish_controls();
        }
    }
    deliver(now);
}

void PrinterSession::handle(const FileProgress& event, Now now) {
    commander_.handle(event, now);
    show_transfer(now);
    deliver(now);
}

void PrinterSession::handle(const FileDone& event, Now now, Effects& effects) {
    commander_.handle(event, situation(settings_.discovery.policy, now), reach(), now, effects);
    show_transfer(now);
    count_commands(now);
    deliver(now);
}

void PrinterSession::handle(const TrustDone& event, Now now, Effects& effects) {
    const bool trusted = event.problem.empty();
    commander_.finish(
        event.ticket,
        trusted ? Outcome{.status = Status::done}
                : Outcome{.status = Status::refused, .code = Code::conflict, .message = event.problem},
        now);
    if (trusted) {
        Asks asks;
        connection_.retry_now(now.instant, asks);
        perform(asks, effects);
    }
    show_connection(now, effects);
    deliver(now);
}

void PrinterSession::tick_commands(Now now, Effects& effects) {
    commander_.tick(now, effects);
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

/// Says what has become of commands: to everybody, and to who asked.
void PrinterSession::deliver(Now now) {
    for (auto& answer : commander_.answers()) {
        const auto text = answer.payload.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
        pass_on(Message{topics_.response(), text});
        for (const auto& sender : answer.senders) {
            if (!sender.topic.empty()) {
                pass_on(Message{.topic = sender.topic, .payload = text, .correlation = sender.correlation});
            }
        }
        if (!answer.final || answer.repeated) {
            continue;
        }
        if (!answer.entity.empty() && !commander_.is_under_way(answer.entity)) {
            end_optimism(answer.entity);
        }
        learn_from(answer.settled, now);
        unanswered_ = unanswered_ || answer.settled.unanswered;
        answer.payload.erase("data");
        apply(printer_.know("last_command", name_of(answer.outcome.status)), now);
        apply(printer_.know("last_command_detail", Json(answer.payload)), now);
    }
}

/// A refusal for want of a signature, or a command that went through without one, is a fact worth keeping
/// where the firmware does not report it.
void PrinterSession::learn_from(const Settled& settled, Now now) {
    const auto known = printer_.facts().signature;
    if (printer_.facts().has(Feature::fun)) {
        return;
    }
    if (settled.wants_signature && known != Signature::suspected) {
        apply(printer_.learn_signature(Signature::suspected), now);
    } else if (settled.signature_free && known == Signature::suspected) {
        apply(printer_.learn_signature(Signature::unknown), now);
    }
}

/// Shows what was asked for at once, so that a switch does not jump back before the printer has spoken.
void PrinterSession::expect(const std::string& entity, Value value, Now now) {
    const auto& instances = printer_.layout().instances();
    const auto instance = std::ranges::find(instances, entity, &Instance::id);
    if (!known(value) || instance == instances.end()) {
        return;
    }
    optimism_[entity] = Optimism{std::move(value), now.instant + optimism_lasts};
    publish(static_cast<std::size_t>(std::distance(instances.begin(), instance)));
}

/// From now on the printer's word counts; it is said again even where it has not changed.
void PrinterSession::end_optimism(const std::string& entity) {
    optimism_.erase(entity);
    const auto& instances = printer_.layout().instances();
    const auto instance = std::ranges::find(instances, entity, &Instance::id);
    if (instance != instances.end() && instance->entity->decode != nullptr) {
        publish(static_cast<std::size_t>(std::distance(instances.begin(), instance)));
        outbox_.repeat(topics_.state(entity), Instant{});
    }
}

void PrinterSession::show_transfer(Now now) {
    const auto& transfer = commander_.transfer();
    const auto percent = !transfer              ? Json(100)
                         : transfer->total == 0 ? Json(0)
                                                : Json(transfer->bytes * 100 / transfer->total);
    apply(printer_.know("transfer_progress", percent), now);
    apply(printer_.know("transfer_file", transfer ? Json(transfer->path) : Json(nullptr)), now);
}

/// The printer's own message; answers with an access code in them are nobody's business.
void PrinterSession::pass_on_report(const std::string& payload, const Update& update) {
    if (!update.reply || update.reply->command != "get_access_code") {
        pass_on(Message{topics_.raw_report(), payload});
    }
}

OrderedJson PrinterSession::whole_state() const {
    Json report = printer_.report().root();
    report.erase("gateway");
    auto entities = OrderedJson::object();
    const auto& instances = printer_.layout().instances();
    for (std::size_t i = 0; i < instances.size(); ++i) {
        if (instances[i].entity->decode != nullptr) {
            entities[instances[i].id] = json_of(printer_.value(i));
        }
    }
    return OrderedJson{
        {"report", std::move(report)}, {"entities", std::move(entities)}, {"files", commander_.listing()}};
}

} // namespace bambu2mqtt
