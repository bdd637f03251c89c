#pragma once
// How a printer treats requests: whether it does what they say, and how it answers. Knows names of requests,
// not what they do.

#include "simulator/answers.hpp"
#include "simulator/printer.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::simulator {

enum class Behaviour {
    obeys,     ///< does it and answers
    no_effect, ///< answers that it is done, and does nothing
    refuses,   ///< answers with the refusal and does nothing
    silent,    ///< does it and says nothing
    mute       ///< does nothing and says nothing
};

/// What is missing in an answer.
enum class Shortened {
    no,
    without_sequence_id,
    without_command,
    only_command_and_id ///< no echo and no result, as P1S firmware 01.10
};

/// One rule. Requests for the whole state and the modules (pushing.pushall, info.get_version) have no effect
/// of their own: they are answered unless the printer is silent, mute or refuses.
struct BehaviourRule {
    std::string requests = "*"; ///< which: "print.pause", "print.*", "*"
    Behaviour behaviour_kind = Behaviour::obeys;
    Refusal refusal{};
    Shortened shortened = Shortened::no;
    std::chrono::milliseconds delay{0}; ///< of the answer; the effect comes at once
    Contact contact = Contact::kept;    ///< dropped: the connection is cut and the answer lost
};

/// Whether such a pattern means that request.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view request);

/// The rules of one printer.
class BehaviourRules {
  public:
    /// Adds a rule that goes before all others; with the same pattern as an earlier one it takes its place.
    void add(BehaviourRule rule);

    void clear() { rules_.clear(); }

    /// The rule for a request; null when none was set.
    [[nodiscard]] const BehaviourRule* of(std::string_view request) const;

  private:
    std::vector<BehaviourRule> rules_; ///< newest last
};

/// Takes out of an answer's body what is missing in it.
void shorten(nlohmann::json& body, Shortened shortened);

} // namespace bambu2mqtt::simulator
