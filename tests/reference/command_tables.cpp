#include "command_tables.hpp"

#include <bambu2mqtt/command/catalogue.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace bambu2mqtt::reference {

namespace {

/// First command of each section.
struct Beginning {
    std::string_view theme{};
    std::string_view command{};
};

constexpr std::array beginnings{Beginning{"job", "pause_printing"},
                                Beginning{"print", "print_3mf_file"},
                                Beginning{"climate", "set_nozzle_temp_target"},
                                Beginning{"motion", "home_axes"},
                                Beginning{"raw", "send_gcode"},
                                Beginning{"filament", "load_filament"},
                                Beginning{"spool", "set_spool_details"},
                                Beginning{"dryer", "turn_on_ams_dryer"},
                                Beginning{"detectors", "set_spaghetti_detector"},
                                Beginning{"machine", "set_active_tool"},
                                Beginning{"session", "refresh"},
                                Beginning{"files", "get_sdcard_contents"}};

std::size_t position_of(std::string_view command) {
    const auto table = commands();
    return static_cast<std::size_t>(
        std::distance(table.begin(), std::ranges::find(table, command, &Command::name)));
}

/// One command; empty cells mean nothing special.
std::string row_of(const Command& command) {
    const auto safe = command.safe    ? "yes"
                      : command.raw   ? "no; needs `control.raw_commands`"
                      : command.trust ? "no; needs `control.trust_commands`"
                                      : "no";
    return fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", command.name, command.summary, command.needs,
                       words_of(command.when), safe, command.shown_by);
}

std::string fallback_of(const Argument& argument) {
    if (argument.required) {
        return "required";
    }
    return argument.fallback.empty() ? std::string{} : fmt::format("`{}`", argument.fallback);
}

/// The allowed values; words with their numbers.
std::string values_of(const Argument& argument) {
    if (argument.kind != Kind::word) {
        return expectation(argument);
    }
    std::string text;
    for (const auto& word : argument.words) {
        text += fmt::format("{}`{}` ({})", text.empty() ? "" : ", ", word.name, word.number);
    }
    return text;
}

std::string arguments_of(const Command& command) {
    std::string rows;
    for (const auto& argument : command.arguments) {
        rows += fmt::format("| `{}` | `{}` | {} | {} | {} |\n", command.name, argument.name,
                            values_of(argument), fallback_of(argument), argument.meaning);
    }
    return rows;
}

} // namespace

std::vector<Theme> themes() {
    std::vector<Theme> result;
    for (std::size_t i = 0; i < beginnings.size(); ++i) {
        const auto first = position_of(beginnings[i].command);
        const auto end =
            i + 1 < beginnings.size() ? position_of(beginnings[i + 1].command) : commands().size();
        result.push_back(Theme{beginnings[i].theme, commands().subspan(first, end - first)});
    }
    return result;
}

std::string tables_of(const Theme& theme) {
    std::string rows;
    std::string arguments;
    for (const auto& command : theme.commands) {
        rows += row_of(command);
        arguments += arguments_of(command);
    }
    auto text =
        "| command | does | needs | works | safe | confirmed by |\n|---|---|---|---|---|---|\n" + rows;
    if (!arguments.empty()) {
        text += "\n| command | argument | is | default | meaning |\n|---|---|---|---|---|\n" + arguments;
    }
    return text;
}

} // namespace bambu2mqtt::reference
