// Commands that were sent to a printer and have not come to an end: answers and reports are held against
// them. Pure; time is an argument.
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

/// How a command ended.
struct RequestResult {
    Ticket ticket = 0;
    Status status = Status::unconfirmed;
    Code code = Code::none;
    std::string message{};
    OrderedJson data{};           ///< what the answer told, if it told something
    bool wants_signature = false; ///< refused for want of a signature
    bool signature_free = false;  ///< a request of the namespace `print` was taken without one
    bool unanswered = false;      ///< not one of its requests was answered
};

/// An answer belongs to the request with its namespace, command and sequence id. Firmware that sends back
/// another id, or none, or does not even name the command, is matched by what it does say, the oldest request
/// first; an id of those that slicers use (20000 to 29999) is never ours.
class Pending {
  public:
    /// A command whose requests are about to be sent. `shown_before`: its confirmation held already, so that
    /// only an answer says that this command did it.
    void add(Ticket ticket, const Command& command, Json arguments, std::vector<SentRequest> requests,
             bool shown_before, Instant now);

    /// An answer came; `situation` is what is known after it.
    [[nodiscard]] std::vector<RequestResult> on_reply(const Reply& reply, const Situation& situation);

    /// A report came in.
    [[nodiscard]] std::vector<RequestResult> check_reports(const Situation& situation);

    /// The outcome of this command is known already: it is not reported any more, but still takes the answer
    /// to its requests, which would else be taken for the answer to a newer one.
    void mute(Ticket ticket);

    /// Ends what has had its time.
    [[nodiscard]] std::vector<RequestResult> expire(Instant now);

    /// When expire() is due.
    [[nodiscard]] std::optional<Instant> deadline() const;

    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

    /// Whether all requests of a command were answered, and it waits for what reports show.
    [[nodiscard]] bool is_acknowledged(Ticket ticket) const;

    /// How many commands are muted and still take answers.
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

    std::vector<Waiting> waiting_; ///< the oldest first
};

} // namespace bambu2mqtt
