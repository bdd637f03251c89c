#include "gateway/session_context.hpp"

#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/printer/ssdp_announcement.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <string_view>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

constexpr auto version_timeout = 30s;
constexpr auto layout_saved_within = 5s; // several facts become known together, and are saved once

std::optional<Facts> remembered_facts(const Json& saved) {
    const auto* const facts = read::member(&saved, "facts");
    return facts == nullptr ? std::nullopt : std::optional{facts_from_json(*facts)};
}

/// Where earlier runs reached the printer besides its configured host.
AddressBook known_places(const SessionSettings& settings, const Json& saved) {
    std::string learned;
    if (settings.follows) {
        learned = host_address(read::text_member(saved, "address")).value_or("");
    }
    return AddressBook{settings.host, std::move(learned), settings.first_contact};
}

} // namespace

SessionContext::SessionContext(SessionSettings configured, const Templates& templates, const Json& saved)
    : settings(std::move(configured)),
      printer(settings.names.serial, settings.model, Rounding::banded, remembered_facts(saved)),
      connection(settings.seed, known_places(settings, saved)), runner(settings.index, settings.sharers),
      publisher(settings, templates, printer, connection) {
    (void)printer.set_language(settings.discovery.language);
}

void SessionContext::perform(const ConnectionActions& actions, Effects& effects) {
    for (const auto action : actions) {
        switch (action) {
        case ConnectionAction::connect:
            effects.push_back(ConnectPrinter{settings.index, connection.host()});
            break;
        case ConnectionAction::disconnect:
            effects.push_back(DisconnectPrinter{settings.index});
            break;
        case ConnectionAction::get_version:
            effects.push_back(SendRequest{settings.index, runner.requests().stamped(get_version_request())});
            break;
        case ConnectionAction::pushall:
            effects.push_back(SendRequest{settings.index, runner.requests().stamped(pushall_request())});
            break;
        case ConnectionAction::listen:
        case ConnectionAction::ignore:
            effects.push_back(SubscribeReports{settings.index, action == ConnectionAction::listen});
            break;
        }
    }
}

void SessionContext::want_full_report(Now now, Effects& effects) {
    with_connection(effects, [&](Connection& link, ConnectionActions& actions) {
        link.want_full(now.instant, family(), actions);
    });
}

void SessionContext::publish_changes(Now now) {
    if (publisher.publish_changes(whole(now))) {
        persistent.save_by(now.instant + layout_saved_within);
    }
}

void SessionContext::log(Effects& effects, Level level, std::string text) const {
    effects.push_back(LogLine{level, settings.names.id, std::move(text)});
}

void SessionContext::log(Effects& effects, std::optional<ConnectionLog::Line> line) const {
    if (line) {
        log(effects, line->level, std::move(line->text));
    }
}

Situation SessionContext::situation(const CommandPolicy& policy, Now now) const {
    return Situation{printer.report_state(),
                     printer.gateway(),
                     printer.facts(),
                     printer.layout(),
                     printer.values(),
                     policy,
                     runner.requests().next_job(now)};
}

Reachability SessionContext::reachability() const {
    return Reachability{connection.state() == ConnectionState::connected, name_of(connection.state()),
                        connection.host()};
}

bool SessionContext::whole(Now now) const {
    const auto up = connection.up_since();
    const bool version_unanswered = up && now.instant - *up > version_timeout;
    return printer.report_state().complete() && (!printer.facts().firmware.empty() || version_unanswered);
}

} // namespace bambu2mqtt
