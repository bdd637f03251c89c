// Reading report files for the offline commands.
#pragma once

#include <bambu2mqtt/printer/model.hpp>
#include <bambu2mqtt/printer/report.hpp>

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// Handles a message; false: invalid.
using TakeMessage = std::function<bool(std::string_view message)>;

/// A serial number for a printer whose own is not known: with the model's prefix, so that ids follow the
/// model. Without a model the prefix is of none.
[[nodiscard]] std::string stand_in_serial(Model model);

/// Feeds every message of every file ("-" is `input`) to `take`, in order; before that the module lists among
/// them, from any position, to `know`: they determine the printer of all others. A message that `take`
/// refuses, and a file that cannot be read or is empty, is reported on `diagnostics` with file and byte
/// offset, at most ten times per file; so is that no message is a printer's. Returns the exit code: 0 or 2.
int read_reports(const std::vector<std::string>& files, std::istream& input, std::ostream& diagnostics,
                 const TakeMessage& know, const TakeMessage& take);

} // namespace bambu2mqtt
