// Reading report files for the offline commands.
#pragma once

#include <bambu2mqtt/printer/report.hpp>

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// Feeds every message of every file ("-" is `input`) to `take`, in order; a message that it refuses, and a
/// file that cannot be read or is empty, is told on `diagnostics` with file and byte offset. Returns the exit
/// code: 0 or 2.
int read_reports(const std::vector<std::string>& files, std::istream& input, std::ostream& diagnostics,
                 const std::function<bool(std::string_view message)>& take);

} // namespace bambu2mqtt
