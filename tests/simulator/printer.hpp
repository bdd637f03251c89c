#pragma once
// What the driver asks of anything that plays a printer. Pure: no network, no clock of its own.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::simulator {

/// Time since the printer was switched on, as its driver counts it. Never runs backwards.
using Uptime = std::chrono::milliseconds;

/// What becomes of the connection over which a request came.
enum class Contact { kept, dropped };

/// What a printer does about a request.
struct Reaction {
    std::vector<std::string> answers{}; ///< for its report topic; often none
    std::chrono::milliseconds delay{0}; ///< until they are sent
    Contact contact = Contact::kept;
};

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

    /// Takes a message from its request topic.
    [[nodiscard]] virtual Reaction answer(std::string_view request, Uptime now) = 0;

    /// A client has connected and reads the reports: the `session`th, counted from 1.
    [[nodiscard]] virtual Reaction connected(int session, Uptime now) = 0;

    /// Does what somebody orders by hand, in words: "pause", "fail 0300-400C". Gives the words to say back.
    [[nodiscard]] virtual std::string obey(std::string_view order, Uptime now) = 0;
};

} // namespace bambu2mqtt::simulator
