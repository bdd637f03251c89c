#include "io/ftps/memory_file.hpp"
#include "io/mqtt/packet_limit.hpp"
#include "io/mqtt/publish_packet.hpp"
#include <bambu2mqtt/io/mqtt/mqtt_client.hpp>
#include <bambu2mqtt/io/thread/guard.hpp>

#include <MQTTAsync.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <deque>
#include <utility>

namespace bambu2mqtt {

namespace {

constexpr int keep_alive_seconds = 30;
constexpr int connect_seconds = 10;
constexpr int most_in_flight = 65535; // the caller has its own window
constexpr int first_refusal = 0x80;

[[nodiscard]] const char* or_null(const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
}

/// A number among the properties of a CONNACK.
[[nodiscard]] std::size_t number(MQTTProperties& properties, MQTTPropertyCodes code, std::size_t fallback) {
    // Negative without it, and above 2^31 up to Paho 1.3.13, where it is an int; 0 is a protocol error.
    const std::int64_t value = MQTTProperties_getNumericValue(&properties, code);
    return value > 0 ? static_cast<std::size_t>(value) : fallback;
}

[[nodiscard]] PublishResult publish_result(int code, int packet) {
    return code == MQTTASYNC_SUCCESS ? PublishResult{.taken = true, .packet = packet}
                                     : PublishResult{.hopeless = code == MQTTASYNC_BAD_UTF8_STRING};
}

/// A text or binary property of a message; empty if it has none.
[[nodiscard]] std::string_view property(MQTTAsync_message* message, MQTTPropertyCodes code) {
    const MQTTProperty* const found = MQTTProperties_getProperty(&message->properties, code);
    return found == nullptr ? std::string_view()
                            : std::string_view(found->value.data.data,
                                               static_cast<std::size_t>(std::max(found->value.data.len, 0)));
}

} // namespace

/// A subscription whose answer is reported.
struct MqttClient::Subscription {
    Handle* handle = nullptr;
    std::string filter;
};

/// The Paho handle and the context of its callbacks.
struct MqttClient::Handle {
    MqttOptions options;
    std::shared_ptr<MqttListener> listener;
    std::optional<MemoryFile> anchor;
    std::shared_ptr<PacketWatch> watch; ///< null if packets are not limited
    MQTTAsync client = nullptr;
    std::atomic<std::size_t> largest_sent = ServerLimits{}.largest_packet; ///< bytes; of the server
    std::deque<Subscription> asked; // used by the subscribing thread; elements do not move

    [[nodiscard]] bool is_v5() const { return options.version == MqttVersion::v5; }

    [[nodiscard]] MQTTAsync_SSLOptions tls_options();
    [[nodiscard]] MQTTAsync_responseOptions publish_options();
    [[nodiscard]] MQTTAsync_responseOptions subscribe_options(const std::string& filter);

    // Callbacks of Paho; `context` is the Handle, for an answered subscription the Subscription.
    static void connected(void* context, MQTTAsync_successData* data);
    static void connected5(void* context, MQTTAsync_successData5* data);
    static void connect_failed(void* context, MQTTAsync_failureData* data);
    static void connect_failed5(void* context, MQTTAsync_failureData5* data);
    static void subscribed(void* context, MQTTAsync_successData* data);
    static void subscribed5(void* context, MQTTAsync_successData5* data);
    static void subscribe_failed(void* context, MQTTAsync_failureData* data);
    static void subscribe_failed5(void* context, MQTTAsync_failureData5* data);
    static void published(void* context, MQTTAsync_successData* data);
    static void published5(void* context, MQTTAsync_successData5* data);
    static void publish_failed5(void* context, MQTTAsync_failureData5* data);
    static void lost(void* context, char* cause);
    static void server_disconnects(void* context, MQTTProperties* properties, MQTTReasonCodes reason);
    static int arrived(void* context, char* topic, int topic_size, MQTTAsync_message* message);

    /// Calls the listener. If an exception escapes from it, a message or an acknowledgement is lost without
    /// any other sign: therefore the connection ends.
    template <typename Event>
    void notify(const Event& event) const {
        guard(
            "event of an MQTT connection", [&] { event(*listener); },
            [this](std::string_view) { listener->on_lost("internal error, see the log", 0); });
    }

    static const Handle& of(void* context) { return *static_cast<const Handle*>(context); }

    static void notify_subscription(void* context, bool granted) {
        const Subscription& subscription = *static_cast<Subscription*>(context);
        subscription.handle->notify(
            [&](MqttListener& to) { to.on_subscribed(subscription.filter, granted); });
    }

    static void notify_acknowledged(void* context, int packet, int reason) {
        of(context).notify([&](MqttListener& to) { to.on_acknowledged(packet, reason); });
    }

    static void notify_connect_failed(void* context, int code, const char* message) {
        // The only way to distinguish a timeout from other failures in Paho 1.3.12.
        const bool timed_out = code <= 0 && message != nullptr && std::strstr(message, "timeout") != nullptr;
        of(context).notify([&](MqttListener& to) {
            to.on_connect_failed({.connack = std::max(code, 0), .timed_out = timed_out});
        });
    }

    static void notify_connected(void* context, const ServerLimits& limits) {
        of(context).notify([&](MqttListener& to) { to.on_connected(limits); });
    }
};

void MqttClient::Handle::connected(void* context, MQTTAsync_successData* /*data*/) {
    notify_connected(context, {});
}

void MqttClient::Handle::connected5(void* context, MQTTAsync_successData5* data) {
    const ServerLimits limits{
        number(data->properties, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM, ServerLimits{}.receive_maximum),
        number(data->properties, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE, ServerLimits{}.largest_packet)};
    static_cast<Handle*>(context)->largest_sent = limits.largest_packet;
    notify_connected(context, limits);
}

void MqttClient::Handle::connect_failed(void* context, MQTTAsync_failureData* data) {
    notify_connect_failed(context, data->code, data->message);
}

void MqttClient::Handle::connect_failed5(void* context, MQTTAsync_failureData5* data) {
    notify_connect_failed(context, data->code, data->message);
}

void MqttClient::Handle::subscribed(void* context, MQTTAsync_successData* /*data*/) {
    notify_subscription(context, true);
}

void MqttClient::Handle::subscribed5(void* context, MQTTAsync_successData5* /*data*/) {
    notify_subscription(context, true);
}

// Failures with other codes come from a breaking connection, which on_lost() reports.

void MqttClient::Handle::subscribe_failed(void* context, MQTTAsync_failureData* data) {
    if (data->code >= first_refusal) {
        notify_subscription(context, false);
    }
}

void MqttClient::Handle::subscribe_failed5(void* context, MQTTAsync_failureData5* data) {
    if (data->reasonCode >= first_refusal) {
        notify_subscription(context, false);
    }
}

void MqttClient::Handle::published(void* context, MQTTAsync_successData* data) {
    notify_acknowledged(context, data->token, 0);
}

void MqttClient::Handle::published5(void* context, MQTTAsync_successData5* data) {
    notify_acknowledged(context, data->token, data->reasonCode);
}

void MqttClient::Handle::publish_failed5(void* context, MQTTAsync_failureData5* data) {
    if (data->reasonCode >= first_refusal) {
        notify_acknowledged(context, data->token, data->reasonCode);
    }
}

void MqttClient::Handle::lost(void* context, char* /*cause*/) {
    of(context).notify([watch = of(context).watch.get()](MqttListener& to) {
        to.on_lost(refused_packet(watch).value_or("the connection was lost"), 0);
    });
}

/// Paho 1.3.12 closes the connection after this without calling lost().
void MqttClient::Handle::server_disconnects(void* context, MQTTProperties* /*properties*/,
                                            MQTTReasonCodes reason) {
    const char* text = MQTTReasonCode_toString(reason);
    of(context).notify([&](MqttListener& to) {
        to.on_lost(std::string("the peer closed the connection") +
                       (text == nullptr ? "" : std::string(": ") + text),
                   static_cast<int>(reason));
    });
}

int MqttClient::Handle::arrived(void* context, char* topic, int topic_size, MQTTAsync_message* message) {
    const Handle& handle = of(context);
    const auto size = static_cast<std::size_t>(std::max(message->payloadlen, 0));
    if (size <= handle.options.largest_packet) { // also if packets are not limited before they are read
        // Paho gives the size of the topic only if it contains a NUL byte.
        const std::string_view name(topic, topic_size > 0 ? static_cast<std::size_t>(topic_size)
                                                          : std::strlen(topic));
        handle.notify([&](MqttListener& to) {
            to.on_message({.topic = name,
                           .payload = {static_cast<const char*>(message->payload), size},
                           .retained = message->retained != 0,
                           .response_topic = property(message, MQTTPROPERTY_CODE_RESPONSE_TOPIC),
                           .correlation = property(message, MQTTPROPERTY_CODE_CORRELATION_DATA)});
        });
    }
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

MQTTAsync_SSLOptions MqttClient::Handle::tls_options() {
    const MqttTls& tls = *options.tls;
    MQTTAsync_SSLOptions result = MQTTAsync_SSLOptions_initializer;
    result.enableServerCertAuth = tls.check == ServerCheck::nothing ? 0 : 1;
    result.verify = tls.check == ServerCheck::chain_and_host ? 1 : 0;
    result.keyStore = or_null(tls.cert_file.native());
    result.privateKey = or_null(tls.key_file.native());
    if (tls.check == ServerCheck::anchor) {
        anchor.emplace(tls.anchor_pem);
        result.trustStore = anchor->path().c_str();
    } else if (tls.check == ServerCheck::chain_and_host) {
        result.trustStore = or_null(tls.ca_file.native());
    }
    // Reading the system's authorities takes some 20 ms under Paho's lock: only if they are used.
    const bool system = tls.check == ServerCheck::chain_and_host && tls.ca_file.empty();
    result.disableDefaultTrustStore = system ? 0 : 1;
    return result;
}

MQTTAsync_responseOptions MqttClient::Handle::publish_options() {
    MQTTAsync_responseOptions result = MQTTAsync_responseOptions_initializer;
    result.context = this;
    if (is_v5()) {
        result.onSuccess5 = published5;
        result.onFailure5 = publish_failed5;
    } else {
        result.onSuccess = published;
    }
    return result;
}

MQTTAsync_responseOptions MqttClient::Handle::subscribe_options(const std::string& filter) {
    MQTTAsync_responseOptions result = MQTTAsync_responseOptions_initializer;
    result.context = &asked.emplace_back(Subscription{this, filter});
    if (is_v5()) {
        result.onSuccess5 = subscribed5;
        result.onFailure5 = subscribe_failed5;
    } else {
        result.onSuccess = subscribed;
        result.onFailure = subscribe_failed;
    }
    return result;
}

MqttClient::MqttClient(const MqttOptions& options, std::shared_ptr<MqttListener> listener)
    : handle_(std::make_unique<Handle>()) {
    handle_->options = options;
    handle_->listener = std::move(listener);
    handle_->watch = limit_packets(
        options.uri, {options.largest_packet, static_cast<unsigned>(options.highest_qos), handle_->is_v5()});
    MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer;
    create.MQTTVersion = handle_->is_v5() ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
    create.maxBufferedMessages = most_in_flight;
    MQTTAsync client = nullptr;
    if (MQTTAsync_createWithOptions(&client, options.uri.c_str(), options.client_id.c_str(),
                                    MQTTCLIENT_PERSISTENCE_NONE, nullptr, &create) == MQTTASYNC_SUCCESS) {
        handle_->client = client;
        MQTTAsync_setCallbacks(client, handle_.get(), &Handle::lost, &Handle::arrived, nullptr);
        MQTTAsync_setDisconnected(client, handle_.get(), &Handle::server_disconnects);
    }
}

MqttClient::~MqttClient() {
    if (handle_->client != nullptr) {
        MQTTAsync_destroy(&handle_->client);
    }
}

bool MqttClient::connect() {
    if (handle_->client == nullptr || (packets_are_limited() && handle_->watch == nullptr)) { // malformed URI
        return false;
    }
    const MqttOptions& given = handle_->options;
    const MQTTAsync_connectOptions initial5 = MQTTAsync_connectOptions_initializer5;
    const MQTTAsync_connectOptions initial3 = MQTTAsync_connectOptions_initializer;
    MQTTAsync_connectOptions options = handle_->is_v5() ? initial5 : initial3;
    options.context = handle_.get();
    if (handle_->is_v5()) {
        options.onSuccess5 = &Handle::connected5;
        options.onFailure5 = &Handle::connect_failed5;
    } else {
        options.MQTTVersion = MQTTVERSION_3_1_1;
        options.onSuccess = &Handle::connected;
        options.onFailure = &Handle::connect_failed;
    }
    options.keepAliveInterval = keep_alive_seconds;
    options.connectTimeout = connect_seconds;
    options.maxInflight = most_in_flight;
    options.username = or_null(given.username);
    options.password = given.username.empty() ? nullptr : or_null(given.password);
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTProperty bound{};
    if (handle_->is_v5()) {
        bound.identifier = MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE;
        bound.value.integer4 = given.largest_packet;
        MQTTProperties_add(&properties, &bound);
        options.connectProperties = &properties; // copied
    }
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    if (given.will) {
        will.topicName = given.will->topic.c_str();
        will.message = given.will->payload.c_str();
        will.retained = 1;
        will.qos = 1;
        options.will = &will;
    }
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    if (given.tls) {
        tls = handle_->tls_options();
        options.ssl = &tls;
    }
    // Without the anchor the library would report a failed handshake.
    const bool usable = !handle_->anchor || handle_->anchor->made();
    const bool started = usable && MQTTAsync_connect(handle_->client, &options) == MQTTASYNC_SUCCESS;
    MQTTProperties_free(&properties);
    return started;
}

bool MqttClient::subscribe(const std::string& filter, const Subscribing& how) {
    auto options = how.answer == SubscribeAnswer::wanted
                       ? handle_->subscribe_options(filter)
                       : MQTTAsync_responseOptions(MQTTAsync_responseOptions_initializer);
    if (handle_->is_v5()) {
        options.subscribeOptions.retainAsPublished = how.retain_as_published ? 1 : 0;
        options.subscribeOptions.noLocal = how.no_local ? 1 : 0;
    }
    const int qos = static_cast<int>(how.qos);
    return MQTTAsync_subscribe(handle_->client, filter.c_str(), qos, &options) == MQTTASYNC_SUCCESS;
}

bool MqttClient::unsubscribe(const std::string& filter) {
    return MQTTAsync_unsubscribe(handle_->client, filter.c_str(), nullptr) == MQTTASYNC_SUCCESS;
}

PublishResult MqttClient::publish(const std::string& topic, std::string_view payload, bool retain,
                                  std::string_view correlation, Qos qos) {
    const auto bytes = publish_size(topic, payload, correlation, qos != Qos::at_most_once);
    if (!is_publish_topic(topic) || correlation.size() > longest_mqtt_text || bytes > largest_packet_ever) {
        return {.hopeless = true};
    }
    if (const std::size_t limit = handle_->largest_sent; bytes > limit) {
        return {.hopeless = true, .packet_bytes = bytes, .limit = limit};
    }
    MQTTAsync_responseOptions options = handle_->publish_options();
    if (correlation.empty() || !handle_->is_v5()) {
        const int code = MQTTAsync_send(handle_->client, topic.c_str(), static_cast<int>(payload.size()),
                                        payload.data(), static_cast<int>(qos), retain ? 1 : 0, &options);
        return publish_result(code, options.token);
    }
    std::string data(correlation);
    MQTTProperty property{};
    property.identifier = MQTTPROPERTY_CODE_CORRELATION_DATA;
    property.value.data = {static_cast<int>(data.size()), data.data()};
    MQTTAsync_message message = MQTTAsync_message_initializer;
    std::string content(payload);
    message.payload = content.data();
    message.payloadlen = static_cast<int>(content.size());
    message.qos = static_cast<int>(qos);
    message.retained = retain ? 1 : 0;
    MQTTProperties_add(&message.properties, &property); // copies, as does sending
    const int code = MQTTAsync_sendMessage(handle_->client, topic.c_str(), &message, &options);
    MQTTProperties_free(&message.properties);
    return publish_result(code, options.token);
}

void MqttClient::publish_and_wait(const std::string& topic, std::string_view payload, bool retain,
                                  std::chrono::milliseconds limit) {
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    if (MQTTAsync_send(handle_->client, topic.c_str(), static_cast<int>(payload.size()), payload.data(), 1,
                       retain ? 1 : 0, &options) == MQTTASYNC_SUCCESS) {
        MQTTAsync_waitForCompletion(handle_->client, options.token,
                                    static_cast<unsigned long>(limit.count()));
    }
}

MqttLibrary::MqttLibrary() {
    MQTTAsync_create(&idle_client_, "tcp://127.0.0.1:1", "idle", MQTTCLIENT_PERSISTENCE_NONE, nullptr);
}

MqttLibrary::~MqttLibrary() {
    if (idle_client_ != nullptr) {
        MQTTAsync_destroy(&idle_client_);
    }
}

} // namespace bambu2mqtt
