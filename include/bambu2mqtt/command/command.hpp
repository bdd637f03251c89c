// One row per command: its arguments, permissions, request, and the entities that confirm it. Pure: a plan is
// a value.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/command/argument.hpp>
#include <bambu2mqtt/command/outcome.hpp>
#include <bambu2mqtt/command/policy.hpp>
#include <bambu2mqtt/entity/catalogue.hpp>
#include <bambu2mqtt/entity/value.hpp>
#include <bambu2mqtt/file/job.hpp>

#include <any>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bambu2mqtt {

class ReportState;
struct Facts;

/// State of a printer for planning and confirming a command.
struct Situation {
    const ReportState& report;
    const GatewayState& gateway;
    const Facts& facts;
    const Layout& layout;
    std::span<const Value> values; ///< of the layout's instances, as last decoded
    const CommandPolicy& policy;
    std::int64_t job_id = 1; ///< for a job that starts: positive, at most 2147483647, not used before

    /// The value of an entity; also unknown if the printer does not have it.
    [[nodiscard]] const Value& value(std::string_view entity) const;

    /// The same as text; empty if unknown or not text.
    [[nodiscard]] std::string_view word(std::string_view entity) const;

    /// True if the job state was reported; before that, it refuses nothing.
    [[nodiscard]] bool knows_job() const;
};

/// Identifies a command of a printer's session; counts from 1.
using Ticket = std::uint64_t;

/// Work for a feature of the session with the printer.
struct FeatureWork {
    std::string_view feature{}; ///< its name, which lives as long as the program
    std::any what{};            ///< in the feature's own terms
};

/// What executing a command sends: the work of a feature first, then the requests in order.
struct Plan {
    std::vector<OrderedJson>
        requests{}; ///< each with exactly one namespace; sequence_id is added when it is sent
    std::optional<FeatureWork> work{};
    OrderedJson data{}; ///< the data of a command that sends nothing; null: none
    std::string note{}; ///< for the outcome: a note to the sender although the command is executed
};

/// The file job of a plan; nullptr where it has none.
[[nodiscard]] inline const FileJob* file_job_of(const Plan& plan) {
    return plan.work ? std::any_cast<FileJob>(&plan.work->what) : nullptr;
}

using Planned = expected<Plan, Refusal>;

/// Creates the plan from checked arguments; refuses what this printer cannot do in its current state.
using Planner = Planned (*)(const Situation&, const Json& arguments);

/// What will end a command whose handler has returned without an outcome.
enum class WaitsFor : std::uint8_t {
    printer,     ///< answers to its requests, reports that show it, the end of its work
    full_report, ///< the next full report; if none arrives within Command::within, it is unconfirmed
    certificate, ///< TrustDone with its ticket
};

/// Result of a handler: the outcome, or what will produce it.
using Handled = std::variant<Outcome, WaitsFor>;

struct CommandContext;

/// Executes a checked and planned command; see command/handler.hpp.
using Handler = Handled (*)(CommandContext&);

/// The handler of commands that need only what their row sends: starts the work of the plan, or sends its
/// requests. Rejected as `busy` while too many messages are queued for the printer, or when the feature
/// rejects its work.
[[nodiscard]] Handled send_plan(CommandContext& context);

/// True if the printer's reports show the effect of the command.
using Confirmation = bool (*)(const Situation&, const Json& arguments);

/// Job states in which a command works.
enum class When : std::uint8_t {
    any,
    running,      ///< a job runs
    paused,       ///< a job is paused
    active,       ///< there is a job: preparing, slicing, running or paused
    not_printing, ///< no job, or it is paused
    no_job,       ///< there is no job
    can_start,    ///< idle, finished or failed
};

struct Command {
    std::string_view name{};
    std::string_view summary{};
    std::span<const Argument> arguments{};
    std::string_view space{}; ///< namespace of what is sent; empty: nothing, or determined by the arguments
    bool safe = false;        ///< allowed under control.allow = "safe"
    bool raw = false;         ///< only with control.raw_commands
    bool trust = false;       ///< only with control.trust_commands
    bool session = false;     ///< about the session with the printer: works without one
    When when = When::any;
    bool (*supported)(const Situation&) = nullptr; ///< null: by every printer
    std::string_view needs{};                      ///< the same as text: "two nozzles"
    Planner plan = nullptr;
    Handler run = send_plan;
    Confirmation confirmed = nullptr; ///< null: the reports cannot show more than the acknowledgement
    std::string_view shown_by{};      ///< the same as text: "print_status"
    std::chrono::seconds within{10};  ///< time limit for the acknowledgement or the effect
};

/// True for requests that need a signature where the firmware requires one: only the namespace `print`.
[[nodiscard]] inline bool needs_signature(const Command& command) {
    return command.space == "print";
}

} // namespace bambu2mqtt
