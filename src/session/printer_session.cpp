#include <bambu2mqtt/core/read.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/session/printer_session.hpp>
#include <bambu2mqtt/session/statements.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// An unplugged unit's entities are taken back after so much connected absence: seven days.
constexpr std::int64_t forget_after_seconds = 7LL * 24 * 3600;

constexpr auto minute = 60s;
constexpr auto version_patience = 30s;
constexpr auto save_soon = 5s;    // several things are learned at once, and written once
constexpr auto save_usage = 600s; // running hours alone are written every ten minutes

std::optional<Facts> remembered_facts(const Json& saved) {
    const auto* const facts = saved.is_object() && saved.contains("facts") ? &saved["facts"] : nullptr;
    return facts == nullptr ? std::nullopt : std::optional{facts_from_json(*facts)};
}

} // namespace

PrinterSession::PrinterSession(SessionSettings settings, const Templates& templates, const Json& saved)
    : settings_(std::move(settings)), topics_(settings_.discovery.base_topic, settings_.names.id),
      printer_(settings_.names.serial, settings_.model, Rounding::banded, remembered_facts(saved)),
      connection_(settings_.seed), announcer_(settings_.names, templates, settings_.discovery) {
    printer_.clock().set_usage(settings_.usage_hours);
    if (saved.is_object() && saved.contains("clock")) {
        printer_.clock().restore(saved["clock"]);
    }
    saved_ = save();
}

void PrinterSession::start(Now now, Effects& effects) {
    last_minute_ = now.instant;
    (void)printer_.know("total_usage", printer_.clock().shown_usage());
    (void)printer_.know("connection", name_of(connection_.state()));
    (void)printer_.know("connection_detail",
                        Json{{"since", rfc3339(now.wall)}, {"error", nullptr}, {"hint", nullptr}});
    Asks asks;
    connection_.start(now.instant, asks);
    perform(asks, effects);
}

void PrinterSession::handle(const PrinterUp&, Now now, Effects& effects) {
    Asks asks;
    connection_.up(now.instant, family(), asks);
    perform(asks, effects);
    show_connection(now, effects);
}

void PrinterSession::handle(const PrinterDown& event, Now now, Effects& effects) {
    connection_.down(event, now.instant);
    if (!event.fingerprint.empty()) {
        (void)printer_.know("fingerprint", event.fingerprint);
    }
    show_connection(now, effects);
}

void PrinterSession::handle(const ReportArrived& event, ReportParser& parser, Now now, Effects& effects) {
    const bool was_complete = printer_.report().complete();
    const auto update = printer_.take(event.payload, parser, now);
    if (!update) {
        note(effects, Level::debug, fmt::format("a message could not be read: {}", update.error().detail));
        return;
    }
    if (update->kind == ReportKind::status) {
        follow_job(now);
        Asks asks;
        connection_.report(update->full ? Extent::full : Extent::partial, now.instant, family(), asks);
        perform(asks, effects);
    } else {
        connection_.alive(now.instant, family());
    }
    apply(*update, now);
    if (!was_complete && printer_.report().complete()) {
        publish_all(); // what it did not tell is not known any more
    }
    show_connection(now, effects);
}

/// A job that was seen to start makes a printer silent for a while, and its start is worth keeping.
void PrinterSession::follow_job(Now now) {
    const bool active = decode::job_is_active(printer_.report());
    if (job_was_active_ == false && active) {
        connection_.job_started(now.instant);
        save_by(now.instant + save_soon);
    }
    job_was_active_ = active;
}

void PrinterSession::handle(const ReportsLost&, Now now, Effects& effects) {
    note(effects, Level::warning, "reports came faster than they could be taken in; some were dropped");
    Asks asks;
    connection_.want_full(now.instant, family(), asks);
    perform(asks, effects);
}

/// Takes over what an update changed: announcements first where entities came or went.
void PrinterSession::apply(const Update& update, Now now) {
    if (update.layout_changed) {
        announcer_.review(printer_.layout(), false);
        publish_all();
        save_by(now.instant + save_soon);
        unsettled_ = true;
    }
    for (const auto index : update.changed) {
        publish(index);
    }
    settle(now);
}

/// Whether everything the printer has is known: absence means something only then. Firmware that never
/// answers get_version is waited for half a minute.
bool PrinterSession::whole(Now now) const {
    const auto up = connection_.up_since();
    const bool asked_in_vain = up && now.instant - *up > version_patience;
    return printer_.report().complete() && (!printer_.facts().firmware.empty() || asked_in_vain);
}

/// Clears what stands on the broker of things the printer does not have.
void PrinterSession::settle(Now now) {
    if (!unsettled_ || !broker_up_ || !whole(now)) {
        return;
    }
    unsettled_ = false;
    const auto wanted = topics_of_layout();
    outbox_.keep_only(wanted);
    std::vector<std::string> leftovers;
    std::ranges::copy_if(found_states_, std::back_inserter(leftovers),
                         [&](const auto& topic) { return !wanted.contains(topic); });
    std::ranges::sort(leftovers);
    for (const auto& topic : leftovers) {
        outbox_.clear(topic);
    }
    // What stands of a unit that is not plugged in has nothing newer.
    std::unordered_set<std::string> kept;
    for (std::size_t i = 0; i < printer_.layout().instances().size(); ++i) {
        for (auto& message :
             printer_.present(i) ? std::vector<Message>{} : statements(printer_, i, topics_)) {
            if (found_states_.contains(message.topic)) {
                kept.insert(std::move(message.topic));
            }
        }
    }
    found_states_ = std::move(kept);
    announcer_.settle(printer_.layout());
}

void PrinterSession::publish(std::size_t index) {
    if (!broker_up_) {
        return; // everything is looked at when the broker is there
    }
    const bool present = printer_.present(index);
    const auto& entity = *printer_.layout().instances()[index].entity;
    const auto messages = statements(printer_, index, topics_);
    for (const auto& message : messages) {
        // What an earlier run published stays until the printer has said something else, and what was said of
        // a unit that is not plugged in stays as it was.
        const bool nothing_new = !printer_.report().complete() && !known(printer_.value(index));
        const bool stands =
            found_states_.contains(message.topic) || (!present && outbox_.wants(message.topic));
        if ((nothing_new || !present) && stands) {
            continue;
        }
        auto hold = std::chrono::milliseconds{1s};
        if (entity.slow_change > 0) {
            const auto* const before = outbox_.sent(message.topic);
            const Json old(before != nullptr ? *before : std::string{});
            const auto shown = read::number(&old);
            const auto* const next = std::get_if<std::int64_t>(&printer_.value(index));
            const bool small = shown && next != nullptr &&
                               std::abs(static_cast<double>(*next) - *shown) < entity.slow_change;
            hold = small ? std::chrono::milliseconds{minute} : hold;
        }
        outbox_.want(message.topic, message.payload, Outbox::Rank::state, hold);
    }
}

void PrinterSession::publish_all() {
    for (std::size_t i = 0; i < printer_.layout().instances().size(); ++i) {
        publish(i);
    }
    publish_presence();
}

void PrinterSession::publish_presence() {
    if (!broker_up_) {
        return;
    }
    const auto reachable = connection_.state() == ConnectionState::connected ? Reachable::yes : Reachable::no;
    for (auto& message : presence(printer_, topics_, reachable)) {
        outbox_.want(message.topic, std::move(message.payload), Outbox::Rank::availability);
    }
}

std::unordered_set<std::string> PrinterSession::topics_of_layout() const {
    std::unordered_set<std::string> topics;
    for (std::size_t i = 0; i < printer_.layout().instances().size(); ++i) {
        for (auto& message : statements(printer_, i, topics_)) {
            topics.insert(std::move(message.topic));
        }
    }
    for (auto& message : presence(printer_, topics_, Reachable::no)) {
        topics.insert(std::move(message.topic));
    }
    return topics;
}

void PrinterSession::broker_up(std::vector<Message> found) {
    broker_up_ = true;
    found_states_.clear();
    std::vector<Message> discovery;
    for (auto& message : found) {
        if (message.topic.starts_with(topics_.root() + "/")) {
            found_states_.insert(std::move(message.topic));
        } else {
            discovery.push_back(std::move(message));
        }
    }
    announcer_.found(std::move(discovery));
    unsettled_ = true;
    outbox_ = Outbox{}; // what is to be taken off the broker is found on it
    publish_all();
    announcer_.review(printer_.layout(), true);
}

void PrinterSession::home_assistant_up(Now now) {
    // Many gateways hear the same birth message; one to ten seconds, its own for each printer.
    const auto wait = 1s + std::chrono::milliseconds{(settings_.seed * 2654435761U) % 9000U};
    announcer_.review_at(now.instant + wait);
}

void PrinterSession::tick(Now now, Effects& effects) {
    Asks asks;
    connection_.tick(now.instant, family(), asks);
    perform(asks, effects);
    if (now.instant - last_minute_ >= minute) {
        const auto passed = std::chrono::duration_cast<std::chrono::seconds>(now.instant - last_minute_);
        last_minute_ = now.instant;
        if (connection_.state() == ConnectionState::connected) {
            printer_.count_absence(passed.count());
            if (printer_.forget_absent_units(forget_after_seconds)) {
                announcer_.review(printer_.layout(), false);
                unsettled_ = true;
            }
        }
        apply(printer_.tick(now), now);
        save_by(now.instant + save_usage);
    }
    if (const auto due = announcer_.review_due(); due && now.instant >= *due) {
        outbox_.forget();
        announcer_.review(printer_.layout(), true);
    }
    keep(now, effects);
    show_connection(now, effects);
}

/// Publishes the connection state when it changed, and notes an outage once when it begins and once when it
/// ends.
void PrinterSession::show_connection(Now now, Effects& effects) {
    const auto state = connection_.state();
    if (state == shown_state_ && connection_.error() == shown_error_) {
        return;
    }
    const bool state_changed = state != shown_state_;
    shown_state_ = state;
    shown_error_ = connection_.error();
    const auto text = [](std::string_view words) { return words.empty() ? Json(nullptr) : Json(words); };
    const Json* const before = printer_.report().find("gateway/connection_detail/since");
    const Json since = state_changed || before == nullptr ? Json(rfc3339(now.wall)) : *before;
    apply(printer_.know("connection", name_of(state)), now);
    apply(printer_.know(
              "connection_detail",
              Json{{"since", since}, {"error", text(shown_error_)}, {"hint", text(connection_.hint())}}),
          now);
    publish_presence();
    if (state == ConnectionState::connected) {
        note(effects, Level::info, outage_noted_ ? "connected again" : "connected");
        outage_noted_ = false;
    } else if (state != ConnectionState::connecting && !outage_noted_) {
        outage_noted_ = true;
        const auto hint = connection_.hint();
        note(effects, Level::warning,
             fmt::format("{}: {}{}{}", name_of(state), shown_error_, hint.empty() ? "" : "; ", hint));
    }
}

void PrinterSession::perform(const Asks& asks, Effects& effects) {
    for (const auto ask : asks) {
        switch (ask) {
        case Ask::connect:
            effects.push_back(ConnectPrinter{settings_.index});
            break;
        case Ask::disconnect:
            effects.push_back(DisconnectPrinter{settings_.index});
            break;
        case Ask::get_version:
            effects.push_back(SendRequest{
                settings_.index,
                fmt::format(R"({{"info":{{"sequence_id":"{}","command":"get_version"}}}})", ++sequence_)});
            break;
        case Ask::pushall:
            effects.push_back(SendRequest{
                settings_.index,
                fmt::format(
                    R"({{"pushing":{{"sequence_id":"{}","command":"pushall","version":1,"push_target":1}}}})",
                    ++sequence_)});
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
    return Json{{"serial", settings_.names.serial},
                {"id", settings_.names.id},
                {"facts", to_json(printer_.facts())},
                {"clock", printer_.clock().save()}}
        .dump(1);
}

Instant PrinterSession::deadline() const {
    Instant result = last_minute_ + minute;
    for (const auto& due : {connection_.deadline(), save_at_, announcer_.review_due()}) {
        if (due && *due < result) {
            result = *due;
        }
    }
    return result;
}

std::optional<Message> PrinterSession::next(Now now) {
    if (!broker_up_) {
        return std::nullopt;
    }
    if (settings_.announce) {
        bool changed = false;
        auto message = announcer_.next(printer_.facts(), printer_.layout(), whole(now), changed);
        if (changed) {
            // Home Assistant subscribes anew after a changed announcement; tell it the states once more.
            for (const auto& topic : topics_of_layout()) {
                outbox_.repeat(topic, now.instant + 1s);
            }
        }
        if (message) {
            return message;
        }
    }
    return outbox_.next(now.instant);
}

std::optional<Instant> PrinterSession::next_due() const {
    if (!broker_up_) {
        return std::nullopt;
    }
    return settings_.announce && announcer_.busy() ? std::optional{Instant{}} : outbox_.due();
}

void PrinterSession::say_goodbye() {
    announcer_.call_off();
    outbox_.call_off();
    for (auto& message : presence(printer_, topics_, Reachable::no)) {
        outbox_.want(message.topic, std::move(message.payload), Outbox::Rank::state, 0ms);
    }
}

void PrinterSession::note(Effects& effects, Level level, std::string text) const {
    effects.push_back(Note{level, settings_.names.id, std::move(text)});
}

Family PrinterSession::family() const {
    return printer_.facts().traits().family;
}

} // namespace bambu2mqtt
