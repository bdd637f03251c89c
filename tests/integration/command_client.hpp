#pragma once
// Commands to a gateway's printer as a user's program sends them, and what comes back. Knows topics and
// payloads, nothing of the program's code.

#include "integration/gateway_fixture.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::gateway_test {

using nlohmann::json;

/// Sends commands to one printer of an environment that has an observer.
class CommandClient {
  public:
    explicit CommandClient(TestEnvironment& env, std::size_t printer = 0) : env_(env), printer_(printer) {}

    /// Publishes a command on `command`, with a request id of its own, which it gives.
    std::string send(const std::string& command, json arguments = json::object());

    /// All answers to that request so far, progress too, in order.
    [[nodiscard]] std::vector<json> answers(const std::string& request_id) const;

    /// Waits for the final answer; null at the deadline.
    [[nodiscard]] json outcome(const std::string& request_id,
                               std::chrono::milliseconds deadline = test_timeout) const;

    /// send() and outcome().
    [[nodiscard]] json ask(const std::string& command, json arguments = json::object(),
                           std::chrono::milliseconds deadline = test_timeout);

    /// Publishes on any topic of the printer and waits for the answer that names this command (as the gateway
    /// repeats it) and comes after. For senders that give no request id.
    [[nodiscard]] json tell(const std::string& topic, const std::string& payload, const std::string& command,
                            std::chrono::milliseconds deadline = test_timeout);

    /// How many requests of that name the printer has got: "print.pause".
    [[nodiscard]] std::size_t requested(const std::string& name) const;

    /// How many requests of any name but those by which a session begins and is kept alive.
    [[nodiscard]] std::size_t commanded() const;

  private:
    TestEnvironment& env_;
    std::size_t printer_;
};

/// "effective", "refused busy": status and code of an outcome in words for CHECK; "nothing" for null.
[[nodiscard]] std::string ending(const json& outcome);

/// Whether the text of an outcome's message holds this.
[[nodiscard]] bool says(const json& outcome, std::string_view text);

} // namespace bambu2mqtt::gateway_test
