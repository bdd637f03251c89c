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

/// What the gateway does itself.
enum class LocalAction : std::uint8_t {
    none,
    refresh,        ///< get_version and pushall, as often as the model bears
    start_session,  ///< connects, or subscribes again, and refreshes
    resume_session, ///< the same, but not after quit
    pause_session,  ///< unsubscribes
    quit,           ///< disconnects until start_session
    get_state,      ///< answers with everything that is known
    forget,         ///< removes an absent unit's entities
    trust,          ///< trusts the certificate with this fingerprint
    chamber_value,  ///< takes over a chamber temperature measured elsewhere
    bind_list,      ///< answers with the AMS units and their extruders
    cancel_transfer ///< breaks the running transfer off
};

/// What carrying a command out means: the file job first, then the requests in order.
struct Plan {
    std::vector<OrderedJson>
        requests{}; ///< each with its one namespace; sequence_id is added when it is sent
    std::optional<FileJob> file{};
    LocalAction local_action = LocalAction::none;
    OrderedJson data{}; ///< LocalAction::bind_list: the answer
    std::string note{}; ///< for the outcome: what the sender should know although it is carried out
};

using Planned = std::variant<Plan, Refusal>;

/// Makes the plan from checked arguments; refuses what this printer in this situation cannot do.
using Planner = Planned (*)(const Situation&, const Json& arguments);

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
    Confirmation confirmed = nullptr; ///< null: nothing in the reports can show more than the acknowledgement
    std::string_view shown_by{};      ///< the same in words: "print_status"
    std::chrono::seconds within{10};  ///< until it has to be acknowledged, or shown
};

/// What needs a signature where the firmware insists on one: the namespace `print` alone.
[[nodiscard]] inline bool needs_signature(const Command& command) {
    return command.space == "print";
}

} // namespace bambu2mqtt
