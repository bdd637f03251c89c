// An event of a printer, and its payload.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// One event: the payload of B/P/event.
struct PrinterEvent {
    std::string_view type{}; ///< one of event_types
    WallTime time{};
    std::string task{};                     ///< empty: unknown
    std::string file{};                     ///< empty: unknown
    std::optional<std::int64_t> progress{}; ///< per cent
    std::string code{};                     ///< 0300-400C, 0300-0100-0001-0003; empty: none
    std::optional<std::int64_t> duration{}; ///< minutes since the job's start, if known
    bool late = false;                      ///< it happened while the gateway was not connected
    std::string unit{};                     ///< prefix of the affected unit; empty: unknown
    std::optional<std::int64_t> slot{};     ///< 1-based, of the unit
    std::string from{};                     ///< filament_changed: id of the tray, as active_tray shows it
    std::string to{};
};

[[nodiscard]] OrderedJson to_json(const PrinterEvent& printer_event);

} // namespace bambu2mqtt
