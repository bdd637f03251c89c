// Reading report files for the offline commands.
#pragma once

#include <bambu2mqtt/printer/report.hpp>

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// What is done with a message; false: it is none.
using TakeMessage = std::function<bool(std::string_view message)>;

/// Feeds every message of every file ("-" is `input`) to `take`, in order; before that the lists of modules
/// among them, wherever they stand, to `know`: they say which printer wrote all the others. A message that
/// `take` refuses, and a file that cannot be read or is empty, is told on `diagnostics` with file and byte
/// offset, at most ten times per file. Returns the exit code: 0 or 2.
int read_reports(const std::vector<std::string>& files, std::istream& input, std::ostream& diagnostics,
                 const TakeMessage& know, const TakeMessage& take);

} // namespace bambu2mqtt
