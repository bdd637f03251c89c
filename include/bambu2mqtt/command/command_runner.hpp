// The commands of one printer from request to outcome: checks, calls the row's handler, waits, responds
// exactly once. Pure; time is an argument.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/command/command_request.hpp>
#include <bambu2mqtt/command/handler.hpp>
#include <bambu2mqtt/command/pending.hpp>
#include <bambu2mqtt/command/request_queue.hpp>
#include <bambu2mqtt/command/response_queue.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

/// Immediate result of a request.
struct Submitted {
    Ticket ticket = 0;        ///< 0: a repetition, nothing was started
    bool in_progress = false; ///< its outcome is pending
};

class CommandRunner {
  public:
    /// Maximum number of commands waiting for one printer: those without an outcome, and superseded ones
    /// without an answer. One more is refused as `busy`. A printer that answers has only a few waiting; one
    /// that does not holds each for Command::within.
    static constexpr std::size_t most_waiting = 64;

    /// `printer`: target of its effects; `sharers`: printers that share the memory for outcomes.
    explicit CommandRunner(std::size_t printer, std::size_t sharers = 1)
        : printer_(printer), requests_(printer), responses_(sharers) {}

    /// Tickets, request ids and job ids continue those of another runner.
    void continue_after(const CommandRunner& former) {
        requests_.continue_after(former.requests_);
        last_ticket_ = former.last_ticket_;
    }

    /// Request ids answered there get the same outcome here.
    void remember_outcomes_of(CommandRunner& former) { responses_.remember_outcomes_of(former.responses_); }

    /// Handles a command request: checks and plans it and calls the handler of its row. Responses are
    /// collected for responses(). A newer value for a control ends a running older one (Code::superseded),
    /// and is sent at least 100 ms after it. While `most_waiting` commands wait, further ones that would wait
    /// for the printer are refused (Code::busy); local actions are not.
    [[nodiscard]] Submitted take(CommandRequest request, const Situation& situation,
                                 Reachability reachability, SessionPort& session, Now now, Effects& effects);

    /// Refuses a message that is not a valid command.
    void refuse(const CommandRequest& request, Refusal refusal, Now now);

    /// Starts the plan of a running command: see send_plan().
    [[nodiscard]] Handled start(CommandContext& context);

    /// Whether the printer has acknowledged all requests of a command that its reports do not show yet.
    [[nodiscard]] bool is_acknowledged(Ticket ticket) const { return pending_.is_acknowledged(ticket); }

    void on_reply(const Reply& reply, const Situation& situation, Now now);

    /// A report was merged; `full`: the full state.
    void check_reports(bool full, const Situation& situation, Now now);
    void handle(const TrustDone& event, Now now);

    /// How far the work of a feature for a command is; `total` 0: not known.
    void report_progress(Ticket ticket, std::uint64_t bytes, std::uint64_t total, Now now);

    /// It has ended. Where it is done the requests of the plan follow, unless the printer cannot take them
    /// any more. Does nothing for a command that waits for no work.
    void finish_work(Ticket ticket, Outcome outcome, const Situation& situation, Reachability reachability,
                     Now now, Effects& effects);

    /// Sends waiting requests, ends commands at their deadline.
    void tick(const Situation& situation, Reachability reachability, Now now, Effects& effects);

    /// When tick() is due.
    [[nodiscard]] std::optional<Instant> deadline() const;

    /// Ends all commands, as the gateway stops or drops this session; `why` is for people.
    void abandon(std::string_view why, Now now);

    /// Responses since the last call, in order.
    [[nodiscard]] std::vector<CommandResponse> responses() { return responses_.take(); }

    /// True if no command is running.
    [[nodiscard]] bool is_idle() const noexcept { return running_.empty() && requests_.empty(); }

    [[nodiscard]] RequestQueue& requests() noexcept { return requests_; }

    [[nodiscard]] const RequestQueue& requests() const noexcept { return requests_; }

  private:
    /// A command that has not ended.
    struct Running {
        const Command* command = nullptr;
        std::string name{};
        std::string request_id{};
        std::string entity{};
        bool supersedes = false; ///< see CommandRequest
        Json arguments{};
        bool works = false;                         ///< a feature works for it
        std::vector<OrderedJson> requests{};        ///< still to be sent, after the work
        OrderedJson data{};                         ///< of the work that was done before
        std::optional<Instant> held_until{};        ///< its requests wait until then
        std::optional<Instant> sent_at{};           ///< when its first request was sent
        std::optional<Instant> full_report_until{}; ///< until then a full report makes it effective
        std::string note{};                         ///< of the plan, for the outcome
    };

    void send(Ticket ticket, const Situation& situation, Now now, Effects& effects);
    void send_held(const Situation& situation, Reachability reachability, Now now, Effects& effects);
    [[nodiscard]] Instant supersede(Ticket by, Now now);
    void complete_requests(std::vector<RequestResult> results, Now now);
    void end(Ticket ticket, Outcome outcome, RequestResult result, Now now);

    std::size_t printer_;
    Ticket last_ticket_ = 0;
    std::map<Ticket, Running> running_;
    Pending pending_;
    RequestQueue requests_;
    ResponseQueue responses_;
};

/// Refuses a command that needs the printer while it cannot be reached.
[[nodiscard]] expected<void, Refusal> check_reachable(const Command& command, Reachability reachability);

/// The refusal of a command while too many wait for the printer.
[[nodiscard]] Refusal too_many_waiting();

} // namespace bambu2mqtt
