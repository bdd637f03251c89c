// Entities as controls: which may be used, when, and which command a payload on their /set topic becomes.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/command/command.hpp>
#include <bambu2mqtt/command/outcome.hpp>
#include <bambu2mqtt/command/policy.hpp>
#include <bambu2mqtt/entity/catalogue.hpp>
#include <bambu2mqtt/entity/value.hpp>

#include <string_view>

namespace bambu2mqtt {

/// True if an entity is offered as a control: it has one, the configuration allows its command, and the
/// firmware requires no signature for it. Depends on facts only.
[[nodiscard]] bool is_control(const Entity& entity, const Facts& facts, const CommandPolicy& policy);

/// True if a control works only in some job states or with some errors, and so has its own availability.
[[nodiscard]] bool works_sometimes(const Entity& entity);

/// True if it works in the current state of the job and with the current error; false in an unreported state.
[[nodiscard]] bool works_now(const Entity& entity, const ReportState& report);

/// The maximum of a number, in its unit; 0 for other entities.
[[nodiscard]] int highest_number(const Entity& entity, const Facts& facts);

/// A parsed payload of a /set topic.
struct ControlRequest {
    const Command* command = nullptr;
    Json arguments{};
    Value expected{}; ///< the state of the entity if executed; unknown for buttons
};

/// Refuses invalid payloads as invalid_argument, entities without a control as not_supported.
[[nodiscard]] expected<ControlRequest, Refusal>
parse_control_payload(const Instance& instance, std::string_view payload, const Situation& situation);

} // namespace bambu2mqtt
