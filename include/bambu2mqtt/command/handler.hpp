// Context of a command's handler. Each row of the command table has a handler: it uses the context and
// returns the outcome, or what will produce it.
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

/// Whether the printer can be reached, with the text for refusals.
struct Reachability {
    bool online = false;
    std::string_view state{}; ///< of connection
    std::string_view host{};  ///< host of its session: name or address; empty: unknown
};

/// The session with the printer, for handlers. Implemented by the gateway.
class SessionPort {
  public:
    virtual ~SessionPort() = default;

    /// Connects to the printer, or subscribes to its reports again, and requests a full report; no effect if
    /// already done.
    virtual void resume() = 0;

    /// Unsubscribes from reports until resume(); the connection stays open.
    virtual void pause() = 0;

    /// Disconnects until resume(), also after a restart of the gateway.
    virtual void quit() = 0;

    /// True after quit(), until resume().
    [[nodiscard]] virtual bool closed() const = 0;

    /// Requests the version and a full report, if the model's minimum interval allows it, and returns 0 s.
    /// Otherwise publishes the known state, and returns the remaining time.
    virtual std::chrono::seconds refresh() = 0;

    /// Removes the entities of a unit ("ams_1") that is not plugged in.
    virtual void forget_unit(const std::string& unit) = 0;

    /// Sets a chamber temperature measured elsewhere, in degrees Celsius.
    virtual void set_chamber_temperature(double degrees) = 0;

    /// The configured or last working address: name or address. Empty if the printer was only announced, or
    /// is unknown.
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

/// A command in execution: the state of the printer, and the ports for its handler.
struct CommandContext {
    Ticket ticket = 0;
    std::size_t printer = 0; ///< the target of effects
    const Situation& situation;
    const Json& arguments; ///< checked, complete
    Plan plan{};           ///< the row's plan
    Reachability reachability{};
    Now now{};
    bool has_room = true;  ///< whether one more command may wait for the printer
    CommandRunner& runner; ///< requests
    SessionPort& session;
    Effects& effects;
};

} // namespace bambu2mqtt
