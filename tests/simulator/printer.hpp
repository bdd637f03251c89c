#pragma once
// Interface between the driver and a simulated or replayed printer. Pure: no network, no clock of its own.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::simulator {

/// Time since the printer was switched on, as its driver counts it. Never decreases.
using Uptime = std::chrono::milliseconds;

/// What happens to the connection over which a request came.
enum class Contact { kept, dropped };

/// A printer's reaction to a request.
struct Reaction {
    std::vector<std::string> answers{}; ///< for its report topic; often none
    std::chrono::milliseconds delay{0}; ///< until they are sent
    Contact contact = Contact::kept;
};

/// A printer as seen from its report and request topics.
class Printer {
  public:
    virtual ~Printer() = default;

    /// The 15 characters of its topics.
    [[nodiscard]] virtual const std::string& serial() const = 0;

    /// Interval of its periodic reports.
    [[nodiscard]] virtual std::chrono::milliseconds report_interval() const = 0;

    /// Advances to `now`; returns the messages to publish on its report topic.
    [[nodiscard]] virtual std::vector<std::string> advance(Uptime now) = 0;

    /// Handles a message from its request topic.
    [[nodiscard]] virtual Reaction answer(std::string_view request, Uptime now) = 0;

    /// A client has connected and subscribed to the reports: the `session`th, counted from 1.
    [[nodiscard]] virtual Reaction connected(int session, Uptime now) = 0;

    /// Executes an order given as text: "pause", "fail 0300-400C". Returns the reply.
    [[nodiscard]] virtual std::string obey(std::string_view order, Uptime now) = 0;
};

} // namespace bambu2mqtt::simulator
