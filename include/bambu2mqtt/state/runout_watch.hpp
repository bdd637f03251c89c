// Watches the errors of a printer for filament that has run out, and what feeds afterwards.
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
    /// A report was merged. Gives filament_runout (code, unit, slot) and filament_changed (from, to), without
    /// time and job. `active`: a job is under way.
    ///
    /// One event for one runout, however many errors say so and in whatever order they come; another one when
    /// a further slot runs out while errors of the first still stand. Stage 6, named "filament runout" by the
    /// vendor, is no sign: it is in no recording of a runout.
    [[nodiscard]] std::vector<PrinterEvent> update(const Printer& printer, bool active);

    [[nodiscard]] Json save() const;

    /// Takes any content; strange one is as if there were none.
    void restore(const Json& saved);

  private:
    void follow_errors(const Printer& printer, std::vector<PrinterEvent>& out);
    void follow_feed(const Printer& printer, std::vector<PrinterEvent>& out);

    std::set<std::string> codes_;  ///< the errors of the runout that stand
    std::set<std::string> places_; ///< "ams_1/2": places an event was sent for, while errors stand
    bool waits_ = false;           ///< one of the errors pauses the printer
    bool placeless_ = false;       ///< the last event was sent for a code that names no slot
    std::string last_;             ///< the tray of the last event in this job: that it was changed is no news
    std::string from_;             ///< the tray that ran out, until another one feeds or it feeds again
};

} // namespace bambu2mqtt
