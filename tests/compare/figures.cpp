#include "compare/figures.hpp"

#include "support/files.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <time.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <sstream>

namespace bambu2mqtt::compare {

namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

/// Of sorted values; NaN of none.
double percentile(const std::vector<double>& sorted, std::size_t percent) {
    return sorted.empty() ? std::nan("") : sorted[(sorted.size() - 1) * percent / 100];
}

} // namespace

double processor_time(pid_t process) {
    clockid_t clock{};
    timespec time{};
    if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) {
        return 0;
    }
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

Memory memory_of(pid_t process) {
    std::istringstream lines{test_support::read_file(fmt::format("/proc/{}/smaps_rollup", process))};
    Memory memory;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::string name;
        double kibibytes = 0;
        if (words >> name >> kibibytes) {
            const double megabytes = kibibytes * 1024 / 1e6;
            memory.resident += name == "Rss:" ? megabytes : 0;
            memory.private_pages += name == "Private_Clean:" || name == "Private_Dirty:" ? megabytes : 0;
        }
    }
    return memory;
}

void add_delays(Figures& figures, const std::vector<std::vector<Sample>>& samples, Clock::time_point from,
                Clock::time_point until) {
    std::vector<double> own;
    std::vector<double> newer;
    for (const auto& printer : samples) {
        std::optional<Clock::time_point> shown; // this or a newer one
        for (auto sample = printer.rbegin(); sample != printer.rend(); ++sample) {
            if (sample->shown) {
                shown = std::min(shown.value_or(*sample->shown), *sample->shown);
            }
            if (!sample->sent || *sample->sent < from || *sample->sent >= until) {
                continue;
            }
            ++figures.reports;
            figures.lost += shown ? 0 : 1;
            if (shown) {
                newer.push_back(Milliseconds(*shown - *sample->sent).count());
            }
            if (sample->shown) {
                own.push_back(Milliseconds(*sample->shown - *sample->sent).count());
            }
        }
    }
    std::ranges::sort(own);
    std::ranges::sort(newer);
    figures.p50 = percentile(own, 50);
    figures.p90 = percentile(own, 90);
    figures.p99 = percentile(own, 99);
    figures.newer_p99 = percentile(newer, 99);
    figures.shown =
        static_cast<double>(own.size()) / static_cast<double>(std::max<std::size_t>(figures.reports, 1));
}

std::string table(const std::vector<Figures>& rows) {
    auto text =
        fmt::format("{:<12} {:>8} {:>8} {:>8} {:>8} {:>9} {:>6} {:>5} {:>9} {:>9} {:>8} {:>8} {:>8}\n",
                    "contender", "reports", "p50 ms", "p90 ms", "p99 ms", "newer p99", "shown", "lost", "us",
                    "broker us", "RSS MB", "private", "messages");
    for (const auto& row : rows) {
        text += fmt::format(
            "{:<12} {:>8} {:>8.2f} {:>8.2f} {:>8.2f} {:>9.2f} {:>5.0f}% {:>5} {:>9.0f} {:>9.0f} "
            "{:>8.1f} {:>8.1f} {:>8.2f}\n",
            row.contender, row.reports, row.p50, row.p90, row.p99, row.newer_p99, row.shown * 100, row.lost,
            row.contender_us, row.broker_us, row.memory.resident, row.memory.private_pages, row.messages);
    }
    return text;
}

std::string json(const std::vector<Figures>& rows, std::size_t printers, double rate, double feeder_share) {
    nlohmann::ordered_json result{{"printers", printers}, {"rate", rate}, {"feeder_share", feeder_share}};
    result["contenders"] = nlohmann::ordered_json::array();
    for (const auto& row : rows) {
        result["contenders"].push_back({{"contender", row.contender},
                                        {"reports", row.reports},
                                        {"p50_ms", row.p50},
                                        {"p90_ms", row.p90},
                                        {"p99_ms", row.p99},
                                        {"newer_p99_ms", row.newer_p99},
                                        {"shown", row.shown},
                                        {"lost", row.lost},
                                        {"us_per_report", row.contender_us},
                                        {"broker_us_per_report", row.broker_us},
                                        {"resident_mb", row.memory.resident},
                                        {"private_mb", row.memory.private_pages},
                                        {"messages_per_report", row.messages}});
    }
    return result.dump();
}

} // namespace bambu2mqtt::compare
