// The table of all commands, and what becomes of one that somebody sends: checked, planned or refused.
#pragma once

#include <bambu2mqtt/command/command.hpp>

#include <span>
#include <string_view>
#include <variant>

namespace bambu2mqtt {

/// All rows, in the order of docs/commands.md.
[[nodiscard]] std::span<const Command> commands();

/// The row called `name`; nullptr for a name that means nothing.
[[nodiscard]] const Command* find_command(std::string_view name);

/// Refuses a name that means nothing, naming the one that was probably meant.
[[nodiscard]] Refusal unknown_command(std::string_view name);

/// Refuses what the firmware takes only signed.
[[nodiscard]] Refusal unsigned_refusal();

/// A command that may be carried out.
struct Prepared {
    Json arguments{}; ///< checked, complete
    Plan plan{};
};

/// All checks that need no connection: what the configuration allows, what the printer has, the arguments,
/// whether the firmware insists on a signature, the state of the job; then the plan.
[[nodiscard]] std::variant<Prepared, Refusal> prepare(const Command& command, const Json& given,
                                                      const Situation& situation);

/// Whether the configuration allows a command at all.
[[nodiscard]] bool is_allowed(const Command& command, const CommandPolicy& policy);

/// Whether the job's state refuses a command, and why. A state that nobody has told refuses nothing.
[[nodiscard]] std::optional<Refusal> refused_by_job(When when, const ReportState& report);

/// "while a job runs", "when no job is there": for documents and messages; empty for any.
[[nodiscard]] std::string_view words_of(When when);

} // namespace bambu2mqtt
