#pragma once
// Figures of a contender, from its samples and from the kernel.

#include "compare/samples.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
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
    double newer_p99 = 0;       ///< ms until this or a newer value is shown
    double shown = 0;           ///< share of the reports whose own value was shown
    std::size_t lost = 0;       ///< reports whose value or a newer one was never shown
    double contender_us = 0;    ///< processor time for a report; without reports, of the whole run
    double broker_us = 0;       ///< the same of its broker; of the bridge it is the contender's
    double contender_share = 0; ///< processor time in a second, in microseconds
    Memory first_minute{};      ///< of the contender, after a minute
    Memory memory{};            ///< at the end
    double messages = 0;        ///< at its broker, for a report
};

/// Of one run.
struct Results {
    std::size_t printers = 0;
    double rate = 0;
    double seconds = 0;
    std::vector<Figures> rows{};
    double all_shown_seconds = 0; ///< from the start to a value of every printer of every contender
    double own_share = 0;         ///< of a processor, taken by simulated printers, feeder and subscribers
    double most_late_ms = 0;      ///< how late the latest report was published
    std::optional<Figures> commands{};    ///< delays alone, from a command's message to its request
    std::optional<double> instructions{}; ///< of bambu2mqtt, for a report
};

/// Delays of the reports that were sent in [from, until).
void add_delays(Figures& figures, const std::vector<std::vector<Sample>>& samples, Clock::time_point from,
                Clock::time_point until);

[[nodiscard]] std::string table(const Results& results);
[[nodiscard]] std::string json(const Results& results);

} // namespace bambu2mqtt::compare
