// The table of all commands, and the handling of a received one: checked, planned or refused.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/command/command.hpp>

#include <span>
#include <string_view>

namespace bambu2mqtt {

/// All rows, in the order of docs/commands.md.
[[nodiscard]] std::span<const Command> commands();

/// The row named `name`; nullptr for an unknown name.
[[nodiscard]] const Command* find_command(std::string_view name);

/// Refuses an unknown name, with the nearest known one.
[[nodiscard]] Refusal unknown_command(std::string_view name);

/// Refuses requests that need a signature.
[[nodiscard]] Refusal unsigned_refusal();

/// A command that may be executed.
struct Prepared {
    Json arguments{}; ///< checked, complete
    Plan plan{};
};

/// All checks that need no connection: permissions, capabilities, arguments, signature, job state; then the
/// plan.
[[nodiscard]] expected<Prepared, Refusal> prepare(const Command& command, const Json& given,
                                                  const Situation& situation);

/// True if the configuration allows a command.
[[nodiscard]] bool is_allowed(const Command& command, const CommandPolicy& policy);

/// Refuses a command that does not work in the present job state. An unreported state refuses nothing.
[[nodiscard]] expected<void, Refusal> check_job_state(When when, const ReportState& report);

/// "while a job runs", "while there is no job": for documents and messages; empty for any.
[[nodiscard]] std::string_view words_of(When when);

} // namespace bambu2mqtt
