// What can happen to a printer: the types of B/P/event, in the order of the contract.
#pragma once

#include <array>
#include <string_view>

namespace bambu2mqtt {

inline constexpr std::array<std::string_view, 14> event_types{
    "print_started",   "print_paused",     "print_resumed",       "print_finished", "print_failed",
    "print_canceled",  "print_error",      "print_error_cleared", "hms_error",      "hms_error_cleared",
    "filament_runout", "filament_changed", "printer_online",      "printer_offline"};

} // namespace bambu2mqtt
