// The requests to one printer: their sequence ids, and the interval between them. Pure; time is an argument.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/command/pending.hpp>
#include <bambu2mqtt/command/sequence.hpp>
#include <bambu2mqtt/port/effects.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

class RequestQueue {
  public:
    /// Minimum interval between the requests of one command, and between values for one control: printers
    /// lose bursts.
    static constexpr std::chrono::milliseconds spacing{100};

    explicit RequestQueue(std::size_t printer) : printer_(printer) {}

    /// Request ids and job ids continue those of another queue.
    void continue_after(const RequestQueue& former) {
        sequence_ = former.sequence_;
        last_job_ = former.last_job_;
    }

    /// Adds ids to the requests of a command and sends the first; the others follow, each `spacing` after the
    /// previous one. `requests` is not empty; `job_id`: the id the command may have used.
    [[nodiscard]] std::vector<SentRequest> send(Ticket ticket, std::vector<OrderedJson> requests,
                                                std::int64_t job_id, Instant now, Effects& effects);

    /// Sends due requests.
    void tick(Instant now, Effects& effects);

    /// When tick() is due.
    [[nodiscard]] std::optional<Instant> deadline() const;

    /// Drops the remaining requests of this command.
    void drop(Ticket ticket);

    void clear() { outgoing_.clear(); }

    [[nodiscard]] bool empty() const noexcept { return outgoing_.empty(); }

    /// A request of the session itself, ready to be sent.
    [[nodiscard]] std::string stamped(OrderedJson request);

    /// The id for the next job that starts.
    [[nodiscard]] std::int64_t next_job(Now now) const;

    /// Number of commands sent to the printer so far.
    [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }

  private:
    struct Outgoing {
        Ticket ticket = 0;
        Instant at{};
        OrderedJson request{};
    };

    std::size_t printer_;
    Sequence sequence_;
    std::int64_t last_job_ = 0;
    std::uint64_t sent_ = 0;
    std::deque<Outgoing> outgoing_; ///< the first due one in front
};

} // namespace bambu2mqtt
