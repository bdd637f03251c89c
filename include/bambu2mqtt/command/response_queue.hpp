// Responses to be published, and the outcomes by request id, so that a repeated request is executed once.
// Pure; time is an argument.
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

/// A response to a command: its outcome, or its progress.
struct CommandResponse {
    Ticket ticket = 0;
    Outcome outcome{};
    OrderedJson payload{}; ///< the published payload
    bool final = true;
    bool repeated = false; ///< the first outcome again: nothing was executed now
    std::vector<ReturnAddress> senders{};
    std::string entity{};
    RequestResult result{}; ///< facts from the printer's answer
};

class ResponseQueue {
  public:
    /// Bytes of response topics and correlation data of commands that have not ended. A sender beyond it gets
    /// the outcome on B/P/response alone.
    static constexpr std::size_t most_sender_bytes = 256UL * 1024;

    /// `sharers`: printers that share the memory for outcomes, see OutcomeMemory.
    explicit ResponseQueue(std::size_t sharers = 1) : memory_(sharers) {}

    /// A command starts; its sender gets the responses.
    void begin(Ticket ticket, ReturnAddress sender) { senders_[ticket] = {within_limit(std::move(sender))}; }

    /// A request id is remembered for ten minutes; an empty one is not.
    void remember(const std::string& request_id, Ticket ticket, Instant now);

    /// True if a command with this request id was received within ten minutes. If it has ended, its outcome
    /// is published again; if it still runs, the sender gets the outcome, too.
    [[nodiscard]] bool repeat(const CommandRequest& request, Instant now);

    /// Adds the outcome of a command. Senders and payload are filled in here.
    void add_final(CommandResponse response, WallTime time);

    /// Adds the progress of a command's file job. Senders and payload are filled in here.
    void add_progress(CommandResponse response, std::uint64_t bytes, std::uint64_t total, WallTime time);

    /// Responses since the last call, in order.
    [[nodiscard]] std::vector<CommandResponse> take() { return std::exchange(responses_, {}); }

    /// Request ids answered there get the same outcome here.
    void remember_outcomes_of(ResponseQueue& former) { memory_ = std::move(former.memory_); }

  private:
    [[nodiscard]] ReturnAddress within_limit(ReturnAddress sender) const;

    std::map<Ticket, std::vector<ReturnAddress>> senders_; ///< of commands that have not ended
    OutcomeMemory memory_;
    std::vector<CommandResponse> responses_;
};

} // namespace bambu2mqtt
