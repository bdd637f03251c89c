#pragma once
// Commands to a gateway's printer as a user's program sends them, and their responses. Knows topics and
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

    /// Publishes a command on `command` with a new request id, which is returned.
    std::string send(const std::string& command, json arguments = json::object());

    /// All responses to that request so far, including progress, in order.
    [[nodiscard]] std::vector<json> answers(const std::string& request_id) const;

    /// Waits for the final answer; null at the deadline.
    [[nodiscard]] json outcome(const std::string& request_id,
                               std::chrono::milliseconds deadline = test_timeout) const;

    /// send() and outcome().
    [[nodiscard]] json ask(const std::string& command, json arguments = json::object(),
                           std::chrono::milliseconds deadline = test_timeout);

    /// Publishes on any topic of the printer and waits for a later response that names this command (as the
    /// gateway repeats it). For senders without a request id.
    [[nodiscard]] json publish_and_wait(const std::string& topic, const std::string& payload,
                                        const std::string& command,
                                        std::chrono::milliseconds deadline = test_timeout);

    /// Number of requests with this name that the printer has received: "print.pause".
    [[nodiscard]] std::size_t requested(const std::string& name) const;

    /// Number of requests that the printer has received, without those that start a session and keep it
    /// alive.
    [[nodiscard]] std::size_t commanded() const;

  private:
    TestEnvironment& env_;
    std::size_t printer_;
};

/// "effective", "refused busy": status and code of an outcome as text for CHECK; "nothing" for null.
[[nodiscard]] std::string ending(const json& outcome);

/// True if the outcome's message contains this text.
[[nodiscard]] bool says(const json& outcome, std::string_view text);

} // namespace bambu2mqtt::gateway_test
