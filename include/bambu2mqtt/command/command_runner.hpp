// The commands of one printer from arrival to outcome: checks, sends, waits, answers exactly once. Pure.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/command/catalogue.hpp>
#include <bambu2mqtt/command/outcome_memory.hpp>
#include <bambu2mqtt/command/pending.hpp>
#include <bambu2mqtt/command/sequence.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// Where a sender wants its answer besides B/P/response (MQTT 5).
struct ReturnAddress {
    std::string topic{}; ///< empty: nowhere
    std::string correlation{};
    std::string problem{}; ///< why nothing is published on the topic the sender named; empty: there is no why

    friend bool operator==(const ReturnAddress&, const ReturnAddress&) = default;
};

/// A command as somebody sent it.
struct CommandRequest {
    std::string command{};
    Json arguments = Json::object();
    std::string request_id{}; ///< empty: none
    ReturnAddress sender{};
    std::string entity{};    ///< it came as a payload on this entity's /set topic; empty: it did not
    bool supersedes = false; ///< a value for `entity`, which takes the place of an older one under way
};

/// Whether the printer can be reached, in the words a refusal gives.
struct Reachability {
    bool online = false;
    std::string_view state{}; ///< of connection
    std::string_view host{};  ///< where its session is: name or address
};

/// Something to be said about a command: its one outcome, or how far it is.
struct CommandResponse {
    Ticket ticket = 0;
    Outcome outcome{};
    OrderedJson payload{}; ///< what is published
    bool final = true;
    bool repeated = false; ///< the first outcome once more: nothing has happened now
    std::vector<ReturnAddress> senders{};
    std::string entity{};
    RequestResult result{}; ///< what the printer's answer has taught
};

/// An action the session has to carry out; it ends with CommandRunner::finish().
struct LocalActionRequest {
    Ticket ticket = 0;
    LocalAction local_action = LocalAction::none;
    Json arguments{};
};

/// What became of a call at once.
struct Submitted {
    Ticket ticket = 0;        ///< 0: a repetition, nothing new has begun
    bool in_progress = false; ///< requests of it are sent or will be, and its outcome is still to come
    std::optional<LocalActionRequest> local_action{};
};

/// The file job that runs.
struct Transfer {
    Ticket ticket = 0;
    std::string path{};
    std::uint64_t bytes = 0;
    std::uint64_t total = 0;
};

class CommandRunner {
  public:
    /// How many commands of one printer may wait for it at once: those without an outcome, and those that
    /// were superseded and whose answer is still to come. One more is refused as `busy`. A printer that
    /// answers keeps a few waiting; one that does not holds each for Command::within.
    static constexpr std::size_t most_waiting = 64;

    explicit CommandRunner(std::size_t printer) : printer_(printer) {}

    /// The numbers of tickets, requests and jobs go on where another one's have ended.
    void continue_after(const CommandRunner& former) {
        sequence_ = former.sequence_;
        last_ticket_ = former.last_ticket_;
        last_job_ = former.last_job_;
    }

    /// A request id that was answered there gets the same answer here.
    void remember_outcomes_of(CommandRunner& former) { memory_ = std::move(former.memory_); }

    /// A command came. What is to be said is collected for answers(); a local action is returned to the
    /// session. A newer value for a control ends an older one that is under way (Code::superseded), and is
    /// sent at least 100 ms after it. While `most_waiting` commands wait, what would wait for the printer too
    /// is refused (Code::busy); what the gateway does by itself is not.
    [[nodiscard]] Submitted take(CommandRequest command_request, const Situation& situation,
                                 Reachability reachability, Now now, Effects& effects);

    /// A local action has ended, or a payload that is no valid request was refused.
    void finish(Ticket ticket, Outcome outcome, Now now);

    /// Refuses a message that is no call.
    void refuse(const CommandRequest& command_request, Refusal refusal, Now now);

    void on_reply(const Reply& reply, const Situation& situation, Now now);
    void check_reports(const Situation& situation, Now now);
    void handle(const FileProgress& event, Now now);
    void handle(const FileDone& event, const Situation& situation, Reachability reachability, Now now,
                Effects& effects);

    /// Sends what waits, ends what has had its time.
    void tick(const Situation& situation, Reachability reachability, Now now, Effects& effects);

    /// When tick() is due.
    [[nodiscard]] std::optional<Instant> deadline() const;

    /// Everything ends now, as the gateway stops or gives this session up; `why` is for people.
    void abandon(std::string_view why, Now now, Effects& effects);

    /// What is to be said since the last call, in order.
    [[nodiscard]] std::vector<CommandResponse> responses() { return std::exchange(responses_, {}); }

    /// A request of the session's own, ready to be sent.
    [[nodiscard]] std::string stamped(OrderedJson request);

    /// The id for the next job that starts.
    [[nodiscard]] std::int64_t next_job(Now now) const;

    /// Whether no command is under way.
    [[nodiscard]] bool is_idle() const noexcept { return running_.empty() && outgoing_.empty(); }

    /// How many commands have been sent to the printer so far.
    [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }

    [[nodiscard]] const std::optional<Transfer>& transfer() const noexcept { return transfer_; }

    /// The last listing of files and when it was made; null before there was one.
    [[nodiscard]] const OrderedJson& listing() const noexcept { return listing_; }

    /// Takes over the last listing of an earlier run.
    void restore_listing(OrderedJson listing) { listing_ = std::move(listing); }

  private:
    /// Between the requests of one command, and between values for one control: printers lose what comes in a
    /// burst.
    static constexpr std::chrono::milliseconds spacing{100};

    /// A command that has not ended.
    struct Running {
        const Command* command = nullptr;
        std::string name{};
        std::string request_id{};
        std::string entity{};
        bool supersedes = false; ///< see Call
        std::vector<ReturnAddress> senders{};
        Json arguments{};
        std::vector<OrderedJson> requests{}; ///< still to be sent, after the file job
        OrderedJson data{};                  ///< of the file job that came before
        std::optional<Instant> held_until{}; ///< its requests wait for that
        std::optional<Instant> sent_at{};    ///< when its first request was sent
        std::string note{};                  ///< of the plan, for the outcome
    };

    struct Outgoing {
        Ticket ticket = 0;
        Instant at{};
        OrderedJson request{};
    };

    [[nodiscard]] std::optional<Refusal> unreachable(const Command& command, Reachability reachability) const;
    [[nodiscard]] bool is_repeated(const CommandRequest& command_request, Now now);
    [[nodiscard]] bool has_room() const;
    [[nodiscard]] std::optional<LocalActionRequest> begin(Ticket ticket, Plan plan, Reachability reachability,
                                                          Now now, const Situation& situation,
                                                          Effects& effects);
    void start_file(Ticket ticket, const Plan& plan, Reachability reachability, Now now, Effects& effects);
    void send(Ticket ticket, const Situation& situation, Now now, Effects& effects);
    void send_held(const Situation& situation, Reachability reachability, Now now, Effects& effects);
    [[nodiscard]] Instant supersede(Ticket by, Now now);
    void complete_requests(std::vector<RequestResult> result, Now now);
    void cancel_transfer(Ticket ticket, Now now, Effects& effects);
    void end(Ticket ticket, Outcome outcome, RequestResult result, Now now);

    std::size_t printer_;
    Sequence sequence_;
    Ticket last_ticket_ = 0;
    std::int64_t last_job_ = 0;
    std::uint64_t sent_ = 0;
    std::map<Ticket, Running> running_;
    Pending pending_;
    std::deque<Outgoing> outgoing_;
    OutcomeMemory memory_;
    std::optional<Transfer> transfer_;
    OrderedJson listing_{};
    std::vector<CommandResponse> responses_;
};

} // namespace bambu2mqtt
