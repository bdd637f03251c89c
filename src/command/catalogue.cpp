#include "command/rows.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/command/catalogue.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/printer/job_state.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace bambu2mqtt {

namespace {

std::vector<Command> make_table() {
    std::vector<Command> table;
    for (const auto part : {job_commands(), print_commands(), climate_commands(), motion_commands(),
                            filament_commands(), spool_commands(), dryer_commands(), detector_commands(),
                            machine_commands(), session_commands(), file_commands()}) {
        table.insert(table.end(), part.begin(), part.end());
    }
    return table;
}

/// Job states allowed by a gate, and the code of the refusal.
struct Gate {
    When when = When::any;
    std::array<JobState, 6> states{}; ///< that allow it; the rest `unknown`
    Code code = Code::none;
    std::string_view words{};
};

constexpr std::array gates{
    Gate{When::running, {JobState::running}, Code::conflict, "while a job runs"},
    Gate{When::paused, {JobState::pause}, Code::conflict, "while a job is paused"},
    Gate{When::active,
         {JobState::prepare, JobState::slicing, JobState::running, JobState::pause},
         Code::conflict,
         "while there is a job"},
    Gate{When::not_printing,
         {JobState::idle, JobState::init, JobState::finish, JobState::failed, JobState::pause},
         Code::busy,
         "while nothing is printed"},
    Gate{When::no_job,
         {JobState::idle, JobState::init, JobState::finish, JobState::failed},
         Code::busy,
         "while there is no job"},
    Gate{When::can_start,
         {JobState::idle, JobState::finish, JobState::failed},
         Code::busy,
         "from idle, finish or failed"},
};

const Gate* gate_of(When when) {
    const auto* const found = std::ranges::find(gates, when, &Gate::when);
    return found == gates.end() ? nullptr : found;
}

/// A suspected requirement is tried again: otherwise a change would never be noticed.
bool insists_on_signature(const Facts& facts) {
    return facts.signature == Signature::needed;
}

/// The configuration key that enables a command besides control.allow; empty if none is missing.
std::string_view missing_switch(const Command& command, const CommandPolicy& policy) {
    if (command.raw && !policy.raw_commands) {
        return "control.raw_commands";
    }
    return command.trust && !policy.trust_commands ? "control.trust_commands" : std::string_view{};
}

bool is_signed_space(const OrderedJson& request) {
    return request.contains("print") && !request.contains("header");
}

} // namespace

std::span<const Command> commands() {
    static const std::vector<Command> table = make_table();
    return table;
}

const Command* find_command(std::string_view name) {
    const auto table = commands();
    const auto found = std::ranges::find(table, name, &Command::name);
    return found == table.end() ? nullptr : &*found;
}

Refusal unknown_command(std::string_view name) {
    std::vector<std::string_view> names;
    std::ranges::transform(commands(), std::back_inserter(names), &Command::name);
    const auto near = nearest_name(name, names);
    const auto hint = near.empty() ? std::string{} : fmt::format(", did you mean \"{}\"?", near);
    return Refusal{Code::unknown_command,
                   fmt::format("unknown command \"{}\"{}", sanitize_for_log(name), hint)};
}

Refusal unsigned_refusal() {
    return Refusal{
        Code::developer_mode_required,
        "the firmware requires a signature for this; switch on LAN Only and Developer Mode on the printer"};
}

bool is_allowed(const Command& command, const CommandPolicy& policy) {
    const bool by_level =
        policy.allow == ControlLevel::full || (policy.allow == ControlLevel::safe && command.safe);
    return by_level && missing_switch(command, policy).empty();
}

expected<void, Refusal> check_job_state(When when, const ReportState& report) {
    const auto* const gate = gate_of(when);
    const auto state = job_state(report);
    if (gate == nullptr) {
        return {};
    }
    if (state == JobState::unknown) {
        // With an unknown state a job may be running: commands that could disturb it are refused, those that
        // end it are not.
        const Json* const reported = report.find("gcode_state");
        if (reported != nullptr && gate->code == Code::busy) {
            return refuse(Code::conflict,
                          fmt::format("the printer's state \"{}\" is unknown; this works only {}",
                                      sanitize_for_log(read::text(reported).value_or("")), gate->words));
        }
        return {};
    }
    if (std::ranges::find(gate->states, state) != gate->states.end()) {
        return {};
    }
    return refuse(gate->code,
                  fmt::format("the printer's state is {}; this works only {}", name_of(state), gate->words));
}

std::string_view words_of(When when) {
    const auto* const gate = gate_of(when);
    return gate == nullptr ? std::string_view{} : gate->words;
}

expected<Prepared, Refusal> prepare(const Command& command, const Json& given, const Situation& situation) {
    if (!is_allowed(command, situation.policy)) {
        const auto missing = missing_switch(command, situation.policy);
        const auto* const key = situation.policy.own_allow ? "allow of this printer" : "control.allow";
        return refuse(Code::not_allowed, missing.empty() ? fmt::format("{} forbids it", key)
                                                         : fmt::format("{} is not set", missing));
    }
    if (command.supported != nullptr && !command.supported(situation)) {
        return refuse(Code::not_supported, fmt::format("this needs {}", command.needs));
    }
    auto checked = check_arguments(command.arguments, given);
    if (!checked) {
        return unexpected(std::move(checked).error());
    }
    if (needs_signature(command) && insists_on_signature(situation.facts)) {
        return unexpected(unsigned_refusal());
    }
    if (auto by_state = check_job_state(command.when, situation.report); !by_state) {
        return unexpected(std::move(by_state).error());
    }
    auto planned = command.plan(situation, *checked);
    if (!planned) {
        return unexpected(std::move(planned).error());
    }
    if (insists_on_signature(situation.facts) && std::ranges::any_of(planned->requests, is_signed_space)) {
        return unexpected(unsigned_refusal());
    }
    return Prepared{*std::move(checked), *std::move(planned)};
}

} // namespace bambu2mqtt
