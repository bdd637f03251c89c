// The command table as Markdown. Pure.
#pragma once

#include <bambu2mqtt/command/command.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::reference {

/// A part of the table: from one command up to the next section.
struct Theme {
    std::string_view name{}; ///< "job"
    std::span<const Command> commands{};
};

/// All sections in order; together they are the whole table.
[[nodiscard]] std::vector<Theme> themes();

/// Two tables: the commands, and their arguments (left out where there are none).
[[nodiscard]] std::string tables_of(const Theme& theme);

} // namespace bambu2mqtt::reference
