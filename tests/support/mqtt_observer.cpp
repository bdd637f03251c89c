#include "support/mqtt_observer.hpp"

#include <mqtt_protocol.h>

#include <mosquitto.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace bambu2mqtt::test_support {
namespace {

constexpr int keepalive_seconds = 30;
constexpr int longest_wait_ms = 100;
constexpr std::chrono::milliseconds retry_delay{50};

void check(int code, const std::string& what) {
    if (code != MOSQ_ERR_SUCCESS)
        throw std::runtime_error{what + ": " + mosquitto_strerror(code)};
}

const char* text_or_null(const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
}

void start_library() {
    static const int started = mosquitto_lib_init();
    check(started, "starting libmosquitto");
}

/// MQTT 5 properties of an outgoing message; empty for a message without any.
class Properties {
  public:
    explicit Properties(const ObservedMessage& message) {
        if (!message.response_topic.empty())
            check(mosquitto_property_add_string(&list_, MQTT_PROP_RESPONSE_TOPIC,
                                                message.response_topic.c_str()),
                  "response topic");
        if (!message.correlation_data.empty())
            check(mosquitto_property_add_binary(&list_, MQTT_PROP_CORRELATION_DATA,
                                                message.correlation_data.data(),
                                                static_cast<std::uint16_t>(message.correlation_data.size())),
                  "correlation data");
    }

    ~Properties() { mosquitto_property_free_all(&list_); }

    Properties(const Properties&) = delete;
    Properties& operator=(const Properties&) = delete;

    [[nodiscard]] const mosquitto_property* list() const { return list_; }

  private:
    mosquitto_property* list_ = nullptr;
};

void read_properties(const mosquitto_property* list, ObservedMessage& message) {
    char* text = nullptr;
    if (mosquitto_property_read_string(list, MQTT_PROP_RESPONSE_TOPIC, &text, false) != nullptr) {
        message.response_topic = text;
        std::free(text);
    }
    void* bytes = nullptr;
    std::uint16_t size = 0;
    if (mosquitto_property_read_binary(list, MQTT_PROP_CORRELATION_DATA, &bytes, &size, false) != nullptr) {
        message.correlation_data.assign(static_cast<const char*>(bytes), size);
        std::free(bytes);
    }
}

ObservedMessage message_of(const mosquitto_message& raw, const mosquitto_property* properties) {
    ObservedMessage message{
        .topic = raw.topic, .qos = raw.qos, .retained = raw.retain, .time = std::chrono::steady_clock::now()};
    if (raw.payloadlen > 0)
        message.payload.assign(static_cast<const char*>(raw.payload),
                               static_cast<std::size_t>(raw.payloadlen));
    read_properties(properties, message);
    return message;
}

} // namespace

void MqttObserver::Destroy::operator()(mosquitto* client) const {
    mosquitto_destroy(client);
}

MqttObserver::MqttObserver(ObserverOptions options) : MqttObserver{Unchecked{}, std::move(options)} {
    const auto answer = first_answer();
    if (answer != 0)
        throw std::runtime_error{"no login at 127.0.0.1:" + std::to_string(options_.port) + ", CONNACK " +
                                 (answer ? std::to_string(*answer) : "missing")};
    for (const auto& topic : std::vector<std::string>{options_.topics})
        subscribe(topic);
}

MqttObserver::MqttObserver(Unchecked, ObserverOptions options) : options_{std::move(options)} {
    start_library();
    client_.reset(mosquitto_new(text_or_null(options_.client_id), true, this));
    if (!client_)
        throw std::runtime_error{"mosquitto_new failed"};
    auto* client = client_.get();
    check(mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION,
                               options_.version_5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311),
          "protocol version");
    check(mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1),
          "no delay"); // it measures the delays of others
    if (!options_.username.empty())
        check(mosquitto_username_pw_set(client, options_.username.c_str(), options_.password.c_str()),
              "user");
    if (!options_.ca_file.empty()) {
        check(mosquitto_tls_set(client, options_.ca_file.c_str(), nullptr, nullptr, nullptr, nullptr), "TLS");
        check(mosquitto_tls_insecure_set(client, true), "TLS without a name check");
    }
    if (const auto& will = options_.last_will)
        check(mosquitto_will_set(client, will->topic.c_str(), static_cast<int>(will->payload.size()),
                                 will->payload.data(), will->qos, will->retained),
              "last will");
    set_callbacks();
    check(mosquitto_threaded_set(client, true), "use from several threads");
    thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

MqttObserver::~MqttObserver() {
    thread_.request_stop(); // first: a disconnect that it did not request would make it reconnect
    mosquitto_disconnect(client_.get());
}

void MqttObserver::run(const std::stop_token& stop) {
    const auto round = [this] { return mosquitto_loop(client_.get(), longest_wait_ms, 1); };
    int code = mosquitto_connect(client_.get(), "127.0.0.1", options_.port, keepalive_seconds);
    while (!stop.stop_requested()) {
        if (code == MOSQ_ERR_SUCCESS)
            code = round();
        if (code == MOSQ_ERR_SUCCESS || stop.stop_requested())
            continue;
        disconnected();
        std::this_thread::sleep_for(retry_delay);
        code = mosquitto_reconnect(client_.get());
    }
    for (int rounds = 10; code == MOSQ_ERR_SUCCESS && rounds > 0; --rounds)
        code = round(); // until DISCONNECT is sent and the connection closed
}

void MqttObserver::set_callbacks() {
    mosquitto_connect_v5_callback_set(client_.get(),
                                      [](mosquitto*, void* self, int code, int, const mosquitto_property*) {
                                          static_cast<MqttObserver*>(self)->connected(code);
                                      });
    mosquitto_message_v5_callback_set(client_.get(), [](mosquitto*, void* self, const mosquitto_message* raw,
                                                        const mosquitto_property* properties) {
        static_cast<MqttObserver*>(self)->arrived(message_of(*raw, properties));
    });
    mosquitto_subscribe_callback_set(client_.get(), [](mosquitto*, void* self, int id, int, const int*) {
        static_cast<MqttObserver*>(self)->confirmed(id);
    });
    mosquitto_publish_callback_set(client_.get(), [](mosquitto*, void* self, int id) {
        static_cast<MqttObserver*>(self)->confirmed(id);
    });
}

std::optional<int> MqttObserver::first_answer() {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, options_.timeout, [this] { return connack_.has_value() || failed_; });
    return connack_;
}

int MqttObserver::login(ObserverOptions options) {
    MqttObserver observer{Unchecked{}, std::move(options)};
    return observer.first_answer().value_or(-1);
}

void MqttObserver::connected(int code) {
    const std::lock_guard lock{mutex_};
    const bool again = connack_ == 0;
    connack_ = code;
    if (again && code == 0) {
        for (const auto& topic : options_.topics)
            mosquitto_subscribe(client_.get(), nullptr, topic.c_str(), 1);
    }
    changed_.notify_all();
}

void MqttObserver::disconnected() {
    const std::lock_guard lock{mutex_};
    failed_ = !connack_.has_value();
    changed_.notify_all();
}

void MqttObserver::arrived(const ObservedMessage& message) {
    const std::lock_guard lock{mutex_};
    if (message.payload.empty())
        latest_.erase(message.topic);
    else
        latest_[message.topic] = message.payload;
    messages_.push_back(message);
    changed_.notify_all();
}

void MqttObserver::confirmed(int message_id) {
    const std::lock_guard lock{mutex_};
    confirmed_.push_back(message_id);
    changed_.notify_all();
}

void MqttObserver::await_confirmation(int message_id, const std::string& what) {
    std::unique_lock lock{mutex_};
    const bool fine = changed_.wait_for(lock, options_.timeout, [this, message_id] {
        return std::find(confirmed_.begin(), confirmed_.end(), message_id) != confirmed_.end();
    });
    std::erase(confirmed_, message_id);
    if (!fine)
        throw std::runtime_error{"no confirmation: " + what};
}

void MqttObserver::subscribe(const std::string& filter) {
    {
        const std::lock_guard lock{mutex_};
        if (std::find(options_.topics.begin(), options_.topics.end(), filter) == options_.topics.end())
            options_.topics.push_back(filter);
    }
    int id = 0;
    check(mosquitto_subscribe(client_.get(), &id, filter.c_str(), 1), "subscribing to " + filter);
    await_confirmation(id, "subscription to " + filter);
}

void MqttObserver::publish(const ObservedMessage& message) {
    const Properties properties{message};
    int id = 0;
    check(mosquitto_publish_v5(client_.get(), &id, message.topic.c_str(),
                               static_cast<int>(message.payload.size()), message.payload.data(), message.qos,
                               message.retained, properties.list()),
          "publishing to " + message.topic);
    await_confirmation(id, "message to " + message.topic); // with QoS 0: it has been written to the socket
}

std::vector<ObservedMessage> MqttObserver::messages() const {
    const std::lock_guard lock{mutex_};
    return messages_;
}

std::size_t MqttObserver::count() const {
    const std::lock_guard lock{mutex_};
    return messages_.size();
}

void MqttObserver::clear() {
    const std::lock_guard lock{mutex_};
    messages_.clear();
    latest_.clear();
}

std::optional<std::string> MqttObserver::latest(const std::string& topic) const {
    const std::lock_guard lock{mutex_};
    const auto found = latest_.find(topic);
    return found == latest_.end() ? std::nullopt : std::optional{found->second};
}

std::map<std::string, std::string> MqttObserver::latest() const {
    const std::lock_guard lock{mutex_};
    return latest_;
}

std::optional<ObservedMessage> MqttObserver::wait_for(const Predicate& predicate,
                                                      std::chrono::milliseconds deadline,
                                                      std::size_t from) const {
    const auto end = std::chrono::steady_clock::now() + deadline;
    std::unique_lock lock{mutex_};
    for (std::size_t next = from;;) {
        for (; next < messages_.size(); ++next) {
            if (predicate(messages_[next]))
                return messages_[next];
        }
        const bool more = changed_.wait_until(lock, end, [this, next] { return messages_.size() > next; });
        if (!more)
            return std::nullopt;
    }
}

bool MqttObserver::wait_for_latest(const std::string& topic, const std::string& payload,
                                   std::chrono::milliseconds deadline) const {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, deadline, [this, &topic, &payload] {
        const auto found = latest_.find(topic);
        return found != latest_.end() && found->second == payload;
    });
}

} // namespace bambu2mqtt::test_support
