#include "io/doctor/mqtt_exchange.hpp"

#include <bambu2mqtt/io/thread/mutex.hpp>

#include <deque>
#include <map>
#include <type_traits>
#include <utility>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;

constexpr auto login_deadline = 20s; // the library gives up after 10 to 14 s; this is a safety limit
constexpr std::size_t most_messages = 256;
constexpr std::size_t most_message_bytes = 4UL * 1024 * 1024;

} // namespace

/// Keeps what the connection reports, and waits for it.
class MqttExchange::Listener final : public MqttListener {
  public:
    void on_connected(const ServerLimits& /*limits*/) override {
        change([](Seen& seen) { seen.connected = true; });
    }

    void on_connect_failed(ConnectFailure failure) override {
        change([failure](Seen& seen) { seen.failure = failure; });
    }

    void on_lost(std::string_view reason, int /*code*/) override {
        change([reason](Seen& seen) { seen.lost = std::string(reason); });
    }

    void on_subscribed(std::string_view filter, bool granted) override {
        change([filter, granted](Seen& seen) { seen.subscribed[std::string(filter)] = granted; });
    }

    void on_message(const MqttMessage& message) override {
        change([&message](Seen& seen) {
            if (seen.messages.size() < most_messages &&
                seen.bytes + message.payload.size() <= most_message_bytes) {
                seen.bytes += message.payload.size();
                seen.messages.push_back(
                    {std::string(message.topic), std::string(message.payload), message.retained});
            }
        });
    }

    void on_acknowledged(int packet, int reason) override {
        change([packet, reason](Seen& seen) { seen.acknowledged[packet] = reason; });
    }

    /// True: connected. Nothing at the deadline.
    [[nodiscard]] std::optional<bool> wait_for_login(Instant deadline) {
        return wait(deadline, [](Seen& seen) -> std::optional<bool> {
            return seen.connected || seen.failure ? std::optional{seen.connected} : std::nullopt;
        });
    }

    [[nodiscard]] std::optional<bool> wait_for_subscription(const std::string& filter, Instant deadline) {
        return wait(deadline, [&filter](Seen& seen) -> std::optional<bool> {
            const auto found = seen.subscribed.find(filter);
            return found == seen.subscribed.end() ? std::nullopt : std::optional{found->second};
        });
    }

    [[nodiscard]] std::optional<int> wait_for_acknowledgement(int packet, Instant deadline) {
        return wait(deadline, [packet](Seen& seen) -> std::optional<int> {
            const auto found = seen.acknowledged.find(packet);
            return found == seen.acknowledged.end() ? std::nullopt : std::optional{found->second};
        });
    }

    [[nodiscard]] std::optional<ReceivedMessage> wait_for_message(Instant deadline) {
        return wait(deadline, [](Seen& seen) -> std::optional<ReceivedMessage> {
            if (seen.messages.empty()) {
                return std::nullopt;
            }
            auto message = std::move(seen.messages.front());
            seen.messages.pop_front();
            seen.bytes -= message.payload.size();
            return message;
        });
    }

    [[nodiscard]] ConnectFailure failure() {
        const MutexLock lock(mutex_);
        return seen_.failure.value_or(ConnectFailure{.timed_out = true});
    }

    [[nodiscard]] std::optional<std::string> lost() {
        const MutexLock lock(mutex_);
        return seen_.lost;
    }

  private:
    /// What the connection has reported so far.
    struct Seen {
        bool connected = false;
        std::optional<ConnectFailure> failure{};
        std::optional<std::string> lost{};
        std::map<std::string, bool> subscribed{};
        std::map<int, int> acknowledged{};
        std::deque<ReceivedMessage> messages{};
        std::size_t bytes = 0; ///< of them
    };

    template <typename Action>
    void change(const Action& action) {
        const MutexLock lock(mutex_);
        action(seen_);
        changed_.notify_all();
    }

    /// What `query` returns, as soon as it returns something; nothing at the deadline or after a loss.
    template <typename Query>
    [[nodiscard]] auto wait(Instant deadline, const Query& query) -> std::invoke_result_t<Query, Seen&> {
        const MutexLock lock(mutex_);
        for (;;) {
            if (auto result = query(seen_)) {
                return result;
            }
            if (seen_.lost || !changed_.wait_until(mutex_, deadline)) {
                return query(seen_);
            }
        }
    }

    Mutex mutex_;
    ConditionVariable changed_;
    Seen seen_ GUARDED_BY(mutex_);
};

MqttExchange::MqttExchange(const MqttOptions& options)
    : listener_(std::make_shared<Listener>()), client_(std::make_unique<MqttClient>(options, listener_)) {}

MqttExchange::~MqttExchange() = default;

std::optional<ConnectFailure> MqttExchange::log_in() {
    if (!client_->connect()) {
        return ConnectFailure{};
    }
    const auto connected = listener_->wait_for_login(std::chrono::steady_clock::now() + login_deadline);
    return connected.value_or(false) ? std::nullopt : std::optional{listener_->failure()};
}

bool MqttExchange::subscribe(const std::string& filter, Qos qos, Instant deadline) {
    return client_->subscribe(filter, {.qos = qos, .answer = SubscribeAnswer::wanted}) &&
           listener_->wait_for_subscription(filter, deadline).value_or(false);
}

std::optional<int> MqttExchange::publish(const std::string& topic, std::string_view payload,
                                         Instant deadline) {
    const auto result = client_->publish(topic, payload, false);
    return result ? listener_->wait_for_acknowledgement(result.packet, deadline) : std::nullopt;
}

std::optional<ReceivedMessage> MqttExchange::next(Instant deadline) {
    return listener_->wait_for_message(deadline);
}

std::optional<std::string> MqttExchange::lost() const {
    return listener_->lost();
}

} // namespace bambu2mqtt
