#pragma once
// What a person may order a simulated printer to do, in words: "runout", "mute print.*". Knows the words, not
// how they arrive.

#include <string>
#include <string_view>

namespace bambu2mqtt::simulator {

class SimulatedPrinter;

/// Carries out one order. "ok", or what is wrong with it; "help" and "requests" have more to say.
[[nodiscard]] std::string carry_out_order(SimulatedPrinter& printer, std::string_view order);

/// One line per order.
[[nodiscard]] std::string order_help();

} // namespace bambu2mqtt::simulator
