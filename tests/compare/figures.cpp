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

std::string table(const Results& results) {
    std::string text = fmt::format(
        "{} printers x {} reports a second, {} s:\n{:<12} {:>8} {:>8} {:>8} {:>8} {:>9} {:>6} {:>5} "
        "{:>9} {:>9} {:>9} {:>15} {:>15} {:>8}\n",
        results.printers, results.rate, results.seconds, "", "reports", "p50 ms", "p90 ms", "p99 ms",
        "newer p99", "shown", "lost", "us", "broker us", "us in 1 s", "resident MB", "private MB",
        "messages");
    for (const auto& row : results.rows) {
        const auto pair = [](double first, double last) {
            return fmt::format("{:.1f} - {:.1f}", first, last);
        };
        text +=
            fmt::format("{:<12} {:>8} {:>8.2f} {:>8.2f} {:>8.2f} {:>9.2f} {:>5.0f}% {:>5} {:>9.0f} {:>9.0f} "
                        "{:>9.0f} {:>15} {:>15} {:>8.2f}\n",
                        row.contender, row.reports, row.p50, row.p90, row.p99, row.newer_p99, row.shown * 100,
                        row.lost, row.contender_us, row.broker_us, row.contender_share,
                        pair(row.first_minute.resident, row.memory.resident),
                        pair(row.first_minute.private_pages, row.memory.private_pages), row.messages);
    }
    if (results.commands) {
        text += fmt::format(
            "{} commands to bambu2mqtt: p50 {:.2f}, p90 {:.2f}, p99 {:.2f} ms from the message to "
            "the request, {} lost\n",
            results.commands->reports, results.commands->p50, results.commands->p90, results.commands->p99,
            results.commands->lost);
    }
    if (results.instructions) {
        text += fmt::format("bambu2mqtt: {:.0f} instructions a report\n", *results.instructions);
    }
    return text +
           fmt::format("all printers shown {:.1f} s after the start; printers, feeder and subscribers: "
                       "{:.1f} % of a processor, a report at most {:.1f} ms late\n",
                       results.all_shown_seconds, results.own_share * 100, results.most_late_ms);
}

namespace {

nlohmann::ordered_json delays_of(const Figures& row) {
    return {{"contender", row.contender}, {"reports", row.reports}, {"p50_ms", row.p50},
            {"p90_ms", row.p90},          {"p99_ms", row.p99},      {"newer_p99_ms", row.newer_p99},
            {"shown", row.shown},         {"lost", row.lost}};
}

} // namespace

std::string json(const Results& results) {
    nlohmann::ordered_json text{
        {"printers", results.printers},   {"rate", results.rate},
        {"seconds", results.seconds},     {"all_shown_seconds", results.all_shown_seconds},
        {"own_share", results.own_share}, {"most_late_ms", results.most_late_ms}};
    text["contenders"] = nlohmann::ordered_json::array();
    for (const auto& row : results.rows) {
        auto one = delays_of(row);
        one.update({{"us_per_report", row.contender_us},
                    {"broker_us_per_report", row.broker_us},
                    {"us_per_second", row.contender_share},
                    {"resident_mb_first_minute", row.first_minute.resident},
                    {"private_mb_first_minute", row.first_minute.private_pages},
                    {"resident_mb", row.memory.resident},
                    {"private_mb", row.memory.private_pages},
                    {"messages_per_report", row.messages}});
        text["contenders"].push_back(std::move(one));
    }
    if (results.commands) {
        text["commands"] = delays_of(*results.commands);
    }
    if (results.instructions) {
        text["instructions_per_report"] = *results.instructions;
    }
    return text.dump();
}

} // namespace bambu2mqtt::compare
