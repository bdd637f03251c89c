// The rules that look at more than one key: pairs that belong together, and what must not occur twice.
// Knows neither TOML nor files.
#pragma once

#include <bambu2mqtt/app/config.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Where each key with a value that is not empty stands, by its dotted name ("printer[1].serial"); 1-based
/// lines.
using ConfigLines = std::map<std::string, unsigned, std::less<>>;

/// Adds the problems and warnings of the rules between keys. What was wrong in itself is left in peace here.
/// Fills in the ids of printers that have none, see default_printer_id(); of two with the same default the
/// later one has to name its own, and the problem proposes one.
void check_together(LoadedConfig& loaded, const ConfigLines& lines, const std::filesystem::path& file);

} // namespace bambu2mqtt
