// Commands that were sent to a printer and have not ended: matched with answers and reports. Pure; time is an
// argument.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/command/command.hpp>
#include <bambu2mqtt/command/outcome.hpp>
#include <bambu2mqtt/printer/reply.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// One request of a command.
struct SentRequest {
    std::string space{};
    std::string command{};  ///< empty: the request has none (rename)
    std::string sequence{}; ///< empty: it has none
    bool answered = false;
};

/// Result of a command.
struct RequestResult {
    Ticket ticket = 0;
    Status status = Status::unconfirmed;
    Code code = Code::none;
    std::string message{};
    OrderedJson data{};           ///< data of the answer, if any
    bool wants_signature = false; ///< refused for lack of a signature
    bool signature_free = false;  ///< an unsigned request of the namespace `print` was accepted
    bool unanswered = false;      ///< none of its requests was answered
};

/// An answer belongs to the request with its namespace, command and sequence id. An answer with another id,
/// or none, or without a command, is matched by the fields it has, the oldest request first; ids used by
/// slicers (20000 to 29999) are never ours.
class Pending {
  public:
    /// Adds a command whose requests are about to be sent. `shown_before`: its confirmation already held, so
    /// that only an answer proves its effect.
    void add(Ticket ticket, const Command& command, Json arguments, std::vector<SentRequest> requests,
             bool shown_before, Instant now);

    /// Handles an answer; `situation` is the state after it.
    [[nodiscard]] std::vector<RequestResult> on_reply(const Reply& reply, const Situation& situation);

    /// Handles a report.
    [[nodiscard]] std::vector<RequestResult> check_reports(const Situation& situation);

    /// The outcome of this command is already known: it is not reported any more, but still matches the
    /// answer to its requests, which would otherwise be matched to a newer one.
    void mute(Ticket ticket);

    /// Ends commands at their deadline.
    [[nodiscard]] std::vector<RequestResult> expire(Instant now);

    /// When expire() is due.
    [[nodiscard]] std::optional<Instant> deadline() const;

    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

    /// Whether all requests of a command were answered, and it waits for what reports show.
    [[nodiscard]] bool is_acknowledged(Ticket ticket) const;

    /// Number of commands with a known outcome that still wait for answers.
    [[nodiscard]] std::size_t muted() const;

  private:
    struct Waiting {
        Ticket ticket = 0;
        const Command* command = nullptr;
        Json arguments{};
        std::vector<SentRequest> requests{};
        bool shown_before = false;
        bool muted = false;
        Instant deadline{};
    };

    struct Match {
        Waiting* waiting = nullptr;
        SentRequest* request = nullptr;
    };

    [[nodiscard]] Match match(const Reply& reply);
    [[nodiscard]] std::optional<RequestResult> judge(const Waiting& waiting,
                                                     const Situation& situation) const;
    [[nodiscard]] static std::optional<RequestResult> judge_signature(const Waiting& waiting,
                                                                      const Situation& situation);
    void drop(Ticket ticket);

    std::vector<Waiting> waiting_; ///< oldest first
};

} // namespace bambu2mqtt
