#include "gateway/earliest_of.hpp"
#include "gateway/response_messages.hpp"
#include <bambu2mqtt/base/overloaded.hpp>
#include <bambu2mqtt/gateway/bridge.hpp>
#include <bambu2mqtt/topic/printer_id.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// A message that the link rejected is retried after this time.
constexpr auto refused_waits = 1s;

constexpr std::string_view smaller_discovery =
    ", or set home_assistant.discovery = \"component\" for smaller messages";

/// What is sent instead of a message that is too large for the broker; empty: nothing. Former attributes must
/// not stay on the broker as if they were the present ones.
std::string shorter_form(const Message& message) {
    constexpr std::string_view no_attributes = "{}";
    const bool attributes =
        message.retain && message.topic.ends_with("/attributes") && message.payload != no_attributes;
    return attributes ? std::string{no_attributes} : message.shorter;
}

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

/// With the settings of the bridge in those of each printer.
BridgeSettings completed(BridgeSettings settings) {
    for (auto& printer : settings.printers) {
        printer.discovery = settings.discovery;
        auto& policy = printer.discovery.policy;
        policy.url_scheme = printer.url_scheme;
        policy.own_allow = printer.allow.has_value();
        policy.allow = printer.allow.value_or(policy.allow);
        printer.announce = settings.announce;
        printer.features = settings.features;
        printer.sharers = settings.printers.size();
        printer.responses = response_topics_of(settings);
        printer.former_ids = former_ids(settings, printer.names);
    }
    return settings;
}

bool serves(const BridgeSettings& settings, const std::string& serial) {
    return std::ranges::any_of(
        settings.printers, [&](const SessionSettings& printer) { return printer.names.serial == serial; });
}

} // namespace

Bridge::Bridge(BridgeSettings settings, const Templates& templates, const std::vector<Json>& saved)
    : settings_(completed(std::move(settings))), publisher_(settings_, templates),
      broker_(settings_, health_), devices_(settings_.printers.size()), groups_(settings_),
      sessions_({.settings = settings_,
                 .templates = templates,
                 .broker = broker_,
                 .health = health_,
                 .publisher = publisher_,
                 .devices = devices_,
                 .groups = groups_},
                saved),
      clients_({.settings = settings_,
                .health = health_,
                .publisher = publisher_,
                .groups = groups_,
                .sessions = sessions_}) {}

void Bridge::start(Now now, Effects& effects) {
    effects.push_back(ConnectBroker{});
    health_.request(now.instant);
    sessions_.start(now, effects);
}

/// Printers that have topics on the broker under a serial or an id that is not in `next`.
std::vector<FormerPrinter> Bridge::former_after(const BridgeSettings& next) const {
    auto former = settings_.former;
    for (std::size_t i = 0; i < size(); ++i) {
        const auto& names = session(i).settings().names;
        former.push_back({names.serial, names.id});
        for (const auto& id : session(i).publisher().states().former_ids()) {
            former.push_back({names.serial, id});
        }
    }
    std::erase_if(former, [&](const FormerPrinter& one) {
        return std::ranges::any_of(next.printers, [&](const SessionSettings& printer) {
            return printer.names.serial == one.serial && printer.names.id == one.id;
        });
    });
    return former;
}

void Bridge::reconfigure(BridgeSettings settings, const std::vector<Json>& saved, Now now, Effects& effects) {
    settings.former = former_after(settings);
    settings.seed = settings_.seed;
    const bool other_announcements = settings.discovery != settings_.discovery;
    const auto former_level = settings_.log_level;
    settings_ = completed(std::move(settings));
    devices_.reconfigure(size());
    auto leavings = sessions_.reconfigure(saved, publisher_.take_pending_clears(), now, effects);
    for (std::size_t i = 0; i < size(); ++i) {
        devices_.update(i, session(i));
    }
    groups_.reconfigured();
    clients_.reconfigured(former_level, now);
    if (broker_.open()) {
        publisher_.send_first(std::move(leavings.last));
        publisher_.clear(std::move(leavings.announcements), std::move(leavings.states));
        if (other_announcements) {
            publisher_.announce_again();
        }
    }
    health_.request(now.instant);
}

void Bridge::handle(const Event& event, Now now, Effects& effects) {
    if (event.target == broker_target) {
        handle_broker(event, now, effects);
    } else {
        sessions_.handle(event, now, effects);
    }
}

/// A faulty message of the broker affects only this message.
void Bridge::handle_broker(const Event& event, Now now, Effects& effects) {
    const Overloaded take{
        [&](const BrokerUp& up) {
            window_.reset(up.window);
            broker_.handle(up, now, effects);
        },
        [&](const BrokerDown& down) {
            window_.reset(1);
            publisher_.broker_down();
            broker_.handle(down, now, effects);
            sessions_.for_each(now, [](PrinterSession& session) { session.broker_down(); });
        },
        [&](const BrokerMessage& message) { on_message(message, now, effects); },
        [&](const BrokerMessagesLost& lost) { broker_.handle(lost, now, effects); },
        [&](const LogWritten& line) { publisher_.log().add(line); },
        [&](const RequestDone& done) { clients_.handle(done, now); },
        [&](const Published& published) { acknowledged(published, now, effects); },
        [](const auto&) {}, // a printer's
    };
    try {
        std::visit(take, event.body);
    } catch (const std::exception& error) {
        count_internal_error(now);
        effects.push_back(
            LogLine{Level::error, "broker",
                    fmt::format("internal error, a message from the broker is dropped: {}", error.what())});
    }
}

void Bridge::on_message(const BrokerMessage& message, Now now, Effects& effects) {
    if (message.topic == settings_.status_topic) {
        if (message.payload == "online" && !message.retained && broker_.open()) {
            publisher_.home_assistant_up(now.instant);
            sessions_.for_each(now, [&](PrinterSession& session) { session.home_assistant_up(now); });
        }
    } else if (broker_.open()) {
        clients_.handle(message, now, effects);
    } else {
        broker_.handle_retained(message, now.instant);
    }
}

void Bridge::tick(Now now, Effects& effects) {
    if (auto found = broker_.tick(now, effects)) {
        publisher_.broker_up(*found);
        clients_.broker_up(broker_.retain_as_published());
        sessions_.broker_up(std::move(found->of_printers), now);
    }
    publisher_.tick(now.instant);
    forget_former(effects);
    sessions_.tick(now, effects);
    clients_.tick(now);
    if (auto changed = devices_.take()) {
        publisher_.publish_devices(*std::move(changed));
    }
}

Instant Bridge::deadline() const {
    const auto next_due = [&]() -> std::optional<Instant> {
        if (!broker_.open() || !window_.link_has_room()) {
            return std::nullopt;
        }
        if (window_.keeps()) {
            return window_.kept_until();
        }
        return window_.full() ? std::nullopt : earliest_of({publisher_.next_due(), sessions_.next_due()});
    };
    return earliest_of({broker_.deadline(), publisher_.deadline(), health_.due_at(), sessions_.deadline(),
                        groups_.deadline(), next_due()})
        .value_or(Instant::max());
}

std::optional<Message> Bridge::next(Now now) {
    if (auto marker = broker_.next_marker()) {
        window_.hand_over({.topic = marker->topic});
        return marker;
    }
    if (!broker_.open() || window_.full() || !window_.link_has_room()) {
        return std::nullopt;
    }
    if (window_.keeps()) {
        return window_.again(now.instant);
    }
    Sending sending;
    auto message = publisher_.next(now, sessions_.next_due());
    if (!message) {
        message = sessions_.next(now, sending);
    }
    if (message) {
        sending.topic = message->topic;
        window_.hand_over(std::move(sending));
    }
    return message;
}

void Bridge::taken(int packet) {
    if (packet == 0) {
        (void)window_.drop(); // nothing waits for it
    } else {
        window_.taken(packet);
    }
    health_.count_sent();
}

void Bridge::not_taken(Message message, const NotTaken& why, Now now, Effects& effects) {
    if (!broker_.open()) {
        (void)window_.drop(); // the marker: the wait ends without it
        return;
    }
    if (!why.for_ever) {
        window_.keep(std::move(message), now.instant + refused_waits);
        return;
    }
    if (message.topic == publisher_.log().topic()) {
        publisher_.log().refused();
    }
    if (why.oversized) {
        const auto& discovery = settings_.discovery;
        const bool announces = !discovery.per_component && message.topic.starts_with(discovery.prefix + "/");
        if (auto line =
                oversize_log_.note(message.topic, *why.oversized, announces ? smaller_discovery : "")) {
            effects.push_back(*std::move(line));
        }
        if (auto shorter = shorter_form(message); !shorter.empty()) {
            message.payload = std::move(shorter);
            message.shorter.clear();
            window_.keep(std::move(message), now.instant);
            return;
        }
    } else {
        effects.push_back(
            LogLine{Level::error, "broker",
                    fmt::format("a message of {} bytes on '{}' is dropped: MQTT cannot carry it",
                                message.payload.size(), message.topic.substr(0, 256))});
    }
    if (const auto sending = window_.drop()) {
        sessions_.delivered(*sending, now);
    }
}

void Bridge::acknowledged(const Published& event, Now now, Effects& effects) {
    constexpr int first_refusal = 0x80;
    const auto sending = window_.acknowledged(event.packet);
    if (!sending) {
        return;
    }
    if (event.reason >= first_refusal) {
        if (sending->topic == publisher_.log().topic()) {
            publisher_.log().refused();
        }
        broker_.refused(sending->topic, event.reason, now, effects);
    }
    sessions_.delivered(*sending, now);
}

void Bridge::set_health(Health health, Now now) {
    health_.fill(health, now.instant);
    health.broker_problem = broker_.fault();
    health.session_seconds = sessions_.connected_seconds(now.instant);
    publisher_.publish(sessions_.ids(), health);
    clients_.health_known(health, now);
}

void Bridge::count_internal_error(Now now) {
    health_.count_internal_error();
    health_.request(now.instant);
}

/// Former printers are forgotten once all their topics on the broker have been cleared.
void Bridge::forget_former(Effects& effects) {
    if (broker_.open() && publisher_.cleared() && window_.empty()) {
        for (const auto& printer : settings_.former) {
            if (!serves(settings_, printer.serial)) {
                effects.push_back(ForgetPrinter{printer.serial});
            }
        }
        settings_.former.clear();
    }
}

void Bridge::shutdown(Now now, Effects& effects) {
    sessions_.for_each(now, [&](PrinterSession& session) { session.shutdown(now, effects); });
    clients_.shutdown(now);
    publisher_.shutdown();
    settings_.former.clear();
}

bool Bridge::quiet() const {
    return !broker_.open() || (window_.empty() && publisher_.quiet() && !sessions_.next_due());
}

} // namespace bambu2mqtt
