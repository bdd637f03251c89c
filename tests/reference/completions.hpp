// Completion of the command line for bash, zsh and fish, from the table of commands.
#pragma once

#include <string>

namespace bambu2mqtt::reference {

[[nodiscard]] std::string bash_completion();
[[nodiscard]] std::string zsh_completion();
[[nodiscard]] std::string fish_completion();

} // namespace bambu2mqtt::reference
