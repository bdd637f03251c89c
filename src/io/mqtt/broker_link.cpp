#include "io/mqtt/broker_options.hpp"
#include "io/mqtt/broker_texts.hpp"
#include "io/mqtt/link_connection.hpp"
#include "io/thread/link_thread.hpp"
#include "io/thread/resolver.hpp"
#include <bambu2mqtt/base/uri.hpp>
#include <bambu2mqtt/io/mqtt/broker_link.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>
#include <bambu2mqtt/io/thread/services.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t largest_window = 20;
constexpr std::size_t most_unwritten = 100; // messages of QoS 0 that the library keeps
constexpr std::string_view offline = "offline";
constexpr auto subscribed_within =
    60s; // one more filter; many retained messages may arrive before the answer

/// Outlives a link whose last connection is still closing.
using SpeaksMqtt5 = std::shared_ptr<std::atomic<bool>>;

} // namespace

class BrokerLink::Connection final : public LinkConnection {
  public:
    Connection(BrokerConfig config, std::string will_topic, std::vector<std::string> subscriptions,
               EventQueue& events, LinkServices& services, SpeaksMqtt5 mqtt5)
        : LinkConnection(broker_target, config.host, events, services), config_(std::move(config)),
          will_topic_(std::move(will_topic)), subscriptions_(std::move(subscriptions)),
          mqtt5_(std::move(mqtt5)), version_(*mqtt5_ ? MqttVersion::v5 : MqttVersion::v3_1_1),
          has_name_(numeric_address(config_.host).empty()), unanswered_(subscriptions_.size()) {}

    /// Publishes `offline` on the will topic, if possible within two seconds, and drops the connection.
    void abandon();

    [[nodiscard]] PublishResult publish(MqttClient& client, const Message& message);

    [[nodiscard]] bool has_room();

    /// One more subscription; ends the connection if it is refused or not answered.
    void ask(MqttClient& client, const std::string& filter, const Subscribing& how);

  private:
    void open(const std::string& address) override;
    void on_login(MqttClient& client, const ServerLimits& limits) override;
    void on_login_failed(const ConnectFailure& failure) override;
    [[nodiscard]] EventBody end_event(PrinterDown failure) const override;

    void on_subscribed(std::string_view filter, bool granted) override;
    void on_message(const MqttMessage& message) override;
    void on_acknowledged(int packet, int reason) override;

    [[nodiscard]] BrokerUp up_event() const;
    void explain_refusal();
    void fail(std::string detail);
    void written();
    void end_for(std::string_view filter, std::string_view what);
    [[nodiscard]] bool awaits(const std::string& filter);
    [[nodiscard]] std::string place() const;

    const BrokerConfig config_;
    const std::string will_topic_;
    const std::vector<std::string> subscriptions_;
    const SpeaksMqtt5 mqtt5_;
    MqttVersion version_;        // link thread only
    bool refused_mqtt5_ = false; // link thread only
    const bool has_name_;        // the host is a name, not an address
    std::size_t window_ = 1;     // set before the subscriptions are sent, like the next
    bool retain_as_published_ = false;
    std::atomic<std::size_t> unanswered_; // of subscriptions_
    std::atomic<std::size_t> unwritten_ = 0;
    std::atomic<bool> waits_for_room_ = false; // a Wake event is wanted once there is room

    mutable Mutex asked_mutex_;
    std::multiset<std::string> asked_ GUARDED_BY(asked_mutex_); // later subscriptions without an answer
    std::string refused_filter_ GUARDED_BY(asked_mutex_);       // the connection ends because of it
};

void BrokerLink::Connection::abandon() {
    if (auto client = ready_client()) {
        services().thread().post([client = std::move(client), topic = will_topic_] {
            client->publish_and_wait(topic, offline, true, 2s); // Paho's sender may sleep for one second
        });
    }
    drop();
}

void BrokerLink::Connection::open(const std::string& /*address*/) {
    auto options = broker_options(config_, address(), version_);
    options.will = MqttWill{.topic = will_topic_, .payload = std::string(offline)};
    connect(options);
}

void BrokerLink::Connection::on_login(MqttClient& client, const ServerLimits& limits) {
    if (refused_mqtt5_) {
        *mqtt5_ = false;
    }
    window_ = std::min(largest_window, limits.receive_maximum);
    retain_as_published_ = version_ == MqttVersion::v5;
    if (subscriptions_.empty()) {
        push_up_event(up_event());
        return;
    }
    expect_within(10s, "the broker does not answer the subscriptions");
    for (const std::string& filter : subscriptions_) {
        client.subscribe(filter, {.qos = Qos::at_least_once, .answer = SubscribeAnswer::wanted});
    }
}

void BrokerLink::Connection::on_login_failed(const ConnectFailure& failure) {
    if (version_ == MqttVersion::v5 && refuses_version(failure)) {
        version_ = MqttVersion::v3_1_1;
        refused_mqtt5_ = true;
        open(address());
    } else if (failure.connack != 0) {
        end({.detail = login_refusal(config_, failure.connack)});
    } else if (failure.timed_out) {
        fail("timed out: no answer from " + place());
    } else {
        explain_refusal();
    }
}

/// Paho only reports that the connection failed; a handshake with the peer gives the reason.
void BrokerLink::Connection::explain_refusal() {
    probe(broker_probe(config_, address()), [this](const expected<PeerCertificate, Error>& shown) {
        if (!shown) {
            fail(fmt::format("{}: {}", place(), shown.error().detail));
        } else if (config_.tls && !shown->verified) {
            fail(fmt::format("{}: the broker's certificate is not trusted: {}", place(), shown->verify_text));
        } else if (version_ == MqttVersion::v5) {
            version_ = MqttVersion::v3_1_1; // some older brokers close the connection on MQTT 5
            open(address());
        } else {
            fail(place() + ": the broker closed the connection during the login");
        }
    });
}

/// With the name in the URI Paho has tried the addresses itself.
void BrokerLink::Connection::fail(std::string detail) {
    PrinterDown failure{.detail = std::move(detail)};
    if (name_in_uri(config_)) {
        end(std::move(failure));
    } else {
        next_address(std::move(failure));
    }
}

/// For people: the broker as configured, and the address of a name.
std::string BrokerLink::Connection::place() const {
    return has_name_ ? fmt::format("{} ({})", broker_url(config_), address()) : broker_url(config_);
}

EventBody BrokerLink::Connection::end_event(PrinterDown failure) const {
    const MutexLock lock(asked_mutex_);
    return BrokerDown{std::move(failure.detail), refused_filter_, failure.reason};
}

void BrokerLink::Connection::ask(MqttClient& client, const std::string& filter, const Subscribing& how) {
    {
        const MutexLock lock(asked_mutex_);
        asked_.insert(filter);
    }
    if (!client.subscribe(filter, how)) {
        end({.detail = fmt::format("the subscription to '{}' could not be sent", filter)});
        return;
    }
    services().thread().post_after(subscribed_within, [weak = weak_from_this(), filter] {
        const auto self = std::static_pointer_cast<Connection>(weak.lock());
        if (self != nullptr && self->awaits(filter)) {
            self->end_for(filter, "does not answer");
        }
    });
}

bool BrokerLink::Connection::awaits(const std::string& filter) {
    const MutexLock lock(asked_mutex_);
    return asked_.contains(filter);
}

/// Without one of its subscriptions the gateway would not receive commands, without any sign of it.
void BrokerLink::Connection::end_for(std::string_view filter, std::string_view what) {
    {
        const MutexLock lock(asked_mutex_);
        refused_filter_ = filter;
    }
    end({.detail = fmt::format("the broker {} the subscription to '{}'", what, filter)});
}

void BrokerLink::Connection::on_subscribed(std::string_view filter, bool granted) {
    if (!granted) {
        end_for(filter, "refused");
        return;
    }
    if (unanswered_ > 0) { // nothing else is subscribed to before all of these are answered
        if (--unanswered_ == 0) {
            push_up_event(up_event());
        }
        return;
    }
    const MutexLock lock(asked_mutex_);
    if (const auto found = asked_.find(std::string(filter)); found != asked_.end()) {
        asked_.erase(found);
    }
}

void BrokerLink::Connection::on_message(const MqttMessage& message) {
    push_event(BrokerMessage{std::string(message.topic), std::string(message.payload), message.retained,
                             std::string(message.response_topic), std::string(message.correlation)});
}

BrokerUp BrokerLink::Connection::up_event() const {
    return BrokerUp{window_, retain_as_published_};
}

void BrokerLink::Connection::on_acknowledged(int packet, int reason) {
    if (packet == 0) {
        written();
    } else {
        push_event(Published{packet, reason});
    }
}

PublishResult BrokerLink::Connection::publish(MqttClient& client, const Message& message) {
    const bool counts = message.qos == Qos::at_most_once;
    unwritten_ += counts ? 1 : 0; // before it can have been written
    auto result =
        client.publish(message.topic, message.payload, message.retain, message.correlation, message.qos);
    if (counts && !result) {
        --unwritten_;
    }
    return result;
}

bool BrokerLink::Connection::has_room() {
    if (unwritten_ < most_unwritten) {
        return true;
    }
    waits_for_room_ = true;
    // Messages written before that need no Wake event.
    return unwritten_ <= most_unwritten / 2 && waits_for_room_.exchange(false);
}

void BrokerLink::Connection::written() {
    if (--unwritten_ <= most_unwritten / 2 && waits_for_room_ && waits_for_room_.exchange(false)) {
        push_event(Wake{});
    }
}

BrokerLink::BrokerLink(const BrokerConfig& config, std::string will_topic,
                       std::vector<std::string> subscriptions, EventQueue& events, LinkServices& services)
    : config_(config), will_topic_(std::move(will_topic)), subscriptions_(std::move(subscriptions)),
      events_(events), services_(services), mqtt5_(std::make_shared<std::atomic<bool>>(true)) {}

BrokerLink::~BrokerLink() {
    if (connection_ != nullptr) {
        connection_->abandon();
    }
}

void BrokerLink::connect() {
    disconnect();
    connection_ = std::make_shared<Connection>(config_.node(next_node_), will_topic_, subscriptions_, events_,
                                               services_, mqtt5_);
    next_node_ = (next_node_ + 1) % config_.nodes();
    connection_->start();
}

PublishResult BrokerLink::publish(const Message& message) {
    const auto client = connection_ == nullptr ? nullptr : connection_->ready_client();
    return client == nullptr ? PublishResult{} : connection_->publish(*client, message);
}

bool BrokerLink::has_room() {
    return connection_ == nullptr || connection_->has_room();
}

bool BrokerLink::subscribe(const std::string& filter, Interest interest) {
    const auto client = connection_ == nullptr ? nullptr : connection_->ready_client();
    const bool commands = interest == Interest::commands;
    if (client == nullptr) {
        return false;
    }
    connection_->ask(*client, filter,
                     {.qos = commands ? Qos::at_least_once : Qos::at_most_once,
                      .answer = SubscribeAnswer::wanted,
                      .retain_as_published = commands,
                      .no_local = commands});
    return true;
}

bool BrokerLink::unsubscribe(const std::string& filter) {
    const auto client = connection_ == nullptr ? nullptr : connection_->ready_client();
    return client != nullptr && client->unsubscribe(filter);
}

void BrokerLink::disconnect() {
    if (connection_ != nullptr) {
        connection_->drop();
        connection_.reset();
    }
}

} // namespace bambu2mqtt
