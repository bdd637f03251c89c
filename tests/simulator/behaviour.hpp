#pragma once
// How a printer treats requests: whether it executes them, and how it answers. Knows names of requests, not
// their effects.

#include "simulator/answers.hpp"
#include "simulator/printer.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::simulator {

enum class Behaviour {
    obeys,     ///< executes and answers
    no_effect, ///< answers with success, but does not execute
    refuses,   ///< answers with the refusal and does not execute
    silent,    ///< executes without an answer
    mute       ///< neither executes nor answers
};

/// What is missing in an answer.
enum class Shortened {
    no,
    without_sequence_id,
    without_command,
    only_command_and_id ///< no echo and no result, as P1S firmware 01.10
};

/// One rule. Requests for the full state and the modules (pushing.pushall, info.get_version) have no effect
/// of their own: they are answered unless the printer is silent, mute or refuses.
struct BehaviourRule {
    std::string requests = "*"; ///< which: "print.pause", "print.*", "*"
    Behaviour behaviour_kind = Behaviour::obeys;
    Refusal refusal{};
    Shortened shortened = Shortened::no;
    std::chrono::milliseconds delay{0}; ///< of the answer; the effect is immediate
    Contact contact = Contact::kept;    ///< dropped: the connection is cut and the answer lost
};

/// True if a pattern matches a request.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view request);

/// The rules of one printer.
class BehaviourRules {
  public:
    /// Adds a rule with precedence over all others; it replaces an earlier one with the same pattern.
    void add(BehaviourRule rule);

    void clear() { rules_.clear(); }

    /// The rule for a request; null when none was set.
    [[nodiscard]] const BehaviourRule* of(std::string_view request) const;

  private:
    std::vector<BehaviourRule> rules_; ///< newest last
};

/// Removes the missing fields from an answer's body.
void shorten(nlohmann::json& body, Shortened shortened);

} // namespace bambu2mqtt::simulator
