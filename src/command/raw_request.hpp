// Checks of requests written by users.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/command/outcome.hpp>

namespace bambu2mqtt {

/// Refuses a request that must not be passed on. It must be an object with exactly one known
/// namespace (and at most a `header`, which signed messages have), of at most 16 kB. Requests that printers
/// do not understand are refused with the correct form: lamps in `print`, M106 without P, a .3mf with
/// gcode_file; also requests for the access code and homing of single axes, which drives the bed into the
/// tool head. G-code is parsed word by word, in all forms that printers accept: with line numbers, comments,
/// checksums, blanks, in lower case, several commands in one line. `( )` may be a comment or have no meaning:
/// a line is refused if it is harmful in one of the two readings.
[[nodiscard]] expected<void, Refusal> check_request(const Json& message);

} // namespace bambu2mqtt
