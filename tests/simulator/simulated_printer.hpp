#pragma once
// A simulated printer: a machine that handles requests by its behaviour rules. Knows how requests are
// treated, not their effects.

#include "simulator/answers.hpp"
#include "simulator/behaviour.hpp"
#include "simulator/machine.hpp"
#include "simulator/printer.hpp"
#include "simulator/request.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt::simulator {

using SimulatedPrinterOptions = MachineOptions;

/// A message from the request topic, readable or not.
struct ReceivedRequest {
    std::string payload{};
    Uptime time{0};
    int session = 0; ///< the printer's newest MQTT session then, from 1; 0 when none was known
};

/// When a command after a session's last answer is executed. Its answer comes in the next session.
enum class AfterLastAnswer { done_at_once, done_in_next_session };

/// See the top of the file.
class SimulatedPrinter final : public Printer, public Machine {
  public:
    explicit SimulatedPrinter(SimulatedPrinterOptions options, std::vector<BehaviourRule> behaviour = {});

    [[nodiscard]] const std::string& serial() const override { return options().serial; }

    [[nodiscard]] std::chrono::milliseconds report_interval() const override {
        return options().report_interval;
    }

    [[nodiscard]] std::vector<std::string> advance(Uptime now) override { return live_until(now); }

    /// Requests without a row in the command table are not answered, nor are invalid messages and other
    /// namespaces.
    [[nodiscard]] Reaction answer(std::string_view request, Uptime now) override;
    [[nodiscard]] Reaction connected(int session, Uptime now) override;

    /// See orders.hpp.
    [[nodiscard]] std::string obey(std::string_view order, Uptime now) override;

    /// How requests are treated: without a rule they are executed, or refused when they need a signature.
    [[nodiscard]] BehaviourRules& behaviour() { return behaviour_; }

    /// From now on this many commands are answered in a session and then none, until the next one begins (P1
    /// firmware does so after some settings). Nothing: no limit.
    void limit_sessions(std::optional<int> answers, AfterLastAnswer after = AfterLastAnswer::done_at_once);

    /// All requests so far in order, at most the first 100,000.
    [[nodiscard]] const std::vector<ReceivedRequest>& requests() const { return requests_; }

    /// The bodies of the requests of that name, "print.pause", with `command` and `sequence_id`.
    [[nodiscard]] std::vector<nlohmann::json> requests(const std::string& name) const;

  private:
    /// A request without an answer yet: to be executed, or the answer still to be sent.
    struct Held {
        std::optional<Request> request{};
        std::vector<std::string> answers{};
    };

    [[nodiscard]] bool refuses_silently() const;
    [[nodiscard]] Reaction treat(const Request& request);
    void hold(const Request& request);
    [[nodiscard]] Reaction carry_out(const Request& request);
    [[nodiscard]] Reaction carry_out(const Request& request, const BehaviourRule& rule);
    [[nodiscard]] std::optional<nlohmann::json> body_of_answer(const Request& request,
                                                               const BehaviourRule& rule);

    BehaviourRules behaviour_;
    std::vector<ReceivedRequest> requests_;
    int session_ = 0;
    std::optional<int> session_limit_{};
    AfterLastAnswer after_last_answer_ = AfterLastAnswer::done_at_once;
    int answered_ = 0; ///< commands, in this session
    std::vector<Held> held_;
};

} // namespace bambu2mqtt::simulator
