// How a session notices that somebody has set the clock of this machine.
#include <bambu2mqtt/gateway/printer_session.hpp>

#include <chrono>

namespace bambu2mqtt {

/// The wall clock moves against the steady one only when somebody sets it.
void PrinterSession::watch_clock(Now now, ConnectionActions& actions) {
    constexpr std::chrono::seconds whole_seconds{
        2}; // both clocks are read in whole seconds, one after the other
    const auto lead = now.wall.time_since_epoch() -
                      std::chrono::floor<std::chrono::seconds>(now.instant.time_since_epoch());
    if (!clock_lead_ || std::chrono::abs(lead - *clock_lead_) >= whole_seconds) {
        const bool was_known = clock_lead_.has_value();
        clock_lead_ = lead;
        if (was_known) {
            connection_.clock_set(now.instant, actions);
        }
    }
}

} // namespace bambu2mqtt
