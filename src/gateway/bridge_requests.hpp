// Requests to the gateway itself, on BASE/bridge/request/NAME: one row each, and their outcomes.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/command/argument.hpp>
#include <bambu2mqtt/command/command_request.hpp>
#include <bambu2mqtt/command/outcome.hpp>
#include <bambu2mqtt/command/response_queue.hpp>
#include <bambu2mqtt/gateway/bridge_health.hpp>
#include <bambu2mqtt/gateway/bridge_settings.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

/// Each request has exactly one outcome, like a command; a repeated request id gets the first one again.
/// Pure.
class BridgeRequests {
  public:
    /// What a row does: returns the outcome, or nothing if finish() with this ticket follows. `arguments` are
    /// checked.
    using Run = std::optional<Outcome> (BridgeRequests::*)(const Json& arguments, Ticket ticket, Now now,
                                                           Effects& effects);

    struct Row {
        std::string_view name{};
        std::string_view summary{};
        std::span<const Argument> arguments{};
        bool needs_full = false; ///< control.allow has to be "full"
        Run run = nullptr;
    };

    /// All requests.
    [[nodiscard]] static std::span<const Row> rows();

    /// The checks of doctor run at most once in this time.
    static constexpr std::chrono::minutes doctor_interval{1};

    /// Both outlive it.
    BridgeRequests(const BridgeSettings& settings, BridgeHealth& health);

    /// A request that was not retained; `name` as in its topic.
    void handle(std::string_view name, const BrokerMessage& message, Now now, Effects& effects);

    /// The log has this level now, one of log_level_words.
    void set_log_level(const std::string& level) { log_level_ = level; }

    /// What a row asked of the edges has ended.
    void handle(const RequestDone& done, Now now);

    /// bridge/health was made: `health` is its payload.
    void health_known(OrderedJson health, Now now);

    /// Ends all requests; `why` is for people.
    void abandon(std::string_view why, Now now);

    /// Responses since the last call, in order.
    [[nodiscard]] std::vector<CommandResponse> responses() { return responses_.take(); }

    /// The name in the topic of a response: that of the request, or "unknown" if no request can have it.
    [[nodiscard]] static std::string response_name(const CommandResponse& response);

  private:
    struct Running {
        std::string name{};
        std::string request_id{};
    };

    [[nodiscard]] std::optional<Outcome> run(const ParsedCommandRequest& read, Ticket ticket, Now now,
                                             Effects& effects);
    void finish(Ticket ticket, Outcome outcome, Now now);

    std::optional<Outcome> read_health(const Json& arguments, Ticket ticket, Now now, Effects& effects);
    std::optional<Outcome> change_log_level(const Json& arguments, Ticket ticket, Now now, Effects& effects);
    std::optional<Outcome> run_doctor(const Json& arguments, Ticket ticket, Now now, Effects& effects);

    std::optional<Outcome> reload(const Json& arguments, Ticket ticket, Now now, Effects& effects);
    std::optional<Outcome> change_printers(const Json& arguments, Ticket ticket, Now now, Effects& effects);

    const BridgeSettings& settings_;
    BridgeHealth& health_;
    std::string log_level_;
    OrderedJson last_health_;           ///< null: none yet
    Instant health_at_{};               ///< when it was made
    std::vector<Ticket> awaits_health_; ///< requests that get the next one
    std::optional<Instant> doctor_at_;  ///< when its checks ran last
    Ticket last_ticket_ = 0;
    std::map<Ticket, Running> running_;
    ResponseQueue responses_;
};

} // namespace bambu2mqtt
