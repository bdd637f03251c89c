// What is to be published about commands, and the outcomes by request id, so that a request that comes twice
// is carried out once. Pure; time is an argument.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/command/command_request.hpp>
#include <bambu2mqtt/command/outcome.hpp>
#include <bambu2mqtt/command/outcome_memory.hpp>
#include <bambu2mqtt/command/pending.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace bambu2mqtt {

/// Something to be published about a command: its one outcome, or how far it is.
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

class ResponseQueue {
  public:
    /// Bytes of response topics and correlation data of commands that have not ended. A sender beyond it gets
    /// the outcome on B/P/response alone.
    static constexpr std::size_t most_sender_bytes = 256UL * 1024;

    /// `sharers`: printers that share the memory for outcomes, see OutcomeMemory.
    explicit ResponseQueue(std::size_t sharers = 1) : memory_(sharers) {}

    /// A command begins; its sender gets the responses.
    void begin(Ticket ticket, ReturnAddress sender) { senders_[ticket] = {within_limit(std::move(sender))}; }

    /// A request id is to be known for ten minutes; an empty one is none.
    void remember(const std::string& request_id, Ticket ticket, Instant now);

    /// Whether a command with this request id was taken within ten minutes. One that has ended is responded
    /// to again; of one that still runs, the sender gets the response too.
    [[nodiscard]] bool repeat(const CommandRequest& request, Instant now);

    /// The one outcome of a command. Senders and payload are filled in here.
    void add_final(CommandResponse response, WallTime time);

    /// How far a command's file job is. Senders and payload are filled in here.
    void add_progress(CommandResponse response, std::uint64_t bytes, std::uint64_t total, WallTime time);

    /// All that is to be published since the last call, in order.
    [[nodiscard]] std::vector<CommandResponse> take() { return std::exchange(responses_, {}); }

    /// A request id that has its outcome there gets the same one here.
    void remember_outcomes_of(ResponseQueue& former) { memory_ = std::move(former.memory_); }

  private:
    [[nodiscard]] ReturnAddress within_limit(ReturnAddress sender) const;

    std::map<Ticket, std::vector<ReturnAddress>> senders_; ///< of the commands that have not ended
    OutcomeMemory memory_;
    std::vector<CommandResponse> responses_;
};

} // namespace bambu2mqtt
