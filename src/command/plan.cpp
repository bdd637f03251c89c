#include "command/rows.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/printer/job_state.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <cmath>

namespace bambu2mqtt {

namespace {

const Json& member(const Json& arguments, std::string_view name) {
    static const Json none;
    const auto found = arguments.find(name);
    return found == arguments.end() ? none : *found;
}

} // namespace

const Value& Situation::value(std::string_view entity) const {
    const auto index = layout.find(entity);
    return index && *index < values.size() ? values[*index] : not_known;
}

std::string_view Situation::word(std::string_view entity) const {
    const auto* const text = std::get_if<std::string>(&value(entity));
    return text == nullptr ? std::string_view{} : std::string_view{*text};
}

bool Situation::knows_job() const {
    return job_state(report) != JobState::unknown;
}

namespace plan {

std::int64_t integer(const Json& arguments, std::string_view name) {
    return read::integer(&member(arguments, name)).value_or(0);
}

double number(const Json& arguments, std::string_view name) {
    return read::number(&member(arguments, name)).value_or(0);
}

bool flag(const Json& arguments, std::string_view name) {
    return read::flag(&member(arguments, name)).value_or(false);
}

const std::string& text(const Json& arguments, std::string_view name) {
    static const std::string none;
    const auto* const found = member(arguments, name).get_ptr<const std::string*>();
    return found == nullptr ? none : *found;
}

std::optional<std::int64_t> optional_integer(const Json& arguments, std::string_view name) {
    return read::integer(&member(arguments, name));
}

std::optional<std::string> optional_text(const Json& arguments, std::string_view name) {
    const auto* const found = member(arguments, name).get_ptr<const std::string*>();
    return found == nullptr ? std::nullopt : std::optional{*found};
}

OrderedJson request(std::string_view space, std::string_view command, OrderedJson fields) {
    OrderedJson body{{"sequence_id", ""}, {"command", command}};
    for (auto& field : fields.items()) {
        body[field.key()] = std::move(field.value());
    }
    OrderedJson message = OrderedJson::object();
    message[std::string{space}] = std::move(body);
    return message;
}

OrderedJson gcode(std::string lines) {
    lines.erase(lines.find_last_not_of(" \t\n") + 1);
    return request("print", "gcode_line", {{"param", lines + "\n"}});
}

Plan send(OrderedJson message) {
    Plan plan;
    plan.requests.push_back(std::move(message));
    return plan;
}

Planned nothing(const Situation&, const Json&) {
    return Plan{};
}

Outcome done(OrderedJson data) {
    return Outcome{.status = Status::done, .data = std::move(data)};
}

Outcome refused(Code code, std::string message) {
    return bambu2mqtt::refused({}, Refusal{code, std::move(message)});
}

bool has_entity(const Situation& situation, std::string_view id) {
    return !situation.facts.complete || situation.layout.find(id).has_value();
}

bool shows(const Situation& situation, std::string_view entity, std::string_view word) {
    return !word.empty() && situation.word(entity) == word;
}

bool is_switched(const Situation& situation, std::string_view entity, bool on) {
    const auto* const state = std::get_if<bool>(&situation.value(entity));
    return state != nullptr && *state == on;
}

std::optional<double> shown_number(const Situation& situation, std::string_view entity) {
    return number_in(situation.value(entity));
}

bool shows_number(const Situation& situation, std::string_view entity, double number, double tolerance) {
    const auto shown = shown_number(situation, entity);
    return shown && std::abs(*shown - number) <= tolerance;
}

} // namespace plan

} // namespace bambu2mqtt
