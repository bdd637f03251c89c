// Detects filament runouts in the errors of a printer, and the change to another tray afterwards.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/state/printer_event.hpp>

#include <set>
#include <string>
#include <vector>

namespace bambu2mqtt {

class Printer;

/// Pure; its state survives a restart with save() and restore().
class RunoutWatch {
  public:
    /// A report was merged. Returns filament_runout (code, unit, slot) and filament_changed (from, to),
    /// without time and job. `active`: a job is running.
    ///
    /// One event per runout, for any number and order of its errors; another one when a further slot runs out
    /// while errors of the first are still present. Stage 6, named "filament runout" by the vendor, is not
    /// evidence: no recording of a runout has it.
    [[nodiscard]] std::vector<PrinterEvent> update(const Printer& printer, bool active);

    [[nodiscard]] Json save() const;

    /// Accepts any content; invalid content is ignored.
    void restore(const Json& saved);

  private:
    void follow_errors(const Printer& printer, std::vector<PrinterEvent>& out);
    void follow_feed(const Printer& printer, std::vector<PrinterEvent>& out);

    std::set<std::string> codes_;  ///< the current errors of the runout
    std::set<std::string> places_; ///< "ams_1/2": places with an event while errors are present
    bool waits_ = false;           ///< one of the errors pauses the printer
    bool placeless_ = false;       ///< the last event was for a code without a slot
    std::string last_; ///< the tray of the last event in this job: its change is not reported again
    std::string from_; ///< the tray that ran out, until another one or itself is active
};

} // namespace bambu2mqtt
