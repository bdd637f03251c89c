// Commands for a group of printers, on BASE/group/NAME/command: who gets them, and the summary of all
// outcomes.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/command/command_request.hpp>
#include <bambu2mqtt/command/outcome.hpp>
#include <bambu2mqtt/command/response_queue.hpp>
#include <bambu2mqtt/gateway/bridge_settings.hpp>
#include <bambu2mqtt/port/events.hpp>
#include <bambu2mqtt/topic/topics.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// What one printer answers to a group command.
struct GroupAnswer {
    GroupNumber group = 0;
    OrderedJson outcome{}; ///< status, code and message, as in the payload of an outcome
};

/// The summary of a group command, or why there is none of the printers.
struct GroupSummary {
    std::string group{};
    CommandResponse response{};
};

/// Every printer of the group gets the command as if it were its own, by its own permission; each group
/// command has exactly one summary. Pure.
class GroupCommands {
  public:
    static constexpr std::size_t most_running = 16; ///< further ones are refused as busy

    /// The summary does not wait longer than this for outcomes.
    static constexpr std::chrono::seconds longest_wait{180};

    /// What the printers of a group get.
    struct Started {
        std::vector<std::size_t> printers{}; ///< places in the settings; empty: it was refused
        CommandRequest request{};
    };

    /// `settings` outlives it.
    explicit GroupCommands(const BridgeSettings& settings) : settings_(settings) {}

    /// A group command that was not retained.
    [[nodiscard]] Started begin(const BrokerMessage& message, const CommandTopic& topic, Now now);

    /// The outcome of one printer, by SessionSettings::index; ignored if nothing waits for it.
    void answered(std::size_t printer, GroupAnswer answer);

    /// The settings have changed: printers that are no longer in them fail, if they have no outcome yet.
    void reconfigured();

    /// Ends what all printers have answered, and what has waited long enough.
    void tick(Now now);

    /// When tick() is due.
    [[nodiscard]] std::optional<Instant> deadline() const;

    /// Ends everything, with the outcomes so far.
    void abandon(Now now);

    /// Summaries since the last call, in order.
    [[nodiscard]] std::vector<GroupSummary> summaries() { return std::exchange(summaries_, {}); }

  private:
    struct Part {
        std::size_t printer = 0; ///< SessionSettings::index
        std::string id{};
        OrderedJson outcome{}; ///< null: none yet
    };

    struct Running {
        std::string group{};
        std::string command{};
        std::string request_id{};
        ReturnAddress sender{};
        std::vector<Part> parts{};
        Instant until{};
    };

    [[nodiscard]] std::vector<std::size_t> printers_of(const std::string& group) const;
    void end(const Running& running, Outcome outcome, Now now);
    void summarize(const Running& running, Now now);

    const BridgeSettings& settings_;
    GroupNumber last_number_ = 0;
    std::map<GroupNumber, Running> running_;
    std::vector<GroupSummary> summaries_;
};

} // namespace bambu2mqtt
