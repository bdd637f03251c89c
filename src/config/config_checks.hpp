// The rules that look at more than one key: pairs that belong together, and what must not occur twice.
// Knows no TOML, and of files only where files.directory lies.
#pragma once

#include "config/config_folders.hpp"
#include <bambu2mqtt/config/config.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

/// Where each key with a value that is not empty stands, by its dotted name ("printer[1].serial"); 1-based
/// lines.
using ConfigLines = std::map<std::string, unsigned, std::less<>>;

/// Adds the problems and warnings of the rules between keys. What was wrong in itself is left in peace here.
/// Fills in the ids of printers that have none, see default_printer_id(); of two with the same default the
/// later one has to name its own, and the problem proposes one. `named`: all files and folders that keys
/// name, but for state_directory and files.directory.
void check_together(LoadedConfig& loaded, const ConfigLines& lines, const std::filesystem::path& file,
                    const std::vector<NamedPath>& named);

} // namespace bambu2mqtt
