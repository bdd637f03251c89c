#pragma once
// The table of all requests a simulated printer understands: one row each. Knows their effects and formats of
// acknowledgement, not the behaviour rules.

#include "simulator/answers.hpp"
#include "simulator/machine.hpp"
#include "simulator/request.hpp"

#include <span>
#include <string_view>

namespace bambu2mqtt::simulator {

/// One request.
struct Command {
    std::string_view name{}; ///< Request::name()
    AnswerForm form = AnswerForm::plain;
    Outcome (*act)(Machine&, const Request&) = nullptr; ///< never throws, whatever types the fields have
};

/// Rows by topic.
[[nodiscard]] std::span<const Command> job_commands();
[[nodiscard]] std::span<const Command> machine_commands();
[[nodiscard]] std::span<const Command> filament_commands();
[[nodiscard]] std::span<const Command> profile_commands();
[[nodiscard]] std::span<const Command> setting_commands();

/// The row with that name; null when printers do not know it.
[[nodiscard]] const Command* find_command(std::string_view name);

} // namespace bambu2mqtt::simulator
