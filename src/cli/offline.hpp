// The commands that work without a printer and without a broker: decode, discovery, entities.
#pragma once

#include "cli/options.hpp"

#include <iosfwd>

namespace bambu2mqtt {

/// Report files to entity values. Exit code: 0, or 2 if a file or a message in it could not be read (the rest
/// is still shown); each error is reported on `diagnostics` with file and byte offset.
int run_decode(const Options& options, std::istream& input, std::ostream& output, std::ostream& diagnostics);

/// Report files to the retained messages of the gateway, as JSON lines.
int run_discovery(const Options& options, std::istream& input, std::ostream& output,
                  std::ostream& diagnostics);

/// The entity table as JSON lines or as a Markdown table.
int run_entities(const Options& options, std::ostream& output);

} // namespace bambu2mqtt
