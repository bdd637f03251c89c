// Watches what a printer does around its jobs: the first layer, the bed that cools, units that dry.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/state/printer_event.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

class Printer;

/// Pure; time is an argument, and its state survives a restart with save() and restore().
class MachineWatch {
  public:
    /// A report was merged; `status` is print_status. Gives, without time and job:
    /// - first_layer_done: the layer of a job went beyond 1, or a job of one layer finished,
    /// - bed_cooled: after a job whose end found the bed at 35 degrees or more it is below that,
    /// - drying_finished (unit): the minutes of drying went to 0, and by the clock they were over; drying
    /// that
    ///   was stopped before is none.
    [[nodiscard]] std::vector<PrinterEvent> update(const Printer& printer, std::string_view status, Now now);

    [[nodiscard]] Json save() const;

    /// Takes any content; strange one is as if there were none.
    void restore(const Json& saved);

  private:
    /// A unit that dries.
    struct Drying {
        std::int64_t minutes = 0; ///< as reported last
        WallTime until{};         ///< by the gateway's clock
    };

    void follow_first_layer(const Printer& printer, std::string_view status, std::vector<PrinterEvent>& out);
    void follow_bed(const Printer& printer, bool active, std::vector<PrinterEvent>& out);
    void follow_drying(const Printer& printer, Now now, std::vector<PrinterEvent>& out);

    std::optional<bool> active_;        ///< a job is under way, as last seen
    bool first_layer_ahead_ = false;    ///< the job's first layer is not done
    bool bed_warm_ = false;             ///< a job has ended and left the bed warm
    std::map<std::string, Drying> dry_; ///< by the unit's prefix
};

} // namespace bambu2mqtt
