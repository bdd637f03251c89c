#pragma once
// A filament change outside of a print, step by step. Pure: the state of the AMS at each share of the time.

#include "simulator/print_job.hpp"

#include <chrono>
#include <optional>

namespace bambu2mqtt::simulator {

/// Report fields during a change.
struct FilamentState {
    std::optional<TrayPlace> loaded{};
    std::optional<TrayPlace> target{};
    int extruder = 0;
    int ams_status = 0;
    int stage = 0; ///< stg_cur; 0: unchanged
    bool at_sensor = false;

    friend bool operator==(const FilamentState&, const FilamentState&) = default;
};

/// Unloads `from`, if given, and loads `to`, if given.
class FilamentChange {
  public:
    FilamentChange(std::optional<TrayPlace> from, std::optional<TrayPlace> to, int extruder,
                   std::chrono::milliseconds duration);

    /// Advances the time.
    void advance(std::chrono::milliseconds step) { elapsed_ += step; }

    [[nodiscard]] bool over() const { return elapsed_ >= duration_; }

    /// The loaded tray at the end.
    [[nodiscard]] const std::optional<TrayPlace>& destination() const { return to_; }

    [[nodiscard]] int extruder() const { return extruder_; }

    /// The current state; only before it is over.
    [[nodiscard]] FilamentState state() const;

  private:
    std::optional<TrayPlace> from_;
    std::optional<TrayPlace> to_;
    int extruder_;
    std::chrono::milliseconds duration_;
    std::chrono::milliseconds elapsed_{0};
};

} // namespace bambu2mqtt::simulator
