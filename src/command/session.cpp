// The session with the printer, and the gateway's data about it.
#include "command/rows.hpp"
#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/command/command_runner.hpp>
#include <bambu2mqtt/command/sequence.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace bambu2mqtt {

namespace {

using namespace plan;

/// Requests of a session when it begins, or is refreshed.
Planned full_report(const Situation&, const Json&) {
    return Plan{.requests = {get_version_request(), pushall_request()}};
}

Handled refresh(CommandContext& context) {
    const auto wait = context.session.refresh();
    if (wait.count() == 0) {
        return WaitsFor::full_report;
    }
    auto outcome = done();
    outcome.message = fmt::format(
        "the known state is current; the printer can be asked for a full report again in {} s", wait.count());
    return outcome;
}

Handled start_session(CommandContext& context) {
    context.session.resume();
    return done();
}

Handled resume_session(CommandContext& context) {
    if (context.session.closed()) {
        return refused(Code::conflict, "the session was closed with quit; start_session opens it");
    }
    return start_session(context);
}

Handled pause_session(CommandContext& context) {
    context.session.pause();
    return done();
}

Handled quit(CommandContext& context) {
    context.session.quit();
    return done();
}

Handled get_state(CommandContext& context) {
    const auto& situation = context.situation;
    auto entities = OrderedJson::object();
    for (const auto& instance : situation.layout.instances()) {
        if (instance.entity->decode != nullptr) {
            entities[instance.id] = json_of(situation.value(instance.id));
        }
    }
    OrderedJson state{{"report", situation.report.as_reported()}, {"entities", std::move(entities)}};
    context.session.add_feature_state(state);
    return done(std::move(state));
}

Planned check_forget(const Situation& situation, const Json& arguments) {
    const auto& name = text(arguments, "unit");
    const auto unit =
        std::ranges::find_if(situation.facts.units, [&](const Unit& one) { return one.prefix() == name; });
    if (unit == situation.facts.units.end()) {
        return refuse(Code::not_found, fmt::format("there is no unit \"{}\"", sanitize_for_log(name)));
    }
    if (unit->present) {
        return refuse(Code::conflict, fmt::format("{} is plugged in", name));
    }
    return Plan{};
}

Handled forget(CommandContext& context) {
    context.session.forget_unit(text(context.arguments, "unit"));
    return done();
}

Planned check_trust(const Situation&, const Json& arguments) {
    const auto& fingerprint = text(arguments, "fingerprint");
    const auto digits =
        std::ranges::count_if(fingerprint, [](unsigned char c) { return std::isxdigit(c) != 0; });
    const bool clean =
        std::ranges::all_of(fingerprint, [](unsigned char c) { return std::isxdigit(c) != 0 || c == ':'; });
    if (digits != 64 || !clean) {
        return refuse(
            Code::invalid_argument,
            "fingerprint is expected to be a SHA-256: 64 hexadecimal digits, with or without \":\"");
    }
    return Plan{};
}

/// 64 hexadecimal digits in the format of fingerprints: "AA:BB:...".
std::string shown_fingerprint(std::string_view digits) {
    std::string result;
    for (const char c : digits) {
        if (c == ':') {
            continue;
        }
        if (result.size() % 3 == 2) {
            result += ':';
        }
        result += upper(c);
    }
    return result;
}

/// The certificate is checked again at the configured host or where the printer was last reached: a host that
/// announces the serial must not get its own certificate trusted.
Handled trust(CommandContext& context) {
    if (!context.has_room) {
        return bambu2mqtt::refused({}, too_many_waiting());
    }
    const auto& host = context.session.proven_host();
    if (host.empty()) {
        return context.reachability.host.empty()
                   ? refused(Code::offline, "no address of the printer is known yet")
                   : refused(Code::conflict,
                             "the printer was only announced so far; a certificate is trusted "
                             "at the configured host or where the printer was reached before");
    }
    context.effects.push_back(TrustCertificate{
        context.printer, context.ticket, shown_fingerprint(text(context.arguments, "fingerprint")), host});
    return WaitsFor::certificate;
}

// clang-format off
constexpr std::array forget_arguments{
    Argument{.name = "unit", .required = true, .shortest = 1, .longest = 16, .meaning = "name of the unit: ams_1"},
};
constexpr std::array trust_arguments{
    Argument{.name = "fingerprint", .required = true, .shortest = 1, .longest = 95, .meaning = "SHA-256 of the certificate, as connection shows it"},
};

constexpr std::array session_rows_table{
    Command{.name = "refresh", .summary = "Requests the printer's version and a full report, as often as its model allows", .safe = true, .plan = full_report, .run = refresh},
    Command{.name = "start_session", .summary = "Connects again after quit, and refreshes", .safe = true, .session = true, .plan = full_report, .run = start_session},
    Command{.name = "resume_session", .summary = "Subscribes to the printer's reports again after pause_session, and refreshes", .safe = true, .session = true, .plan = full_report, .run = resume_session},
    Command{.name = "pause_session", .summary = "Unsubscribes from the printer's reports; the connection stays open", .safe = true, .session = true, .plan = nothing, .run = pause_session},
    Command{.name = "quit", .summary = "Closes the connection to the printer until start_session", .safe = true, .session = true, .plan = nothing, .run = quit},
    Command{.name = "get_state", .summary = "Returns the merged report, the entities and the last file listing", .safe = true, .session = true, .plan = nothing, .run = get_state},
    Command{.name = "toJson", .summary = "The same as get_state", .safe = true, .session = true, .plan = nothing, .run = get_state},
    Command{.name = "forget", .summary = "Removes the entities of a unit that is no longer plugged in", .arguments = forget_arguments, .safe = true, .session = true, .plan = check_forget, .run = forget},
    Command{.name = "trust_certificate", .summary = "Trusts the certificate with this fingerprint from now on, if it names the serial", .arguments = trust_arguments, .trust = true, .session = true, .plan = check_trust, .run = trust},
};
// clang-format on

} // namespace

std::span<const Command> session_commands() {
    return session_rows_table;
}

} // namespace bambu2mqtt
