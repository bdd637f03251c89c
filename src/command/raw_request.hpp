// Requests that users write themselves: what of them is passed on to a printer.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/command/outcome.hpp>

#include <optional>

namespace bambu2mqtt {

/// Why a request is not passed on; nothing when it may be. It must be an object with exactly one namespace
/// that printers know (and at most a `header`, which signed messages have), of at most 16 kB. Forms that
/// printers do not take are refused with the right one named: light in `print`, M106 without P, a .3mf
/// through gcode_file; so are the request for the access code and homing of single axes, which drives the bed
/// into the tool head. G-code is read word by word, in any of the forms printers take: with line numbers,
/// comments, checksums, blanks, in lower case, several commands in one line.
[[nodiscard]] std::optional<Refusal> problem_of_request(const Json& message);

} // namespace bambu2mqtt
