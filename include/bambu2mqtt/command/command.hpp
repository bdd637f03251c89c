// One row per command: what it takes, who may send it and when, what is sent to the printer, and by what in
// the printer's reports one sees that it was carried out. Pure: a plan is a value.
#pragma once

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

/// What is known of a printer when a command is planned or judged.
struct Situation {
    const ReportState& report;
    const GatewayState& gateway;
    const Facts& facts;
    const Layout& layout;
    std::span<const Value> values; ///< of the layout's instances, as last decoded
    const CommandPolicy& policy;
    std::int64_t job_id = 1; ///< for a job that starts: positive, at most 2147483647, not used before

    /// What an entity shows; not known also for one the printer does not have.
    [[nodiscard]] const Value& value(std::string_view entity) const;

    /// The same as a word; empty when it is not known or no text.
    [[nodiscard]] std::string_view word(std::string_view entity) const;

    /// Whether a report has told in which state the job is; before that, nothing is refused because of it.
    [[nodiscard]] bool knows_job() const;
};

/// Which command of a printer's session something belongs to; counts from 1.
using Ticket = std::uint64_t;

/// Work for a feature of the session with the printer.
struct FeatureWork {
    std::string_view feature{}; ///< its name, which lives as long as the program
    std::any what{};            ///< in the feature's own terms
};

/// What is sent to carry a command out: the work of a feature first, then the requests in order.
struct Plan {
    std::vector<OrderedJson>
        requests{}; ///< each with its one namespace; sequence_id is added when it is sent
    std::optional<FeatureWork> work{};
    OrderedJson data{}; ///< the answer of a command for which nothing is sent; null: none
    std::string note{}; ///< for the outcome: what the sender should know although it is carried out
};

/// The file job of a plan; nullptr where it has none.
[[nodiscard]] inline const FileJob* file_job_of(const Plan& plan) {
    return plan.work ? std::any_cast<FileJob>(&plan.work->what) : nullptr;
}

using Planned = std::variant<Plan, Refusal>;

/// Makes the plan from checked arguments; refuses what this printer in this situation cannot do.
using Planner = Planned (*)(const Situation&, const Json& arguments);

/// What brings the outcome of a command whose handler has returned without one.
enum class WaitsFor : std::uint8_t {
    printer,     ///< answers to its requests, reports that show it, the end of its work
    full_report, ///< the next full report; where none comes within Command::within, it is unconfirmed
    certificate, ///< TrustDone with its ticket
};

/// What a handler has come to: the outcome, or what will bring it.
using Handled = std::variant<Outcome, WaitsFor>;

struct CommandContext;

/// Carries out a command that was checked and planned; see command/handler.hpp.
using Handler = Handled (*)(CommandContext&);

/// The handler of a command that is what it sends: starts the work of the plan, or sends its requests.
/// Refused as `busy` while too much waits for the printer, and as the feature refuses its work.
[[nodiscard]] Handled send_plan(CommandContext& context);

/// Whether the printer's reports now show what was asked for.
using Confirmation = bool (*)(const Situation&, const Json& arguments);

/// In which states of the job a command makes sense.
enum class When : std::uint8_t {
    any,
    running,      ///< a job runs
    paused,       ///< a job is paused
    active,       ///< a job is there: preparing, slicing, running or paused
    not_printing, ///< no job, or it is paused
    no_job,       ///< no job is there
    can_start,    ///< idle, finished or failed
};

struct Command {
    std::string_view name{};
    std::string_view summary{};
    std::span<const Argument> arguments{};
    std::string_view space{}; ///< namespace of what is sent; empty: nothing, or what the arguments say
    bool safe = false;        ///< allowed under control.allow = "safe"
    bool raw = false;         ///< only with control.raw_commands
    bool trust = false;       ///< only with control.trust_commands
    bool session = false;     ///< about the session with the printer: works while there is none
    When when = When::any;
    bool (*supported)(const Situation&) = nullptr; ///< null: by every printer
    std::string_view needs{};                      ///< the same in words: "two nozzles"
    Planner plan = nullptr;
    Handler run = send_plan;
    Confirmation confirmed = nullptr; ///< null: nothing in the reports can show more than the acknowledgement
    std::string_view shown_by{};      ///< the same in words: "print_status"
    std::chrono::seconds within{10};  ///< until it has to be acknowledged, or shown
};

/// What needs a signature where the firmware insists on one: the namespace `print` alone.
[[nodiscard]] inline bool needs_signature(const Command& command) {
    return command.space == "print";
}

} // namespace bambu2mqtt
