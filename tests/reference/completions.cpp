#include "completions.hpp"

#include "cli/command_syntax.hpp"
#include <bambu2mqtt/base/log_level.hpp>
#include <bambu2mqtt/command/catalogue.hpp>
#include <bambu2mqtt/config/config_table.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace bambu2mqtt::reference {

namespace {

constexpr std::string_view made_by = "# Completion of bambu2mqtt. Made by scripts/docs.sh\n";

/// What can follow an option, or be an argument.
struct Candidates {
    std::vector<std::string> words{};
    bool files = false;
};

std::vector<std::string> command_names() {
    std::vector<std::string> names;
    for (const auto& command : commands()) {
        names.emplace_back(command.name);
    }
    return names;
}

std::vector<std::string> models() {
    std::vector<std::string> words;
    auto list = model_list();
    for (std::size_t end = 0; !list.empty(); list.erase(0, end == std::string::npos ? end : end + 2)) {
        end = list.find(", ");
        words.push_back(list.substr(0, end));
    }
    return words;
}

Candidates candidates_of(const OptionSyntax& option) {
    const auto& kind = option.argument ? option.name : option.value;
    if (kind == "FILE") {
        return {.files = true};
    }
    if (kind == "MODEL") {
        return {.words = models()};
    }
    if (kind == "LEVEL") {
        return {.words = {log_level_words.begin(), log_level_words.end()}};
    }
    if (kind == "on|off") {
        return {.words = {"on", "off"}};
    }
    if (kind == "COMMAND") {
        return {.words = command_names()};
    }
    return {};
}

/// In single quotes of a shell. fish also knows \' inside them.
std::string in_quotes(std::string_view text) {
    std::string result{"'"};
    for (const char letter : text) {
        result += letter == '\'' ? std::string{"'\\''"} : std::string(1, letter);
    }
    return result + "'";
}

/// Text in a specification of zsh's _arguments, where brackets and colons have a meaning.
std::string zsh_text(std::string_view text) {
    std::string result;
    for (const char letter : text) {
        if (letter == '[' || letter == ']' || letter == ':' || letter == '\\') {
            result += '\\';
        }
        result += letter;
    }
    return result;
}

/// What _arguments offers for a value: ":MODEL:(A1 P1S)".
std::string zsh_value(const OptionSyntax& option) {
    const auto candidates = candidates_of(option);
    const auto& kind = option.argument ? option.name : option.value;
    const auto action = candidates.files           ? std::string{"_files"}
                        : candidates.words.empty() ? std::string{" "}
                                                   : fmt::format("({})", fmt::join(candidates.words, " "));
    return fmt::format(":{}:{}", zsh_text(kind), action);
}

std::string zsh_specification(const OptionSyntax& option) {
    if (option.argument) {
        return in_quotes((option.repeatable ? "*" : "") + zsh_value(option));
    }
    return in_quotes(fmt::format("{}[{}]{}", option.name, zsh_text(option.text),
                                 option.value.empty() ? "" : zsh_value(option)));
}

/// The options of a command and those that every command accepts.
std::vector<OptionSyntax> all_options(const CommandSyntax& program, const CommandSyntax& command) {
    auto options = program.options;
    if (!command.name.empty()) {
        options.insert(options.end(), command.options.begin(), command.options.end());
    }
    return options;
}

/// The words of the options of a command.
std::string option_names(const CommandSyntax& program, const CommandSyntax& command) {
    std::string names;
    for (const auto& option : all_options(program, command)) {
        names += option.argument ? "" : option.name + " ";
    }
    return names + "--help";
}

/// The branch of bash's function for a command.
std::string bash_command(const CommandSyntax& program, const CommandSyntax& command) {
    std::string words = option_names(program, command);
    bool files = false;
    for (const auto& option : command.options) {
        if (option.argument) {
            const auto candidates = candidates_of(option);
            files = files || candidates.files;
            words += candidates.words.empty() ? "" : fmt::format(" {}", fmt::join(candidates.words, " "));
        }
    }
    return fmt::format("        {}) words='{}'{} ;;\n", command.name, words, files ? "; files=1" : "");
}

/// The branches for the values of options, each option once.
std::string bash_values(const std::vector<CommandSyntax>& program) {
    std::string branches;
    std::vector<std::string> done;
    for (const auto& command : program) {
        for (const auto& option : command.options) {
            if (option.argument || option.value.empty() ||
                std::ranges::find(done, option.name) != done.end()) {
                continue;
            }
            done.push_back(option.name);
            const auto candidates = candidates_of(option);
            branches +=
                candidates.files
                    ? fmt::format(
                          "        {}) mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); return ;;\n",
                          option.name)
                    : fmt::format(
                          "        {}) mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$word\"); return ;;\n",
                          option.name, fmt::join(candidates.words, " "));
        }
    }
    return branches;
}

} // namespace

std::string bash_completion() {
    const auto program = command_syntax();
    std::vector<std::string> names;
    std::string branches;
    for (const auto& command : program) {
        if (!command.name.empty()) {
            names.push_back(command.name);
            branches += bash_command(program.front(), command);
        }
    }
    std::string text{made_by};
    text += "# shellcheck shell=bash\n_bambu2mqtt() {\n"
            "    local word=$2 before=$3 command='' words='' files=0 i\n"
            "    case $before in\n";
    text += bash_values(program);
    text += "    esac\n"
            "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
            "        case ${COMP_WORDS[i]} in\n";
    text += fmt::format("        {}) command=${{COMP_WORDS[i]}}; break ;;\n", fmt::join(names, "|"));
    text += "        esac\n    done\n    case $command in\n";
    text += branches;
    text += fmt::format("        *) words='{} {}' ;;\n", option_names(program.front(), program.front()),
                        fmt::join(names, " "));
    text += "    esac\n"
            "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
            "    if ((files)) && [[ $word != -* ]]; then\n"
            "        mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -- \"$word\")\n"
            "    fi\n"
            "}\n"
            "complete -o filenames -F _bambu2mqtt bambu2mqtt\n";
    return text;
}

std::string zsh_completion() {
    const auto program = command_syntax();
    std::string text{"#compdef bambu2mqtt\n"};
    text += made_by;
    text += "_bambu2mqtt() {\n    local context state line\n    typeset -A opt_args\n    _arguments -C \\\n";
    for (const auto& option : program.front().options) {
        text += fmt::format("        {} \\\n", zsh_specification(option));
    }
    text += "        '--help[print this help]' ':command:->command' '*::argument:->argument'\n"
            "    case $state in\n    command)\n        local -a commands=(\n";
    for (const auto& command : program) {
        text += command.name.empty()
                    ? std::string{}
                    : fmt::format("            {}\n",
                                  in_quotes(fmt::format("{}:{}", command.name, zsh_text(command.text))));
    }
    text += "        )\n        _describe command commands ;;\n    argument)\n        case ${line[1]} in\n";
    for (const auto& command : program) {
        if (command.name.empty()) {
            continue;
        }
        text += fmt::format("        {})\n            _arguments", command.name);
        for (const auto& option : all_options(program.front(), command)) {
            text += fmt::format(" \\\n                {}", zsh_specification(option));
        }
        text += " \\\n                '--help[print this help]' ;;\n";
    }
    text += "        esac ;;\n    esac\n}\n_bambu2mqtt \"$@\"\n";
    return text;
}

std::string fish_completion() {
    const auto program = command_syntax();
    std::string names;
    for (const auto& command : program) {
        names += (names.empty() ? "" : " ") + command.name;
    }
    std::string text{made_by};
    text += "complete -c bambu2mqtt -f\n";
    for (const auto& command : program) {
        const auto when =
            command.name.empty()
                ? std::string{}
                : fmt::format(" -n {}", in_quotes("__fish_seen_subcommand_from " + command.name));
        if (!command.name.empty()) {
            text += fmt::format("complete -c bambu2mqtt -n {} -a {} -d {}\n",
                                in_quotes("not __fish_seen_subcommand_from " + names), command.name,
                                in_quotes(command.text));
        }
        for (const auto& option : command.options) {
            const auto candidates = candidates_of(option);
            const auto words =
                candidates.words.empty()
                    ? std::string{}
                    : fmt::format(" -a {}", in_quotes(fmt::format("{}", fmt::join(candidates.words, " "))));
            if (option.argument) {
                text += words.empty() && !candidates.files
                            ? std::string{}
                            : fmt::format("complete -c bambu2mqtt{}{}{}\n", when,
                                          candidates.files ? " -F" : "", words);
                continue;
            }
            text += fmt::format("complete -c bambu2mqtt{} -l {}{}{}{} -d {}\n", when, option.name.substr(2),
                                option.value.empty() ? "" : " -r", candidates.files ? " -F" : "", words,
                                in_quotes(option.text));
        }
    }
    return text;
}

} // namespace bambu2mqtt::reference
