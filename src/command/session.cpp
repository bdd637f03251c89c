// The session with the printer, and what the gateway knows of it.
#include "command/rows.hpp"
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/printer/facts.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace bambu2mqtt {

namespace {

using namespace plan;

template <LocalAction local_action>
Planned local(const Situation&, const Json&) {
    return Plan{.local_action = local_action};
}

Planned forget(const Situation& situation, const Json& arguments) {
    const auto& name = text(arguments, "unit");
    const auto unit =
        std::ranges::find_if(situation.facts.units, [&](const Unit& one) { return one.prefix() == name; });
    if (unit == situation.facts.units.end()) {
        return refuse(Code::not_found, fmt::format("there is no unit {}", sanitize_for_log(name)));
    }
    if (unit->present) {
        return refuse(Code::conflict, fmt::format("{} is plugged in", name));
    }
    return Plan{.local_action = LocalAction::forget};
}

Planned trust(const Situation&, const Json& arguments) {
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
    return Plan{.local_action = LocalAction::trust};
}

// clang-format off
constexpr std::array forget_arguments{
    Argument{.name = "unit", .required = true, .shortest = 1, .longest = 16, .meaning = "name of the unit: ams_1"},
};
constexpr std::array trust_arguments{
    Argument{.name = "fingerprint", .required = true, .shortest = 1, .longest = 95, .meaning = "SHA-256 of the certificate, as connection shows it"},
};

constexpr std::array session_rows_table{
    Command{.name = "refresh", .summary = "Asks the printer for its version and a full report, as often as its model bears", .safe = true, .plan = local<LocalAction::refresh>},
    Command{.name = "start_session", .summary = "Connects again after quit, and refreshes", .safe = true, .session = true, .plan = local<LocalAction::start_session>},
    Command{.name = "resume_session", .summary = "Listens to the printer again after pause_session, and refreshes", .safe = true, .session = true, .plan = local<LocalAction::resume_session>},
    Command{.name = "pause_session", .summary = "Listens to the printer no longer; the connection stays", .safe = true, .session = true, .plan = local<LocalAction::pause_session>},
    Command{.name = "quit", .summary = "Closes the connection to the printer until start_session", .safe = true, .session = true, .plan = local<LocalAction::quit>},
    Command{.name = "get_state", .summary = "Answers with the merged report, the entities and the last file listing", .safe = true, .session = true, .plan = local<LocalAction::get_state>},
    Command{.name = "toJson", .summary = "The same as get_state", .safe = true, .session = true, .plan = local<LocalAction::get_state>},
    Command{.name = "forget", .summary = "Removes the entities of a unit that is no longer plugged in", .arguments = forget_arguments, .safe = true, .session = true, .plan = forget},
    Command{.name = "trust_certificate", .summary = "Trusts the certificate with this fingerprint from now on, if it names the serial", .arguments = trust_arguments, .trust = true, .session = true, .plan = trust},
};
// clang-format on

} // namespace

std::span<const Command> session_commands() {
    return session_rows_table;
}

} // namespace bambu2mqtt
