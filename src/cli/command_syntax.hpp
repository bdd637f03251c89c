// The commands and options of the program as data: for the manual page and the completion of shells.
#pragma once

#include <string>
#include <vector>

namespace bambu2mqtt {

/// One option, flag or argument of a command.
struct OptionSyntax {
    std::string name{};      ///< "--seconds"; of an argument its name in help, "PRINTER"
    std::string value{};     ///< the name of its value, "FILE"; empty: a flag or an argument
    std::string text{};      ///< what it means, as in --help
    bool argument = false;   ///< given by its place, not by its name
    bool required = false;   ///< the command fails without it
    bool repeatable = false; ///< an argument that can be given more than once
};

/// One command.
struct CommandSyntax {
    std::string name{}; ///< "discover"; of the program itself empty
    std::string text{}; ///< what it does, as in --help
    std::string note{}; ///< the last paragraph of its --help, or empty
    std::vector<OptionSyntax> options{};
};

/// The program itself with the options that every command accepts, then each command, in the order of --help.
[[nodiscard]] std::vector<CommandSyntax> command_syntax();

} // namespace bambu2mqtt
