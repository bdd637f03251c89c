#pragma once
// Commands to bambu2mqtt while it works: from the message on its broker to the request at the printer.

#include "compare/contender.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace bambu2mqtt::compare {

/// Switches the chamber light of one printer after the other, one command each `period`, from construction to
/// destruction.
class CommandSender {
  public:
    /// Throws std::runtime_error when a broker does not answer.
    CommandSender(Contender& contender, std::chrono::nanoseconds period);
    ~CommandSender();
    CommandSender(const CommandSender&) = delete;
    CommandSender& operator=(const CommandSender&) = delete;

    /// When each command was published and its request seen.
    [[nodiscard]] const Samples& samples() const { return samples_; }

  private:
    struct Close {
        void operator()(mosquitto* client) const;
    };

    void send(std::size_t printer);

    std::vector<std::string> topics_{};
    Samples samples_;
    std::vector<std::atomic<std::size_t>> sent_; ///< commands to each printer
    std::unique_ptr<Listener> requests_;         ///< at the printers
    std::unique_ptr<mosquitto, Close> client_;   ///< at the contender's broker
    std::jthread thread_;
};

} // namespace bambu2mqtt::compare
