#include <bambu2mqtt/announce/printer_id.hpp>
#include <bambu2mqtt/session/bridge.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// Retained messages come at once after the subscription; so much silence means that all have come.
constexpr auto quiet_for = 500ms;
constexpr auto listen_at_most = 30s;
constexpr auto health_every = 60s;

/// Home Assistant warns of empty states of entities it has not dropped yet.
constexpr auto clearing_waits = 1s;

/// The ids under which earlier runs may have published a printer that is served under `id` now.
std::vector<std::string> former_ids(const BridgeSettings& settings, const PrinterNames& names) {
    std::vector<std::string> ids;
    const auto add = [&](const std::string& id) {
        const bool served = std::ranges::any_of(
            settings.printers, [&](const SessionSettings& printer) { return printer.names.id == id; });
        if (!served && std::ranges::find(ids, id) == ids.end()) {
            ids.push_back(id);
        }
    };
    for (const auto& former : settings.former) {
        if (former.serial == names.serial) {
            add(former.id);
        }
    }
    add(former_default_printer_id(names.serial));
    return ids;
}

} // namespace

Bridge::Bridge(BridgeSettings settings, const Templates& templates, const std::vector<Json>& saved)
    : settings_(std::move(settings)), templates_(templates), topics_(settings_.discovery.base_topic),
      duties_(settings_.printers.size()), postings_(settings_.printers.size()), backoff_(settings_.seed) {
    for (std::size_t i = 0; i < settings_.printers.size(); ++i) {
        auto printer = settings_.printers[i];
        printer.discovery = settings_.discovery;
        printer.discovery.policy.url_scheme = printer.url_scheme;
        printer.announce = settings_.announce;
        printer.responses = {.base_topic = settings_.discovery.base_topic,
                             .discovery_prefix = settings_.discovery.prefix,
                             .status_topic = settings_.status_topic,
                             .filters = settings_.response_topics};
        printer.former_ids = former_ids(settings_, printer.names);
        sessions_.push_back(std::make_unique<PrinterSession>(std::move(printer), templates_,
                                                             i < saved.size() ? saved[i] : Json()));
        by_id_.emplace(sessions_.back()->id(), i);
    }
}

/// Former printers are forgotten once all that stood of them on the broker is known to be gone.
void Bridge::forget_former(Effects& effects) {
    if (phase_ == Phase::open && first_.empty() && clearing_.empty() && in_flight_.empty()) {
        for (const auto& printer : settings_.former) {
            if (!serves(printer.serial)) {
                effects.push_back(ForgetPrinter{printer.serial});
            }
        }
        settings_.former.clear();
    }
}

void Bridge::start(Now now, Effects& effects) {
    effects.push_back(ConnectBroker{});
    health_at_ = now.instant;
    reported_.resize(sessions_.size());
    for (std::size_t i = 0; i < sessions_.size(); ++i) {
        sessions_[i]->start(now, effects);
        refresh(i);
    }
}

void Bridge::handle(const Event& event, Now now, Effects& effects) {
    if (event.target != broker_target) {
        auto& session = *sessions_.at(event.target);
        if (const auto* const up = std::get_if<PrinterUp>(&event.body)) {
            session.handle(*up, now, effects);
        } else if (const auto* const down = std::get_if<PrinterDown>(&event.body)) {
            session.handle(*down, now, effects);
        } else if (const auto* const report = std::get_if<ReportArrived>(&event.body)) {
            ++messages_in_;
            session.handle(*report, parser_, now, effects);
            const auto due = session.next_due();
            auto& waiting = reported_[event.target];
            waiting = due && *due <= now.instant ? waiting.value_or(now.instant) : waiting;
        } else if (const auto* const lost = std::get_if<ReportsLost>(&event.body)) {
            session.handle(*lost, now, effects);
        } else if (const auto* const progress = std::get_if<FileProgress>(&event.body)) {
            session.handle(*progress, now);
        } else if (const auto* const done = std::get_if<FileDone>(&event.body)) {
            session.handle(*done, now, effects);
        } else if (const auto* const trusted = std::get_if<TrustDone>(&event.body)) {
            session.handle(*trusted, now, effects);
        } else if (const auto* const announced = std::get_if<PrinterAnnounced>(&event.body)) {
            session.handle(*announced, now, effects);
        }
        refresh(event.target);
        return;
    }
    if (const auto* const up = std::get_if<BrokerUp>(&event.body)) {
        broker_up_event(*up, now, effects);
    } else if (const auto* const down = std::get_if<BrokerDown>(&event.body)) {
        broker_down_event(*down, now, effects);
    } else if (const auto* const message = std::get_if<BrokerMessage>(&event.body)) {
        hear(*message, now, effects);
    } else if (std::get_if<Published>(&event.body) != nullptr) {
        acknowledged(now);
    }
}

/// Brokers acknowledge in the order in which they were sent.
void Bridge::acknowledged(Now now) {
    if (in_flight_.empty()) {
        return;
    }
    if (const auto teller = in_flight_.front()) {
        sessions_[*teller]->event_delivered(now);
        refresh(*teller);
    }
    in_flight_.pop_front();
}

void Bridge::broker_up_event(const BrokerUp& event, Now now, Effects& effects) {
    backoff_.reset();
    retry_at_.reset();
    phase_ = Phase::listening;
    window_ = std::max<std::size_t>(event.window, 1);
    tells_retained_ = event.tells_retained;
    in_flight_.clear();
    heard_.clear();
    listening_since_ = now.instant;
    last_heard_ = now.instant;
    effects.push_back(Note{Level::info, "broker", outage_noted_ ? "connected again" : "connected"});
    outage_noted_ = false;
    listen(true, effects);
}

void Bridge::broker_down_event(const BrokerDown& event, Now now, Effects& effects) {
    phase_ = Phase::down;
    in_flight_.clear();
    first_.clear();
    clearing_.clear();
    bridge_review_at_.reset();
    for (std::size_t i = 0; i < sessions_.size(); ++i) {
        sessions_[i]->broker_down();
        refresh(i);
    }
    retry_at_ = now.instant + backoff_.next();
    if (!outage_noted_) {
        outage_noted_ = true;
        effects.push_back(Note{Level::warning, "broker",
                               fmt::format("not connected: {}; trying again until it is", event.detail)});
    }
}

void Bridge::tick(Now now, Effects& effects) {
    if (retry_at_ && now.instant >= *retry_at_) {
        retry_at_.reset();
        effects.push_back(ConnectBroker{});
    }
    if (phase_ == Phase::listening &&
        (now.instant - *last_heard_ >= quiet_for || now.instant - *listening_since_ >= listen_at_most)) {
        open(effects);
    }
    if (bridge_review_at_ && now.instant >= *bridge_review_at_) {
        bridge_review_at_.reset();
        announce_bridge_device({});
        outbox_.forget();
    }
    forget_former(effects);
    while (true) {
        const auto due = duties_.first();
        if (!due || due->first > now.instant) {
            break;
        }
        sessions_[due->second]->tick(now, effects);
        refresh(due->second);
        if (duties_.first() == due) {
            // Whatever it waits for, the others must not wait for it.
            duties_.set(due->second, now.instant + 100ms);
        }
    }
}

Instant Bridge::deadline() const {
    std::optional<Instant> result;
    const auto sooner = [&](const std::optional<Instant>& moment) {
        if (moment && (!result || *moment < *result)) {
            result = moment;
        }
    };
    sooner(retry_at_);
    sooner(bridge_review_at_);
    sooner(health_at_);
    if (phase_ == Phase::listening) {
        sooner(std::min(*last_heard_ + quiet_for, *listening_since_ + listen_at_most));
    }
    if (const auto due = duties_.first()) {
        sooner(due->first);
    }
    if (phase_ == Phase::open && in_flight_.size() < window_) {
        sooner(outbox_.due());
        if (!clearing_.empty()) {
            sooner(clearing_from_);
        }
        if (const auto due = postings_.first()) {
            sooner(due->first);
        }
    }
    return result.value_or(Instant::max());
}

std::optional<Message> Bridge::next(Now now) {
    if (phase_ != Phase::open || in_flight_.size() >= window_) {
        return std::nullopt;
    }
    auto message = next_own(now);
    std::optional<std::size_t> teller;
    while (!message) {
        const auto due = postings_.first();
        if (!due || due->first > now.instant) {
            return std::nullopt;
        }
        bool is_event = false;
        message = sessions_[due->second]->next(now, is_event);
        teller = is_event ? std::optional{due->second} : std::nullopt;
        if (auto& since = reported_[due->second]; message && since) {
            delays_.add(now.instant - *since);
            since.reset();
        }
        refresh(due->second);
        if (!message && postings_.first() == due) {
            // Something waits for something else of the same printer; look again a little later.
            postings_.set(due->second, now.instant + 100ms);
        }
    }
    in_flight_.push_back(teller);
    ++messages_out_;
    return message;
}

/// What the bridge itself has to say, before its printers.
std::optional<Message> Bridge::next_own(Now now) {
    const auto take = [](std::deque<Message>& from) {
        auto message = std::move(from.front());
        from.pop_front();
        return message;
    };
    if (!first_.empty()) {
        clearing_from_ = now.instant + clearing_waits;
        return take(first_);
    }
    if (!clearing_.empty() && now.instant >= clearing_from_) {
        return take(clearing_);
    }
    return outbox_.next(now.instant);
}

bool Bridge::serves(const std::string& serial) const {
    return std::ranges::any_of(
        settings_.printers, [&](const SessionSettings& printer) { return printer.names.serial == serial; });
}

bool Bridge::health_due(Now now) const {
    return health_at_ && now.instant >= *health_at_;
}

void Bridge::set_health(Health health, Now now) {
    health_at_ = now.instant + health_every;
    health_ = std::move(health);
    health_.messages_in = messages_in_;
    health_.messages_out = messages_out_;
    health_.publish_delay_ms = delays_.median_ms();
    for (const auto& session : sessions_) {
        const auto up = session->connection().up_since();
        const auto age = up ? std::chrono::duration_cast<std::chrono::seconds>(now.instant - *up).count() : 0;
        health_.session_seconds.emplace_back(session->id(), age);
    }
    for (auto& message : bridge_statements(topics_, ids(), health_)) {
        const bool availability = message.topic == topics_.state();
        outbox_.want(message.topic, std::move(message.payload),
                     availability ? Outbox::Rank::availability : Outbox::Rank::state);
    }
}

void Bridge::say_goodbye(Now now, Effects& effects) {
    for (std::size_t i = 0; i < sessions_.size(); ++i) {
        sessions_[i]->say_goodbye(now, effects);
        refresh(i);
    }
    outbox_.call_off();
    clearing_.clear(); // found again by the next start, which has not forgotten them
    settings_.former.clear();
    outbox_.want(topics_.state(), "offline", Outbox::Rank::state, 0ms);
}

bool Bridge::quiet() const {
    return phase_ != Phase::open ||
           (in_flight_.empty() && first_.empty() && !outbox_.due() && !postings_.first());
}

void Bridge::refresh(std::size_t index) {
    duties_.set(index, sessions_[index]->deadline());
    postings_.set(index, sessions_[index]->next_due());
}

std::vector<std::string> Bridge::ids() const {
    std::vector<std::string> result;
    std::ranges::transform(sessions_, std::back_inserter(result),
                           [](const auto& session) { return session->id(); });
    return result;
}

} // namespace bambu2mqtt
