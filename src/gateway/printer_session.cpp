#include "gateway/earliest_of.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/gateway/printer_session.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// Entities of an unplugged unit are removed after this time of connected absence: seven days.
constexpr std::int64_t forget_after_seconds = 7LL * 24 * 3600;

constexpr auto usage_saved_within = 600s; // running hours are saved every ten minutes

/// True if the session was closed with `quit` when the state was saved.
bool was_closed(const Json& saved) {
    const auto* const closed = read::member(&saved, "closed");
    return closed != nullptr && *closed == true;
}

/// Only the time counts in which the printer is connected.
void forget_absent_units(SessionContext& context, std::chrono::seconds passed, Now now) {
    if (context.connection.state() != ConnectionState::connected) {
        return;
    }
    context.printer.count_absence(passed.count());
    context.publish_changes(now);
    if (context.printer.forget_absent_units(forget_after_seconds)) {
        context.publisher.layout_changed();
    }
}

} // namespace

PrinterSession::PrinterSession(SessionSettings settings, const Templates& templates, const Json& saved)
    : context_(std::move(settings), templates, saved), jobs_(context_, saved), connection_(context_, jobs_),
      features_(context_, saved), commands_(context_, jobs_, connection_, features_) {
    context_.printer.clock().set_usage(context_.settings.usage_hours);
    if (const auto* const clock = read::member(&saved, "clock")) {
        context_.printer.clock().restore(*clock);
    }
    if (const auto* const fans = read::member(&saved, "fans")) {
        context_.printer.restore_fan_speeds(*fans);
    }
    if (const auto* const events = read::member(&saved, "events")) {
        context_.publisher.events().restore(*events);
    }
    if (was_closed(saved)) {
        ConnectionActions nothing_is_open;
        context_.connection.quit(nothing_is_open);
    }
    if (const auto* const id = read::member(&saved, "id");
        id != nullptr && *id != context_.settings.names.id) {
        context_.persistent.save_by(Instant{}); // the file has an id that is a former one from now on
    } else {
        context_.persistent.loaded(save());
    }
}

void PrinterSession::start(Now now, Effects& effects) {
    clock_.start(now);
    (void)context_.printer.show_usage();
    features_.start(now, effects);
    connection_.start(now, effects);
    finish(now, effects);
}

void PrinterSession::handle(const ReportArrived& event, ReportParser& parser, Now now, Effects& effects) {
    auto& counters = context_.counters;
    ++counters.reports;
    counters.report_bytes += event.payload.size();
    counters.last_report_at = now.wall;
    features_.on_message(event.payload, now, effects);
    auto& printer = context_.printer;
    const bool was_complete = printer.report_state().complete();
    const auto update = printer.take(event.payload, parser, now);
    if (!update) {
        if (update.error().problem != Problem::out_of_range) {
            context_.log(effects, Level::debug,
                         fmt::format("a message could not be read: {}", update.error().detail));
        } else if (drop_noted_.take(now.instant)) {
            context_.log(effects, Level::warning, update.error().detail);
        }
        return;
    }
    if (update->kind == ReportKind::status) {
        jobs_.report_merged(update->full, now);
        context_.with_connection(effects, [&](Connection& link, ConnectionActions& actions) {
            link.report(update->full ? Extent::full : Extent::partial, now.instant, context_.family(),
                        actions);
        });
        jobs_.follow(now, effects);
    } else {
        context_.connection.alive(now.instant, context_.family());
    }
    auto& publisher = context_.publisher;
    if (context_.settings.discovery.policy.raw_topics) {
        publisher.publish_raw(event.payload, *update);
    }
    publisher.add(*update);
    features_.on_state(*update, now, effects);
    commands_.on_message(*update, now);
    jobs_.publish_controls();
    commands_.deliver(now);
    if (!was_complete && printer.report_state().complete()) {
        publisher.add_all(); // values that were not reported again become unknown
    }
    finish(now, effects);
}

void PrinterSession::handle(const BrokerMessage& message, const CommandTopic& topic, Now now,
                            Effects& effects) {
    commands_.handle(message, topic, now, effects);
    commands_.deliver(now);
    context_.publish_changes(now);
}

void PrinterSession::handle(CommandRequest command_request, Now now, Effects& effects) {
    commands_.handle(std::move(command_request), now, effects);
    commands_.deliver(now);
    context_.publish_changes(now);
}

void PrinterSession::handle(const WorkProgress& event, Now now, Effects& effects) {
    features_.handle(event, now, effects);
    commands_.deliver(now);
    context_.publish_changes(now);
}

void PrinterSession::handle(const WorkDone& event, Now now, Effects& effects) {
    features_.handle(event, now, effects);
    commands_.deliver(now);
    context_.publish_changes(now);
}

void PrinterSession::handle(const TrustDone& event, Now now, Effects& effects) {
    commands_.handle(event, now, effects);
    commands_.deliver(now);
    finish(now, effects);
}

/// The end of each event that may have changed the connection.
void PrinterSession::finish(Now now, Effects& effects) {
    connection_.show(now, effects);
    context_.publish_changes(now);
}

void PrinterSession::event_delivered(std::uint64_t event, Now now) {
    if (context_.publisher.events().delivered(event)) {
        // Killed before it is written, the gateway would send it again.
        context_.persistent.save_by(now.instant);
    }
}

void PrinterSession::broker_up(std::vector<Message> found, bool retain_as_published) {
    commands_.broker_up(retain_as_published);
    if (context_.publisher.broker_up(std::move(found))) {
        context_.persistent.save_by(Instant{});
    }
}

void PrinterSession::tick(Now now, Effects& effects) {
    connection_.tick(clock_.was_set(now), now, effects);
    if (const auto passed = clock_.minute_passed(now)) {
        forget_absent_units(context_, *passed, now);
        context_.publisher.add(context_.printer.tick(now));
        context_.persistent.save_by(now.instant + usage_saved_within);
    }
    context_.publisher.tick(now.instant);
    jobs_.tick(now, effects);
    commands_.tick(now, effects);
    features_.tick(now, effects);
    if (auto content = context_.persistent.take(now.instant, [this] { return save(); })) {
        effects.push_back(SaveState{context_.settings.index, *std::move(content)});
    }
    finish(now, effects);
}

std::string PrinterSession::save() const {
    const auto& names = context_.settings.names;
    const auto& printer = context_.printer;
    const auto& link = context_.connection;
    Json content{{"serial", names.serial},
                 {"id", names.id},
                 {"facts", to_json(printer.facts())},
                 {"clock", printer.clock().save()},
                 {"journal", jobs_.save()},
                 {"events", context_.publisher.events().save()}};
    if (const auto& ids = context_.publisher.states().former_ids(); !ids.empty()) {
        content["former_ids"] = ids;
    }
    if (const auto& speeds = printer.gateway().last_speed; !speeds.empty()) {
        content["fans"] = saved_speeds(speeds);
    }
    if (const auto& address = link.places().learned(); !address.empty()) {
        content["address"] = address;
    }
    if (link.closed()) {
        content["closed"] = true;
    }
    features_.save(content);
    return content.dump(1, ' ', false, Json::error_handler_t::replace);
}

Instant PrinterSession::deadline() const {
    return *earliest_of({clock_.deadline(), context_.connection.deadline(), context_.persistent.due(),
                         context_.publisher.deadline(), commands_.deadline(), jobs_.deadline(),
                         features_.deadline()});
}

void PrinterSession::take_over(PrinterSession& former, std::optional<std::vector<Message>> retained,
                               bool retain_as_published) {
    const bool broker_open = retained.has_value();
    context_.publisher.take_over(former.context_.publisher);
    if (broker_open) {
        broker_up(*std::move(retained), retain_as_published);
    }
    commands_.take_over(former.commands_, broker_open);
}

void PrinterSession::end_commands_of(PrinterSession& former, std::string_view why, Now now,
                                     Effects& effects) {
    commands_.end_commands_of(former.commands_, why, now, effects);
}

void PrinterSession::reconfigure(SessionSettings settings, Now now, Effects& effects) {
    context_.settings = std::move(settings);
    context_.publisher.add(context_.printer.set_language(context_.settings.discovery.language));
    context_.publisher.reconfigure();
    finish(now, effects);
}

std::deque<Message> PrinterSession::retire(std::string_view why, Now now, Effects& effects) {
    commands_.abandon(why, now, effects);
    return context_.publisher.transient_messages().take_all();
}

void PrinterSession::shutdown(Now now, Effects& effects) {
    commands_.abandon("the gateway is being stopped", now, effects);
    context_.publish_changes(now);
    context_.publisher.shutdown();
}

} // namespace bambu2mqtt
