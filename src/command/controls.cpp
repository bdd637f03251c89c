#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/command/catalogue.hpp>
#include <bambu2mqtt/command/controls.hpp>
#include <bambu2mqtt/entity/gateway_state.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/printer/job_state.hpp>
#include <bambu2mqtt/printer/limits.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace bambu2mqtt {

namespace {

const Command* command_of(const Entity& entity) {
    return entity.control.command.empty() ? nullptr : find_command(entity.control.command);
}

/// Conversion of a payload: the argument's value, and the resulting state of the entity.
struct Meaning {
    Json argument{};
    Value shown{};
};

std::optional<bool> on_off(std::string_view payload) {
    if (payload == "ON" || payload == "on") {
        return true;
    }
    return payload == "OFF" || payload == "off" ? std::optional{false} : std::nullopt;
}

std::optional<double> number_in(std::string_view payload) {
    const Json text(payload);
    return read::number(&text);
}

std::optional<Meaning> number(std::string_view payload) {
    const auto value = number_in(payload);
    return value ? std::optional{Meaning{*value, static_cast<std::int64_t>(std::lround(*value))}}
                 : std::nullopt;
}

std::optional<Meaning> flag_meaning(std::string_view payload) {
    const auto on = on_off(payload);
    return on ? std::optional{Meaning{*on, *on}} : std::nullopt;
}

/// The words are the entity's options; case is ignored.
std::optional<Meaning> word(std::string_view payload, const Instance& instance, const Facts& facts) {
    for (const auto option : Layout::options(instance, facts)) {
        if (edit_distance(option, payload) == 0) {
            return Meaning{Json(option), std::string{option}};
        }
    }
    return std::nullopt;
}

/// The speed of a fan that is switched on: its current one, else its last one, else full speed.
double speed_when_on(const Instance& instance, const Situation& situation) {
    const auto now = situation.value(instance.id);
    const auto* const running = std::get_if<std::int64_t>(&now);
    if (running != nullptr && *running > 0) {
        return static_cast<double>(*running);
    }
    const auto& speeds = situation.gateway.last_speed;
    const auto last = speeds.find(instance.entity->id);
    return last != speeds.end() && last->second > 0 && last->second <= 100 ? last->second : 100;
}

std::optional<Meaning> percent(std::string_view payload, const Instance& instance,
                               const Situation& situation) {
    std::optional<double> speed = number_in(payload);
    if (const auto on = on_off(payload)) {
        speed = *on ? speed_when_on(instance, situation) : 0;
    }
    if (!speed || *speed < 0 || *speed > 100) {
        return std::nullopt;
    }
    return Meaning{*speed, (static_cast<std::int64_t>(std::lround(*speed)) + 5) / 10 * 10};
}

std::optional<Meaning> meaning_of(const Instance& instance, std::string_view payload,
                                  const Situation& situation) {
    switch (instance.entity->control.payload) {
    case Payload::number:
        return number(payload);
    case Payload::on_off:
        return flag_meaning(payload);
    case Payload::word:
        return word(payload, instance, situation.facts);
    case Payload::percent:
        return percent(payload, instance, situation);
    case Payload::press:
        return payload == "PRESS" ? std::optional{Meaning{}} : std::nullopt;
    case Payload::none:
        break;
    }
    return std::nullopt;
}

std::string expected_payload(const Instance& instance, const Facts& facts) {
    switch (instance.entity->control.payload) {
    case Payload::number:
        return "a number";
    case Payload::on_off:
        return "ON or OFF";
    case Payload::word:
        return one_of(Layout::options(instance, facts));
    case Payload::percent:
        return "ON, OFF or a number from 0 to 100";
    case Payload::press:
        return "PRESS";
    case Payload::none:
        break;
    }
    return "nothing";
}

} // namespace

bool is_control(const Entity& entity, const Facts& facts, const CommandPolicy& policy) {
    const auto* const command = command_of(entity);
    return command != nullptr && is_allowed(*command, policy) &&
           !(needs_signature(*command) && facts.wants_signature());
}

bool works_sometimes(const Entity& entity) {
    const auto* const command = command_of(entity);
    return command != nullptr && (command->when != When::any || entity.control.applies != nullptr);
}

bool works_now(const Entity& entity, const ReportState& report) {
    const auto* const command = command_of(entity);
    return command != nullptr && job_state(report) != JobState::unknown &&
           check_job_state(command->when, report).has_value() &&
           (entity.control.applies == nullptr || entity.control.applies(report));
}

int highest_number(const Entity& entity, const Facts& facts) {
    struct Limit {
        std::string_view command{};
        int (*degrees)(const Facts&) = nullptr;
    };

    constexpr std::array limits{Limit{"set_nozzle_temp_target", nozzle_limit},
                                Limit{"set_bed_temp_target", bed_limit},
                                Limit{"set_chamber_temp_target", chamber_limit}};
    const auto* const limit = std::ranges::find(limits, entity.control.command, &Limit::command);
    return limit == limits.end() ? 0 : limit->degrees(facts);
}

expected<ControlRequest, Refusal> parse_control_payload(const Instance& instance, std::string_view payload,
                                                        const Situation& situation) {
    const auto& control = instance.entity->control;
    const auto* const command = command_of(*instance.entity);
    if (command == nullptr) {
        return refuse(Code::not_supported, fmt::format("{} cannot be controlled", instance.id));
    }
    auto meaning = meaning_of(instance, payload, situation);
    if (!meaning) {
        return refuse(Code::invalid_argument,
                      fmt::format("the payload is \"{}\", expected {}", sanitize_for_log(payload),
                                  expected_payload(instance, situation.facts)));
    }
    ControlRequest control_request{
        .command = command, .arguments = Json::object(), .expected = std::move(meaning->shown)};
    if (!control.fixed.empty()) {
        control_request.arguments = Json::parse(control.fixed);
    }
    if (!control.argument.empty()) {
        control_request.arguments[std::string{control.argument}] = std::move(meaning->argument);
    }
    if (const auto& kept = situation.value(control.kept_from); !control.kept.empty() && known(kept)) {
        control_request.arguments[std::string{control.kept}] = json_of(kept);
    }
    if (control.for_unit && instance.place.unit != nullptr) {
        control_request.arguments["ams_id"] = instance.place.unit->id;
    }
    return control_request;
}

} // namespace bambu2mqtt
