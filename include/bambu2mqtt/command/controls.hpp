// Entities as controls: which of them may be used, when, and which command a payload on their /set topic
// stands for.
#pragma once

#include <bambu2mqtt/command/command.hpp>
#include <bambu2mqtt/command/outcome.hpp>
#include <bambu2mqtt/command/policy.hpp>
#include <bambu2mqtt/entity/catalogue.hpp>
#include <bambu2mqtt/entity/value.hpp>

#include <string_view>
#include <variant>

namespace bambu2mqtt {

/// Whether an entity is offered as a control: it has one, the configuration allows its command, and the
/// firmware does not insist on a signature for it. Looks at slow facts only.
[[nodiscard]] bool is_control(const Entity& entity, const Facts& facts, const CommandPolicy& policy);

/// Whether a control works only in some states of the job, and so has an availability of its own.
[[nodiscard]] bool depends_on_job(const Entity& entity);

/// Whether it works in the state the job is in now; in a state that nobody has told it does not.
[[nodiscard]] bool works_now(const Entity& entity, const ReportState& report);

/// The highest value a number takes, in its unit; 0 for entities that are no numbers.
[[nodiscard]] int highest_number(const Entity& entity, const Facts& facts);

/// A payload on a /set topic, understood.
struct ControlRequest {
    const Command* command = nullptr;
    Json arguments{};
    Value expected{}; ///< what the entity will show if it is carried out; not known for buttons
};

/// Refuses as invalid_argument what the entity does not take, as not_supported what cannot be controlled.
[[nodiscard]] std::variant<ControlRequest, Refusal>
parse_control_payload(const Instance& instance, std::string_view payload, const Situation& situation);

} // namespace bambu2mqtt
