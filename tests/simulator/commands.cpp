#include "simulator/commands.hpp"

#include <algorithm>

namespace bambu2mqtt::simulator {

const Command* find_command(std::string_view name) {
    for (const auto rows :
         {job_commands(), machine_commands(), filament_commands(), profile_commands(), setting_commands()}) {
        const auto found =
            std::find_if(rows.begin(), rows.end(), [name](const Command& row) { return row.name == name; });
        if (found != rows.end())
            return &*found;
    }
    return nullptr;
}

} // namespace bambu2mqtt::simulator
