// Whether one connection to a printer still carries commands.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/printer/model.hpp>

#include <cstdint>
#include <optional>

namespace bambu2mqtt {

/// Why a connected session should be replaced by a new one.
enum class ReconnectReason : std::uint8_t {
    no,
    command_budget, ///< it has carried its number of commands; not urgent, waits for the end of the job
    half_open,      ///< reports arrive, answers do not
};

/// Begins with the connection and ends with it. Time is an argument.
class CommandHealth {
  public:
    /// A command was sent. Only P1 count: they stop answering after some of them in one session. Evidence: 4
    /// to 16 configuration commands on a P1S.
    void sent(Instant now, Family family);

    /// A command got no answer. True when the printer has to be asked something harmless: if it does not
    /// answer that either, though reports come, the session is half open.
    [[nodiscard]] bool unanswered(Instant now);

    /// The printer answered a request.
    void answered() noexcept;

    /// Does what is due; `last_report`: when the last report came, if any did.
    void tick(Instant now, std::optional<Instant> last_report);

    /// When tick() is due.
    [[nodiscard]] std::optional<Instant> deadline() const;

    /// Whether and why the gateway should reconnect.
    [[nodiscard]] ReconnectReason reconnect_reason() const noexcept;

  private:
    [[nodiscard]] std::optional<Instant> budget_spent_at() const;

    std::optional<Instant> answer_until_; ///< waiting for the answer to a harmless request
    std::optional<Instant> last_command_;
    int commands_ = 0; ///< those that count
    bool half_open_ = false;
    bool budget_spent_ = false; ///< has carried its number of commands
};

} // namespace bambu2mqtt
