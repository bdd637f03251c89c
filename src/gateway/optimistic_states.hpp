// Controls with a pending command: the requested value and what they show meanwhile.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/command/command.hpp>
#include <bambu2mqtt/entity/value.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// At most one per entity. The requested value is shown once the printer has acknowledged the command, until
/// its reports show a value: so a switch does not jump back before that, and a value that the printer refuses
/// is never shown. Pure.
class OptimisticStates {
  public:
    /// How long an acknowledged value is shown that the reports do not show.
    static constexpr auto timeout = std::chrono::seconds{3};

    /// A command requests `value` for an entity. A value shown for an earlier command stays until the printer
    /// has acknowledged this one.
    void expect(const std::string& entity, Value value, Ticket command, Instant now);

    /// Shows the values of commands that are acknowledged; gives the entities that show another value then,
    /// by name.
    [[nodiscard]] std::vector<std::string> show(const std::function<bool(Ticket)>& is_acknowledged,
                                                Instant now);

    /// The value shown for an entity; nullptr: the reported one.
    [[nodiscard]] const Value* find(const std::string& entity) const;

    /// Whether a command other than this one is pending for an entity.
    [[nodiscard]] bool is_of_another(const std::string& entity, Ticket command) const;

    void end(const std::string& entity) { states_.erase(entity); }

    /// The entities whose time is over, by name.
    [[nodiscard]] std::vector<std::string> expired(Instant now) const;

    /// When the next one expires.
    [[nodiscard]] std::optional<Instant> deadline() const;

  private:
    struct State {
        Value requested{};
        std::optional<Value> shown{}; ///< nothing: the reported value
        Instant until{};
        Ticket command = 0; ///< the one that requested the value
    };

    std::map<std::string, State> states_; ///< by entity
};

} // namespace bambu2mqtt
