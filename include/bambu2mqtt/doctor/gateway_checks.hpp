// The checks of doctor as the running gateway knows them, without another session. Pure.
#pragma once

#include <bambu2mqtt/doctor/check.hpp>

#include <vector>

namespace bambu2mqtt {

class Bridge;

/// The session with the broker, and of each printer its session and what its reports say. Clocks
/// are skipped: the gateway keeps no time of a printer.
[[nodiscard]] std::vector<Check> gateway_checks(const Bridge& bridge);

} // namespace bambu2mqtt
