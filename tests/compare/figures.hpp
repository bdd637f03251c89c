#pragma once
// Figures of a contender, from its samples and from the kernel.

#include "compare/contender.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace bambu2mqtt::compare {

/// Processor time of a process so far, user and system, in microseconds; of a process that has ended 0.
[[nodiscard]] double processor_time(pid_t process);

/// Of /proc/PID/smaps_rollup, in MB of a million bytes.
struct Memory {
    double resident = 0;
    double private_pages = 0;
};

[[nodiscard]] Memory memory_of(pid_t process);

struct Figures {
    std::string contender{};
    std::size_t reports = 0;
    double p50 = 0; ///< ms from the report to its value
    double p90 = 0;
    double p99 = 0;
    double newer_p99 = 0;    ///< ms until this or a newer value is shown
    double shown = 0;        ///< share of the reports whose own value was shown
    std::size_t lost = 0;    ///< reports whose value or a newer one was never shown
    double contender_us = 0; ///< processor time for a report
    double broker_us = 0;    ///< the same of its broker; of the bridge it is the contender's
    Memory memory{};         ///< of the contender
    double messages = 0;     ///< at its broker, for a report
};

/// Delays of the reports that were sent in [from, until).
void add_delays(Figures& figures, const std::vector<std::vector<Sample>>& samples, Clock::time_point from,
                Clock::time_point until);

[[nodiscard]] std::string table(const std::vector<Figures>& rows);
[[nodiscard]] std::string json(const std::vector<Figures>& rows, std::size_t printers, double rate,
                               double feeder_share);

} // namespace bambu2mqtt::compare
