// What the handler of a command works with. Each row of the command table has one: it acts through the
// context and returns the outcome, or what will bring it.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/command/command.hpp>
#include <bambu2mqtt/port/effects.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace bambu2mqtt {

class CommandRunner;

/// Whether the printer can be reached, in the words a refusal gives.
struct Reachability {
    bool online = false;
    std::string_view state{}; ///< of connection
    std::string_view host{};  ///< where its session is: name or address; empty: not known
};

/// The session with the printer, as handlers see it. The gateway implements it.
class SessionPort {
  public:
    virtual ~SessionPort() = default;

    /// Connects to the printer, or subscribes to its reports again, and asks for a full report; does nothing
    /// where that is so already.
    virtual void resume() = 0;

    /// Ends the subscription to reports until resume(); the connection stays.
    virtual void pause() = 0;

    /// Disconnects until resume(), also over a restart of the gateway.
    virtual void quit() = 0;

    /// Whether quit() is in force.
    [[nodiscard]] virtual bool closed() const = 0;

    /// Asks for the version and a full report, if the model's budget allows it now, and returns 0 s.
    /// Otherwise publishes what is known, and returns how long the budget forbids it.
    virtual std::chrono::seconds refresh() = 0;

    /// Removes the entities of a unit ("ams_1") that is not plugged in.
    virtual void forget_unit(const std::string& unit) = 0;

    /// Takes over a chamber temperature that was measured elsewhere, in degrees Celsius.
    virtual void set_chamber_temperature(double degrees) = 0;

    /// Where the printer is configured or was reached: name or address. Empty when it was only announced so
    /// far, or is not known at all.
    [[nodiscard]] virtual const std::string& proven_host() const = 0;

    /// Gives work to a feature of the session. Returns its outcome, or WaitsFor::printer when
    /// CommandRunner::finish_work() follows with this ticket.
    [[nodiscard]] virtual Handled run_feature(const FeatureWork& work, Ticket ticket) = 0;

    /// Adds what features have to show of themselves, a member each.
    virtual void add_feature_state(OrderedJson& state) const = 0;

  protected:
    SessionPort() = default;
    SessionPort(const SessionPort&) = default;
    SessionPort& operator=(const SessionPort&) = default;
};

/// One command that is carried out: what is known, and the ports through which its handler acts.
struct CommandContext {
    Ticket ticket = 0;
    std::size_t printer = 0; ///< the target of effects
    const Situation& situation;
    const Json& arguments; ///< checked, complete
    Plan plan{};           ///< what the row has planned
    Reachability reachability{};
    Now now{};
    bool has_room = true;  ///< whether one more command may wait for the printer
    CommandRunner& runner; ///< requests
    SessionPort& session;
    Effects& effects;
};

} // namespace bambu2mqtt
