#include "gateway/optimistic_states.hpp"

#include "gateway/earliest_of.hpp"

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

void OptimisticStates::expect(const std::string& entity, Value value, Ticket command, Instant now) {
    auto& state = states_[entity];
    state.requested = std::move(value);
    state.until = now + timeout;
    state.command = command;
}

std::vector<std::string> OptimisticStates::show(const std::function<bool(Ticket)>& is_acknowledged,
                                                Instant now) {
    std::vector<std::string> changed;
    for (auto& [entity, state] : states_) {
        if (state.shown == state.requested || !is_acknowledged(state.command)) {
            continue;
        }
        state.shown = state.requested;
        state.until = now + timeout;
        changed.push_back(entity);
    }
    return changed;
}

const Value* OptimisticStates::find(const std::string& entity) const {
    const auto found = states_.find(entity);
    return found != states_.end() && found->second.shown ? &*found->second.shown : nullptr;
}

bool OptimisticStates::is_of_another(const std::string& entity, Ticket command) const {
    const auto found = states_.find(entity);
    return found != states_.end() && found->second.command != command;
}

std::vector<std::string> OptimisticStates::expired(Instant now) const {
    std::vector<std::string> over;
    for (const auto& [entity, state] : states_) {
        if (now >= state.until) {
            over.push_back(entity);
        }
    }
    return over;
}

std::optional<Instant> OptimisticStates::deadline() const {
    std::optional<Instant> first;
    for (const auto& [entity, state] : states_) {
        first = earliest_of({first, state.until});
    }
    return first;
}

} // namespace bambu2mqtt
