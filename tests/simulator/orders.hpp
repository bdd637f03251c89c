#pragma once
// Orders that a person can give to a simulated printer: "runout", "mute print.*". Knows the words, not how
// they arrive.

#include <string>
#include <string_view>

namespace bambu2mqtt::simulator {

class SimulatedPrinter;

/// Executes one order. Returns "ok", or an error; "help" and "requests" return text.
[[nodiscard]] std::string carry_out_order(SimulatedPrinter& printer, std::string_view order);

/// One line per order.
[[nodiscard]] std::string order_help();

} // namespace bambu2mqtt::simulator
