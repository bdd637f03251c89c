#include "gateway/saved_session.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/gateway/printer_session.hpp>
#include <bambu2mqtt/gateway/state_messages.hpp>
#include <bambu2mqtt/printer/ssdp_announcement.hpp>
#include <bambu2mqtt/topic/printer_id.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// An unplugged unit's entities are taken back after so much connected absence: seven days.
constexpr std::int64_t forget_after_seconds = 7LL * 24 * 3600;

constexpr std::size_t longest_reason = 256; ///< bytes of connection/attributes `error`

constexpr auto minute = 60s;
constexpr auto save_soon = 5s;    // several things are learned at once, and written once
constexpr auto save_usage = 600s; // running hours alone are written every ten minutes

std::optional<Facts> remembered_facts(const Json& saved) {
    const auto* const facts = saved.is_object() && saved.contains("facts") ? &saved["facts"] : nullptr;
    return facts == nullptr ? std::nullopt : std::optional{facts_from_json(*facts)};
}

/// Where earlier runs found the printer besides its configured host.
AddressBook known_places(const SessionSettings& settings, const Json& saved) {
    std::string learned;
    if (settings.follows && saved.is_object() && saved.contains("address")) {
        learned = host_address(read::text(&saved["address"]).value_or(std::string_view{})).value_or("");
    }
    return AddressBook{settings.host, std::move(learned), settings.first_contact};
}

} // namespace

PrinterSession::PrinterSession(SessionSettings settings, const Templates& templates, const Json& saved)
    : settings_(std::move(settings)), topics_(settings_.discovery.base_topic, settings_.names.id),
      printer_(settings_.names.serial, settings_.model, Rounding::banded, remembered_facts(saved)),
      connection_(settings_.seed, known_places(settings_, saved)),
      announcer_(settings_.names, templates, settings_.discovery), command_runner_(settings_.index) {
    printer_.clock().set_usage(settings_.usage_hours);
    if (saved.is_object() && saved.contains("clock")) {
        printer_.clock().restore(saved["clock"]);
    }
    if (saved.is_object() && saved.contains("fans")) {
        printer_.restore_fan_speeds(saved["fans"]);
    }
    if (saved.is_object() && saved.contains("journal")) {
        job_tracker_.restore(saved["journal"]);
    }
    restore_events(saved);
    command_runner_.files().restore_listing(remembered_listing(saved));
    if (was_closed(saved)) {
        ConnectionActions nothing_is_open;
        connection_.quit(nothing_is_open);
    }
    const auto& places = connection_.places();
    logged_host_ = places.learned().empty() ? places.configured() : places.learned();
    former_ids_ = settings_.former_ids;
    // The first default is looked for at each start anyway.
    std::erase(former_ids_, former_default_printer_id(settings_.names.serial));
    saved_ = save();
    if (saved.is_object() && saved.contains("id") && saved["id"] != settings_.names.id) {
        saved_.clear(); // the file names an id that is a former one from now on
        save_by(Instant{});
    }
}

void PrinterSession::start(Now now, Effects& effects) {
    last_minute_ = now.instant;
    (void)printer_.show_usage();
    show_transfer();
    (void)printer_.set_connection({.state = name_of(connection_.state()), .since = now.wall});
    if (!connection_.closed()) {
        ConnectionActions actions;
        connection_.start(now.instant, actions);
        perform(actions, effects);
    }
    show_connection(now, effects);
    publish_changes(now);
}

void PrinterSession::handle(const PrinterUp&, Now now, Effects& effects) {
    ConnectionActions actions;
    connection_.up(now.instant, family(), actions);
    job_tracker_.reconnected();
    perform(actions, effects);
    follow_place(now, effects);
    show_connection(now, effects);
    publish_changes(now);
}

void PrinterSession::handle(const PrinterAnnounced& event, Now now, Effects& effects) {
    if (!settings_.follows) {
        return;
    }
    ConnectionActions actions;
    connection_.announced(event.address, now.instant, actions);
    perform(actions, effects);
    show_connection(now, effects);
    publish_changes(now);
}

/// The printer has proved to be elsewhere than before: told once, and remembered.
void PrinterSession::follow_place(Now now, Effects& effects) {
    if (connection_.host() == logged_host_) {
        return;
    }
    const auto& configured = connection_.places().configured();
    const bool as_configured = connection_.host() == configured;
    place_note_ =
        fmt::format("found at {}{}", connection_.host(),
                    as_configured || configured.empty() ? "" : ", not at its configured host " + configured);
    if (shown_state_ == ConnectionState::connected) { // nothing else is going to be logged
        note(effects, Level::info, std::exchange(place_note_, std::string{}));
    }
    logged_host_ = connection_.host();
    save_by(now.instant);
}

void PrinterSession::handle(const PrinterDown& event, Now now, Effects& effects) {
    // What is shown where somebody said that the printer is must not be taken for the printer's own.
    if (!event.fingerprint.empty() && !connection_.places().is_unverified()) {
        fingerprint_ = event.fingerprint;
    }
    connection_.down(event, now.instant);
    show_connection(now, effects);
    publish_changes(now);
}

void PrinterSession::handle(const ReportArrived& event, ReportParser& parser, Now now, Effects& effects) {
    const bool was_complete = printer_.report_state().complete();
    const auto update = printer_.take(event.payload, parser, now);
    if (!update) {
        note(effects, Level::debug, fmt::format("a message could not be read: {}", update.error().detail));
        return;
    }
    if (update->kind == ReportKind::status) {
        queue_events(job_tracker_.update(printer_, update->full, now), now);
        ConnectionActions actions;
        connection_.report(update->full ? Extent::full : Extent::partial, now.instant, family(), actions);
        perform(actions, effects);
        follow_job(now);
        ask_for_job_values(now, effects);
    } else {
        connection_.alive(now.instant, family());
    }
    if (settings_.discovery.policy.raw_topics) {
        enqueue_raw_report(event.payload, *update);
    }
    changed_.add(*update);
    watch_commands(*update, now);
    if (!was_complete && printer_.report_state().complete()) {
        changed_.add_all(); // what it did not tell is not known any more
    }
    show_connection(now, effects);
    publish_changes(now);
}

void PrinterSession::handle(const ReportsLost&, Now now, Effects& effects) {
    if (!loss_noted_at_ || now.instant - *loss_noted_at_ >= 1h) {
        loss_noted_at_ = now.instant;
        note(effects, Level::warning, "reports came faster than they could be taken in; some were dropped");
    }
    ConnectionActions actions;
    connection_.want_full(now.instant, family(), actions);
    perform(actions, effects);
}

/// Publishes what the message at hand changed, each entity once: announcements first where entities came or
/// went. Called at the end of each message, and before units are forgotten, which moves the indices.
void PrinterSession::publish_changes(Now now) {
    if (changed_.layout_changed()) {
        announcer_.review(printer_.layout(), false);
        save_by(now.instant + save_soon);
        cleanup_pending_ = true;
    }
    if (changed_.all()) {
        publish_all();
    } else {
        changed_.for_each([this](std::size_t index) { publish(index); });
    }
    if (changed_.updated()) {
        remove_stale_topics(now);
    }
    changed_.clear();
}

void PrinterSession::broker_up(std::vector<Message> found, bool tells_retained) {
    broker_up_ = true;
    tells_retained_ = tells_retained;
    pending_clears_.clear();
    transient_messages_.clear(); // who waited for it is not there any more
    std::ranges::for_each(events_, [](QueuedEvent& queued) { queued.on_the_way = false; });
    outbox_ = Outbox{}; // what is to be taken off the broker is found on it
    take_found(std::move(found));
    cleanup_pending_ = true;
    publish_all();
    announcer_.review(printer_.layout(), true);
}

void PrinterSession::home_assistant_up(Now now) {
    // Many gateways hear the same birth message; one to ten seconds, its own for each printer.
    const auto wait = 1s + std::chrono::milliseconds{(settings_.seed * 2654435761U) % 9000U};
    announcer_.review_at(now.instant + wait);
}

void PrinterSession::tick(Now now, Effects& effects) {
    ConnectionActions actions;
    watch_clock(now, actions);
    connection_.tick(now.instant, family(), actions);
    perform(actions, effects);
    if (now.instant - last_minute_ >= minute) {
        const auto passed = std::chrono::duration_cast<std::chrono::seconds>(now.instant - last_minute_);
        last_minute_ = now.instant;
        if (connection_.state() == ConnectionState::connected) {
            printer_.count_absence(passed.count());
            publish_changes(now);
            if (printer_.forget_absent_units(forget_after_seconds)) {
                announcer_.review(printer_.layout(), false);
                cleanup_pending_ = true;
            }
        }
        changed_.add(printer_.tick(now));
        save_by(now.instant + save_usage);
    }
    if (const auto due = announcer_.review_due(); due && now.instant >= *due) {
        outbox_.forget();
        announcer_.review(printer_.layout(), true);
    }
    ask_for_job_values(now, effects);
    tick_commands(now, effects);
    queue_events(job_tracker_.tick(now), now);
    keep(now, effects);
    show_connection(now, effects);
    publish_changes(now);
}

/// Publishes the connection state when it changed, and notes an outage once when it begins and once when it
/// ends.
void PrinterSession::show_connection(Now now, Effects& effects) {
    const auto state = connection_.state();
    if (state == shown_state_ && connection_.error() == shown_error_ && connection_.hint() == shown_hint_) {
        return;
    }
    const bool state_changed = state != shown_state_;
    shown_hint_ = connection_.hint();
    shown_state_ = state;
    shown_error_ = connection_.error();
    // What went wrong is told in words of servers, too.
    const auto text = [](std::string_view words) { return printable(words, longest_reason); };
    const bool untrusted = state == ConnectionState::tls_untrusted;
    changed_.add(printer_.set_connection(
        {.state = name_of(state),
         .since = state_changed ? now.wall : printer_.gateway().connection.since.value_or(now.wall),
         .error = text(shown_error_),
         .hint = text(connection_.hint()),
         .fingerprint = untrusted ? text(fingerprint_) : std::string{}}));
    publish_availability();
    if (state != ConnectionState::connecting && state != ConnectionState::paused) {
        queue_events(job_tracker_.reachable(state == ConnectionState::connected, now), now);
    }
    if (state == ConnectionState::connected) {
        const auto place = std::exchange(place_note_, std::string{});
        note(effects, Level::info,
             fmt::format("{}{}{}", outage_noted_ ? "connected again" : "connected", place.empty() ? "" : ", ",
                         place));
        outage_noted_ = false;
    } else if (state == ConnectionState::paused) {
        note(effects, Level::info, "paused by a command");
        outage_noted_ = false;
    } else if (state != ConnectionState::connecting && !outage_noted_) {
        outage_noted_ = true;
        const auto hint = connection_.hint();
        note(effects, Level::warning,
             fmt::format("{}: {}{}{}", name_of(state), shown_error_, hint.empty() ? "" : "; ", hint));
    }
}

void PrinterSession::perform(const ConnectionActions& actions, Effects& effects) {
    for (const auto action : actions) {
        switch (action) {
        case ConnectionAction::connect:
            effects.push_back(ConnectPrinter{settings_.index, connection_.host()});
            break;
        case ConnectionAction::disconnect:
            effects.push_back(DisconnectPrinter{settings_.index});
            break;
        case ConnectionAction::get_version:
            effects.push_back(
                SendRequest{settings_.index, command_runner_.requests().stamped(get_version_request())});
            break;
        case ConnectionAction::pushall:
            effects.push_back(
                SendRequest{settings_.index, command_runner_.requests().stamped(pushall_request())});
            break;
        case ConnectionAction::listen:
        case ConnectionAction::ignore:
            effects.push_back(SubscribeReports{settings_.index, action == ConnectionAction::listen});
            break;
        }
    }
}

void PrinterSession::save_by(Instant moment) {
    save_at_ = std::min(save_at_.value_or(moment), moment);
}

void PrinterSession::keep(Now now, Effects& effects) {
    if (!save_at_ || now.instant < *save_at_) {
        return;
    }
    save_at_.reset();
    auto content = save();
    if (content != saved_) {
        saved_ = content;
        effects.push_back(SaveState{settings_.index, std::move(content)});
    }
}

std::string PrinterSession::save() const {
    Json content{{"serial", settings_.names.serial},   {"id", settings_.names.id},
                 {"facts", to_json(printer_.facts())}, {"clock", printer_.clock().save()},
                 {"journal", job_tracker_.save()},     {"events", saved_events()}};
    if (!former_ids_.empty()) {
        content["former_ids"] = former_ids_;
    }
    if (const auto& speeds = printer_.gateway().last_speed; !speeds.empty()) {
        content["fans"] = saved_speeds(speeds);
    }
    if (const auto& address = connection_.places().learned(); !address.empty()) {
        content["address"] = address;
    }
    if (connection_.closed()) {
        content["closed"] = true;
    }
    remember_listing(content, command_runner_.files().listing());
    return content.dump(1, ' ', false, Json::error_handler_t::replace);
}

Instant PrinterSession::deadline() const {
    Instant result = last_minute_ + minute;
    for (const auto& due : {connection_.deadline(), save_at_, announcer_.review_due(), commands_deadline(),
                            job_tracker_.deadline(), job_values_due_}) {
        if (due && *due < result) {
            result = *due;
        }
    }
    return result;
}

void PrinterSession::shutdown(Now now, Effects& effects) {
    command_runner_.abandon("the gateway is being stopped", now, effects);
    deliver(now);
    publish_changes(now);
    announcer_.cancel();
    outbox_.cancel();
    for (auto& message : availability_messages(printer_, topics_, Reachable::no)) {
        outbox_.want(message.topic, std::move(message.payload), Outbox::Rank::state, 0ms);
    }
}

void PrinterSession::note(Effects& effects, Level level, std::string text) const {
    effects.push_back(LogLine{level, settings_.names.id, std::move(text)});
}

Family PrinterSession::family() const {
    return printer_.facts().traits().family;
}

} // namespace bambu2mqtt
