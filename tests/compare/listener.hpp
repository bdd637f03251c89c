#pragma once
// The subscriber at a contender's broker: sees all messages, and notes when each layer is shown.

#include "compare/samples.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

struct mosquitto;

namespace bambu2mqtt::compare {

/// Printer and layer of a message that shows one.
using Reader = std::function<std::optional<std::pair<std::size_t, std::size_t>>(std::string_view topic,
                                                                                std::string_view payload)>;

class Listener {
  public:
    /// Subscribes to everything with QoS 0. Throws std::runtime_error when the broker on 127.0.0.1:`port`
    /// does not answer.
    Listener(std::uint16_t port, Samples& samples, Reader reader);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

  private:
    struct Close {
        void operator()(mosquitto* client) const;
    };

    Samples& samples_;
    Reader reader_;
    std::unique_ptr<mosquitto, Close> client_;
};

/// The number that begins a text.
[[nodiscard]] std::optional<std::size_t> leading_number(std::string_view text);

} // namespace bambu2mqtt::compare
