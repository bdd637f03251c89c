// Commands for one printer: from its topics to the command runner, and from there to responses and entities.
#pragma once

#include "gateway/group_commands.hpp"
#include "gateway/retained_commands.hpp"
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/command/command_runner.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/port/events.hpp>
#include <bambu2mqtt/state/printer.hpp>
#include <bambu2mqtt/topic/topics.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace bambu2mqtt {

class ConnectionControl;
class JobWatch;
class SessionFeatures;
struct SessionContext;

/// Outcomes are published by deliver(). Pure.
class SessionCommands {
  public:
    /// All of them outlive it.
    SessionCommands(SessionContext& context, JobWatch& jobs, ConnectionControl& connection,
                    SessionFeatures& features)
        : context_(context), jobs_(jobs), connection_(connection), features_(features) {}

    /// A new broker session; `retain_as_published` as in BrokerUp.
    void broker_up(bool retain_as_published) noexcept { retained_commands_.broker_up(retain_as_published); }

    /// A message on one of the printer's command topics. Retained ones are cleared and otherwise ignored.
    void handle(const BrokerMessage& message, const CommandTopic& topic, Now now, Effects& effects);

    /// The part of a group command for this printer: as a command on its own topic.
    void handle(CommandRequest command_request, Now now, Effects& effects);

    /// Its outcomes of group commands since the last call.
    [[nodiscard]] std::vector<GroupAnswer> take_group_answers() { return std::exchange(group_answers_, {}); }

    void handle(const TrustDone& event, Now now, Effects& effects);

    /// A message of the printer was merged: commands may end because it answers them or because the state now
    /// shows their effect.
    void on_message(const Update& update, Now now);

    void tick(Now now, Effects& effects);

    /// When tick() is due.
    [[nodiscard]] std::optional<Instant> deadline() const;

    /// Publishes the outcomes of commands.
    void deliver(Now now);

    /// Ends all commands, as the gateway stops or gives the session up; `why` is for people.
    void abandon(std::string_view why, Now now, Effects& effects);

    /// Takes over the command numbers and the cleared topics of a failed session of the same printer.
    void take_over(const SessionCommands& former, bool broker_open);

    /// Ends the commands of that session as abandon() does; their outcomes are published by this one.
    void end_commands_of(SessionCommands& former, std::string_view why, Now now, Effects& effects);

  private:
    void clear_retained(const BrokerMessage& message, Effects& effects);
    [[nodiscard]] ReturnAddress sender_of(const BrokerMessage& message) const;
    [[nodiscard]] Situation situation(Now now) const;
    Submitted take(CommandRequest command_request, const CommandPolicy& policy, Now now, Effects& effects);
    void take_command(const BrokerMessage& message, std::string_view name, Now now, Effects& effects);
    void take_control(const BrokerMessage& message, std::string_view entity, Now now, Effects& effects);
    void take_raw(const BrokerMessage& message, Now now, Effects& effects);
    void answer_groups(const CommandResponse& response);
    void learn_from(const RequestResult& result);
    void count_commands(Now now);
    void count_outcome(Status status);

    SessionContext& context_;
    JobWatch& jobs_;
    ConnectionControl& connection_;
    SessionFeatures& features_;
    RetainedCommands retained_commands_;
    std::vector<GroupAnswer> group_answers_;
    std::uint64_t sent_ = 0;  ///< requests, as last reported to the connection
    bool unanswered_ = false; ///< a command ended without any answer
};

} // namespace bambu2mqtt
