#include <bambu2mqtt/base/overloaded.hpp>
#include <bambu2mqtt/gateway/bridge.hpp>
#include <bambu2mqtt/topic/printer_id.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

constexpr auto health_every = 60s;

/// Home Assistant warns of empty states of entities it has not dropped yet.
constexpr auto clearing_waits = 1s;

/// The ids under which earlier runs may have published a printer whose id is `id` now.
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
      tick_deadlines_(settings_.printers.size()), publish_deadlines_(settings_.printers.size()),
      watch_(settings_.seed, settings_.client_id), faults_(settings_.printers.size()) {
    for (std::size_t i = 0; i < settings_.printers.size(); ++i) {
        auto& printer = settings_.printers[i];
        printer.discovery = settings_.discovery;
        printer.discovery.policy.url_scheme = printer.url_scheme;
        printer.announce = settings_.announce;
        printer.features = settings_.features;
        printer.sharers = settings_.printers.size();
        printer.responses = {.base_topic = settings_.discovery.base_topic,
                             .discovery_prefix = settings_.discovery.prefix,
                             .status_topic = settings_.status_topic,
                             .filters = settings_.response_topics};
        printer.former_ids = former_ids(settings_, printer.names);
        sessions_.push_back(make_session(i, i < saved.size() ? saved[i] : Json()));
        by_id_.emplace(printer.names.id, i);
    }
}

/// Former printers are forgotten once all their topics on the broker have been cleared.
void Bridge::forget_former(Effects& effects) {
    if (phase_ == Phase::open && first_.empty() && pending_clears_.empty() && window_.empty()) {
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
    std::ranges::move(std::exchange(log_lines_, {}), std::back_inserter(effects));
    for (std::size_t i = 0; i < sessions_.size(); ++i) {
        guarded(i, now, [&](PrinterSession& session) { session.start(now, effects); });
    }
}

void Bridge::handle(const Event& event, Now now, Effects& effects) {
    if (event.target == broker_target) {
        handle_broker(event, now, effects);
    } else if (event.target < sessions_.size()) {
        handle_printer(event, now, effects);
    }
}

void Bridge::handle_printer(const Event& event, Now now, Effects& effects) {
    guarded(event.target, now, [&](PrinterSession& session) {
        const Overloaded take{
            [&](const PrinterUp& up) { session.handle(up, now, effects); },
            [&](const PrinterDown& down) { session.handle(down, now, effects); },
            [&](const ReportArrived& report) {
                ++messages_in_;
                session.handle(report, parser_, now, effects);
                const auto due = session.next_due();
                auto& waiting = reported_[event.target];
                waiting =
                    due && *due <= now.instant ? waiting.value_or(report.at.value_or(now.instant)) : waiting;
            },
            [&](const ReportsLost& lost) { session.handle(lost, now, effects); },
            [&](const WorkProgress& progress) { session.handle(progress, now, effects); },
            [&](const WorkDone& done) { session.handle(done, now, effects); },
            [&](const TrustDone& done) { session.handle(done, now, effects); },
            [&](const PrinterAnnounced& announced) { session.handle(announced, now, effects); },
            [](const auto&) {}, // the broker's
        };
        std::visit(take, event.body);
    });
}

void Bridge::tick(Now now, Effects& effects) {
    if (retry_at_ && now.instant >= *retry_at_) {
        retry_at_.reset();
        effects.push_back(ConnectBroker{});
    }
    if (phase_ == Phase::listening && retained_wait_.over(now.instant)) {
        open(now, effects);
    }
    if (commands_from_ && now.instant >= *commands_from_) {
        commands_from_.reset();
        listen_to_commands(effects);
    }
    update_broker(now, effects);
    if (bridge_review_at_ && now.instant >= *bridge_review_at_) {
        bridge_review_at_.reset();
        announce_bridge_device({});
        outbox_.forget();
    }
    forget_former(effects);
    while (true) {
        const auto due = tick_deadlines_.first();
        if (!due || due->first > now.instant) {
            break;
        }
        if (faults_[due->second].broken) {
            mend(due->second, now, effects);
        } else {
            guarded(due->second, now, [&](PrinterSession& session) { session.tick(now, effects); });
        }
        if (tick_deadlines_.first() == due) {
            // Whatever it waits for, the others must not wait.
            tick_deadlines_.set(due->second, now.instant + 100ms);
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
    sooner(commands_from_);
    sooner(health_at_);
    sooner(watch_.deadline());
    if (phase_ == Phase::listening) {
        sooner(marker_due_ ? Instant{} : retained_wait_.deadline());
    }
    if (const auto due = tick_deadlines_.first()) {
        sooner(due->first);
    }
    const bool sends = phase_ == Phase::open && link_has_room_;
    if (sends && window_.keeps()) {
        sooner(window_.kept_until());
    } else if (sends && !window_.full()) {
        sooner(outbox_.due());
        if (!pending_clears_.empty()) {
            sooner(clears_from_);
        }
        if (const auto due = publish_deadlines_.first()) {
            sooner(due->first);
        }
    }
    return result.value_or(Instant::max());
}

std::optional<Message> Bridge::next(Now now) {
    if (phase_ == Phase::listening) {
        return next_marker();
    }
    if (phase_ != Phase::open || window_.full() || !link_has_room_) {
        return std::nullopt;
    }
    if (window_.keeps()) {
        return window_.again(now.instant);
    }
    auto message = next_own(now);
    Sending sending;
    if (!message) {
        message = next_of_printers(now, sending);
    }
    if (message) {
        sending.topic = message->topic;
        window_.hand_over(std::move(sending));
    }
    return message;
}

std::optional<Message> Bridge::next_of_printers(Now now, Sending& sending) {
    while (true) {
        const auto due = publish_deadlines_.first();
        if (!due || due->first > now.instant) {
            return std::nullopt;
        }
        std::optional<Message> message;
        guarded(due->second, now, [&](PrinterSession& session) {
            auto outgoing = session.next(now);
            if (!outgoing) {
                return;
            }
            message = std::move(outgoing->message);
            if (outgoing->event) {
                sending.event = Sending::Event{due->second, *outgoing->event};
            }
        });
        if (message) {
            if (auto& since = reported_[due->second]) {
                delays_.add(now.instant - *since);
                since.reset();
            }
            return message;
        }
        if (publish_deadlines_.first() == due) {
            // A message waits for another one of the same printer; checked again a little later.
            publish_deadlines_.set(due->second, now.instant + 100ms);
        }
    }
}

/// The gateway's own messages, before those of its printers.
std::optional<Message> Bridge::next_own(Now now) {
    const auto take = [](std::deque<Message>& from) {
        auto message = std::move(from.front());
        from.pop_front();
        return message;
    };
    if (!first_.empty()) {
        clears_from_ = now.instant + clearing_waits;
        return take(first_);
    }
    if (!pending_clears_.empty() && now.instant >= clears_from_) {
        return take(pending_clears_);
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
    health_.broker_problem = watch_.problem();
    health_.internal_errors = internal_errors_;
    for (const auto& session : sessions_) {
        const auto up = session->connection().up_since();
        const auto age = up ? std::chrono::duration_cast<std::chrono::seconds>(now.instant - *up).count() : 0;
        health_.session_seconds.emplace_back(session->settings().names.id, age);
    }
    for (auto& message : bridge_state_messages(topics_, ids(), health_)) {
        const bool availability = message.topic == topics_.state();
        outbox_.want(message.topic, std::move(message.payload),
                     availability ? Outbox::Rank::availability : Outbox::Rank::state, {}, message.qos);
    }
}

void Bridge::shutdown(Now now, Effects& effects) {
    for (std::size_t i = 0; i < sessions_.size(); ++i) {
        guarded(i, now, [&](PrinterSession& session) { session.shutdown(now, effects); });
    }
    outbox_.cancel();
    pending_clears_.clear(); // found again at the next start, which still knows them
    settings_.former.clear();
    outbox_.want(topics_.state(), "offline", Outbox::Rank::state, 0ms);
}

bool Bridge::quiet() const {
    return phase_ != Phase::open ||
           (window_.empty() && first_.empty() && !outbox_.due() && !publish_deadlines_.first());
}

void Bridge::refresh(std::size_t index) {
    if (faults_[index].broken) {
        return;
    }
    tick_deadlines_.set(index, sessions_[index]->deadline());
    publish_deadlines_.set(index, sessions_[index]->next_due());
}

bool Bridge::announces() const {
    return !first_.empty() ||
           std::ranges::any_of(sessions_, [](const auto& session) { return session->announces(); });
}

std::vector<std::string> Bridge::ids() const {
    std::vector<std::string> result;
    std::ranges::transform(sessions_, std::back_inserter(result),
                           [](const auto& session) { return session->settings().names.id; });
    return result;
}

} // namespace bambu2mqtt
