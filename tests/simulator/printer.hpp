#pragma once
// What the driver asks of anything that plays a printer. Pure: no network, no clock of its own.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::simulator {

/// Time since the printer was switched on, as its driver counts it. Never runs backwards.
using Uptime = std::chrono::milliseconds;

/// A printer as seen from its report and request topics.
class Printer {
  public:
    virtual ~Printer() = default;

    /// The 15 characters the topics are made of.
    [[nodiscard]] virtual const std::string& serial() const = 0;

    /// How often it reports by itself.
    [[nodiscard]] virtual std::chrono::milliseconds report_interval() const = 0;

    /// Lives on until `now`; gives the messages it publishes on its report topic by itself.
    [[nodiscard]] virtual std::vector<std::string> advance(Uptime now) = 0;

    /// Takes a message from its request topic; gives what it answers on its report topic, often nothing.
    [[nodiscard]] virtual std::vector<std::string> answer(std::string_view request, Uptime now) = 0;
};

} // namespace bambu2mqtt::simulator
