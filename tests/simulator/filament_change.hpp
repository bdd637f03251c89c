#pragma once
// Filament being changed outside of a print, step by step. Pure: what the AMS says at which share of the
// time.

#include "simulator/print_job.hpp"

#include <chrono>
#include <optional>

namespace bambu2mqtt::simulator {

/// What a report tells of the way of the filament.
struct FilamentState {
    std::optional<TrayPlace> loaded{};
    std::optional<TrayPlace> target{};
    int extruder = 0;
    int ams_status = 0;
    int stage = 0; ///< stg_cur; 0: none of its own
    bool at_sensor = false;

    friend bool operator==(const FilamentState&, const FilamentState&) = default;
};

/// Takes `from` out, where there is one, and brings `to` in, where there is one.
class FilamentChange {
  public:
    FilamentChange(std::optional<TrayPlace> from, std::optional<TrayPlace> to, int extruder,
                   std::chrono::milliseconds duration);

    /// Lets time pass.
    void advance(std::chrono::milliseconds step) { elapsed_ += step; }

    [[nodiscard]] bool over() const { return elapsed_ >= duration_; }

    /// Where the filament comes to rest.
    [[nodiscard]] const std::optional<TrayPlace>& destination() const { return to_; }

    [[nodiscard]] int extruder() const { return extruder_; }

    /// How it stands now; only while it is not over.
    [[nodiscard]] FilamentState state() const;

  private:
    std::optional<TrayPlace> from_;
    std::optional<TrayPlace> to_;
    int extruder_;
    std::chrono::milliseconds duration_;
    std::chrono::milliseconds elapsed_{0};
};

} // namespace bambu2mqtt::simulator
