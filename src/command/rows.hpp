// The parts of the command table, one file per topic, and helpers shared by their planners.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/command/command.hpp>
#include <bambu2mqtt/command/handler.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace bambu2mqtt {

std::span<const Command> job_commands();
std::span<const Command> print_commands();
std::span<const Command> climate_commands();
std::span<const Command> motion_commands();
std::span<const Command> filament_commands();
std::span<const Command> spool_commands();
std::span<const Command> dryer_commands();
std::span<const Command> detector_commands();
std::span<const Command> machine_commands();
std::span<const Command> session_commands();
std::span<const Command> file_commands();

namespace plan {

/// A member of checked arguments; only for required ones or those with a default.
[[nodiscard]] std::int64_t integer(const Json& arguments, std::string_view name);
[[nodiscard]] double number(const Json& arguments, std::string_view name);
[[nodiscard]] bool flag(const Json& arguments, std::string_view name);
[[nodiscard]] const std::string& text(const Json& arguments, std::string_view name);

/// The same for optional ones.
[[nodiscard]] std::optional<std::int64_t> optional_integer(const Json& arguments, std::string_view name);
[[nodiscard]] std::optional<std::string> optional_text(const Json& arguments, std::string_view name);

/// {SPACE: {"sequence_id": "", "command": COMMAND, ...fields}}
[[nodiscard]] OrderedJson request(std::string_view space, std::string_view command,
                                  OrderedJson fields = OrderedJson::object());

/// print.gcode_line with one line, or several separated by "
/// "; trailing white space becomes one final newline.
[[nodiscard]] OrderedJson gcode(std::string lines);

/// A plan with one request.
[[nodiscard]] Plan send(OrderedJson message);

/// The plan of a command for which nothing is sent.
[[nodiscard]] Planned nothing(const Situation& situation, const Json& arguments);

/// The outcome of a command that its handler has carried out.
[[nodiscard]] Outcome done(OrderedJson data = {});

/// The outcome of one that its handler refuses.
[[nodiscard]] Outcome refused(Code code, std::string message);

/// True if this printer has an entity; true until the first full report, as long as that is unknown.
[[nodiscard]] bool has_entity(const Situation& situation, std::string_view id);

/// True if an entity has this text; never for an empty one.
[[nodiscard]] bool shows(const Situation& situation, std::string_view entity, std::string_view word);

/// True if an entity has this on/off state. Not an overload: a literal would convert to bool rather than to
/// text.
[[nodiscard]] bool is_switched(const Situation& situation, std::string_view entity, bool on);

/// True if an entity has this number, within `tolerance`.
[[nodiscard]] bool shows_number(const Situation& situation, std::string_view entity, double number,
                                double tolerance = 0);

/// The number of an entity, if it has one.
[[nodiscard]] std::optional<double> shown_number(const Situation& situation, std::string_view entity);

} // namespace plan

} // namespace bambu2mqtt
