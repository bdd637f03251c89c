#pragma once
// A subscriber at a broker: sees all messages of a filter, and notes when each number is shown.

#include "compare/samples.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

struct mosquitto;

namespace bambu2mqtt::compare {

/// Printer and number of a message that shows one.
using Reader = std::function<std::optional<std::pair<std::size_t, std::size_t>>(std::string_view topic,
                                                                                std::string_view payload)>;

/// The printer of each topic.
using TopicIndex = std::unordered_map<std::string, std::size_t>;

/// A reader of these topics alone; `number` reads their payload. For one thread.
[[nodiscard]] Reader reader(TopicIndex topics,
                            std::function<std::optional<std::size_t>(std::string_view payload)> number);

class Listener {
  public:
    /// Subscribes to `filter` with QoS 0. Throws std::runtime_error when the broker on 127.0.0.1:`port`
    /// does not answer.
    Listener(std::uint16_t port, std::string filter, Samples& samples, Reader reader);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

  private:
    struct Close {
        void operator()(mosquitto* client) const;
    };

    std::string filter_;
    Samples& samples_;
    Reader reader_;
    std::unique_ptr<mosquitto, Close> client_;
};

/// The number that begins a text.
[[nodiscard]] std::optional<std::size_t> leading_number(std::string_view text);

} // namespace bambu2mqtt::compare
