// What a printer's reports say about its settings, for the command doctor: signed commands, storage, clock.
// Pure.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/doctor/check.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

class Printer;

/// A printer's clock may differ by this from the clock of this machine.
inline constexpr std::chrono::minutes clock_tolerance{5};

/// The printer's time in one of its messages: `t_utc`, milliseconds since 1970, in `print` or beside it. Only
/// some firmware sends it.
[[nodiscard]] std::optional<WallTime> printer_time(std::string_view message);

/// The requests of a session that only looks, as texts: the modules and a full report.
[[nodiscard]] std::vector<std::string> report_requests();

/// What is known besides the printer's merged reports.
struct ReportContext {
    std::string id{};     ///< of the printer
    bool commands = true; ///< what may be sent to it is not "none"
    std::optional<std::chrono::seconds>
        clock_ahead{}; ///< printer's clock minus this machine's; nothing: not sent
};

/// The checks `signature`, `storage` and `clock`. What was not reported is skipped.
[[nodiscard]] std::vector<Check> report_checks(const Printer& printer, const ReportContext& context);

} // namespace bambu2mqtt
