// How fast fans ran before they were switched off. Pure; time is an argument.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/time.hpp>

#include <chrono>
#include <map>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

/// Printers of the A1 family report a measured speed, so that a fan that is switched off is reported with the
/// speeds at which it runs down: 14 11 6 1 0 in fifteenths, one a report. Recorded: four whole prints of an
/// A1 01.07, where a fan stops within four reports, which come every second or two. All others report the
/// speed that was set.
class FanSpeeds {
  public:
    /// Longer than a fan takes to run down, shorter than speeds are used for.
    static constexpr auto runs_down_within = std::chrono::seconds{10};

    /// A fan, by the id of its row, shows `percent` (0 to 100) from `at` on, after it has shown `before`.
    /// `measured`: the speed is measured, so that while the fan runs down only the highest reported speed
    /// counts. Returns the last speed it ran at if it is off now, else 0.
    [[nodiscard]] double follow(std::string_view id, double before, double percent, Instant at,
                                bool measured);

  private:
    struct Reported {
        Instant since{};
        double percent = 0;
    };

    /// More values than printers report within `runs_down_within`.
    static constexpr std::size_t most_reported = 32;

    std::map<std::string_view, std::vector<Reported>> reported_; ///< by row id, the oldest first
};

/// Last speeds as an object {"part_fan": 40}, and back: unknown fans and values that are no speed (1 to 100)
/// are left out.
[[nodiscard]] Json saved_speeds(const std::map<std::string_view, double>& last_speed);
[[nodiscard]] std::map<std::string_view, double> speeds_of(const Json& saved);

} // namespace bambu2mqtt
