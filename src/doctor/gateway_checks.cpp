#include <bambu2mqtt/doctor/gateway_checks.hpp>
#include <bambu2mqtt/doctor/report_checks.hpp>
#include <bambu2mqtt/gateway/bridge.hpp>

#include <iterator>
#include <string>
#include <utility>

namespace bambu2mqtt {

namespace {

constexpr const char* session_name = "session";

Check broker_session_check(const Bridge& bridge) {
    constexpr const char* subject = "broker";
    if (bridge.broker_up()) {
        return passed(subject, session_name, bridge.broker_problem());
    }
    return found(subject, session_name, Fault::broker_unreachable,
                 bridge.broker_problem().empty() ? "no session now; the gateway's log has the reason"
                                                 : bridge.broker_problem());
}

Fault untrusted_fault(const PrinterSession& session) {
    const auto failure = session.connection().failure();
    if (failure == LinkFailure::not_yet_valid) {
        return Fault::clock_behind;
    }
    if (failure == LinkFailure::expired) {
        return Fault::certificate_expired;
    }
    const bool of_another = failure == LinkFailure::wrong_name || session.settings().first_contact;
    return of_another ? Fault::certificate_of_another : Fault::certificate_changed;
}

Check session_check(const PrinterSession& session) {
    const auto& connection = session.connection();
    const auto& id = session.settings().names.id;
    const auto fails = [&](Fault fault) { return found(id, session_name, fault, connection.error()); };
    switch (connection.state()) {
    case ConnectionState::connected:
        return passed(id, session_name, connection.host());
    case ConnectionState::connecting:
    case ConnectionState::paused:
        return skipped(id, session_name, std::string{name_of(connection.state())});
    case ConnectionState::auth_refused:
        return fails(Fault::access_code_refused);
    case ConnectionState::tls_untrusted:
        return fails(untrusted_fault(session));
    case ConnectionState::pin_unavailable:
        return fails(Fault::pin_unreadable);
    case ConnectionState::no_reports:
    case ConnectionState::stale:
        return fails(Fault::no_reports);
    case ConnectionState::unreachable:
        break;
    }
    return fails(connection.host().empty() ? Fault::printer_without_address : Fault::printer_unreachable);
}

} // namespace

std::vector<Check> gateway_checks(const Bridge& bridge) {
    std::vector<Check> checks{broker_session_check(bridge)};
    for (std::size_t i = 0; i < bridge.size(); ++i) {
        const auto& session = bridge.session(i);
        checks.push_back(session_check(session));
        if (session.connection().state() == ConnectionState::connected) {
            const auto& settings = session.settings();
            const bool commands = settings.discovery.policy.allow != ControlLevel::none;
            auto more = report_checks(session.printer(), {settings.names.id, commands, std::nullopt});
            checks.insert(checks.end(), std::make_move_iterator(more.begin()),
                          std::make_move_iterator(more.end()));
        }
    }
    return checks;
}

} // namespace bambu2mqtt
