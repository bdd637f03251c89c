// Event types of a printer: the types of B/P/event, in documented order.
#pragma once

#include <array>
#include <string_view>

namespace bambu2mqtt {

inline constexpr std::array<std::string_view, 17> event_types{
    "print_started",   "print_paused",     "print_resumed",       "print_finished", "print_failed",
    "print_canceled",  "print_error",      "print_error_cleared", "hms_error",      "hms_error_cleared",
    "filament_runout", "filament_changed", "first_layer_done",    "bed_cooled",     "drying_finished",
    "printer_online",  "printer_offline"};

/// Display texts of device triggers. Fixed: they are part of automations, and never translated.
inline constexpr std::array<std::string_view, event_types.size()> event_words{
    "Print started",   "Print paused",     "Print resumed",       "Print finished", "Print failed",
    "Print canceled",  "Print error",      "Print error cleared", "HMS error",      "HMS error cleared",
    "Filament runout", "Filament changed", "First layer done",    "Bed cooled",     "Drying finished",
    "Printer online",  "Printer offline"};

} // namespace bambu2mqtt
