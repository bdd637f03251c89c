#include "io/doctor/mqtt_exchange.hpp"
#include "io/doctor/reach.hpp"
#include "io/mqtt/broker_options.hpp"
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/base/uri.hpp>
#include <bambu2mqtt/io/doctor/broker_checks.hpp>
#include <bambu2mqtt/io/thread/services.hpp>
#include <bambu2mqtt/io/tls/tls_probe.hpp>
#include <bambu2mqtt/topic/doctor_topics.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;

constexpr auto broker_answers_within = 10s;
constexpr auto echo_within = 5s;
constexpr int first_refusal_reason = 0x80;
constexpr std::string_view broker_subject = "broker";

/// A CONNACK code of MQTT 3.1.1 or 5; others refuse the login for a reason that the code names.
struct RefusedLogin {
    int connack = 0;
    Fault fault = Fault::broker_login_refused;
    std::string_view text{};
};

constexpr std::array refused_logins{
    RefusedLogin{2, Fault::broker_login_refused, "client id refused"},
    RefusedLogin{0x85, Fault::broker_login_refused, "client id refused"},
    RefusedLogin{3, Fault::broker_full, "unavailable"},
    RefusedLogin{0x88, Fault::broker_full, "unavailable"},
    RefusedLogin{0x89, Fault::broker_full, "busy"},
    RefusedLogin{0x97, Fault::broker_full, "quota exceeded"},
    RefusedLogin{0x9F, Fault::broker_full, "connection rate exceeded"},
    RefusedLogin{4, Fault::broker_login_refused, "user name or password"},
    RefusedLogin{0x86, Fault::broker_login_refused, "user name or password"},
    RefusedLogin{5, Fault::broker_login_refused, "not authorised"},
    RefusedLogin{0x87, Fault::broker_login_refused, "not authorised"},
    RefusedLogin{0x9A, Fault::broker_login_refused, "retained messages not supported"},
    RefusedLogin{0x9B, Fault::broker_login_refused, "QoS 1 not supported"},
};

Instant within(std::chrono::seconds time) {
    return std::chrono::steady_clock::now() + time;
}

class BrokerCheck {
  public:
    BrokerCheck(const BrokerConfig& broker, const HomeAssistantConfig& home_assistant, TlsProbe& probe,
                const CheckSink& sink)
        : broker_(broker), home_assistant_(home_assistant), probe_(probe), sink_(sink) {}

    void run() {
        if (!find_address() || !check_port() || !check_certificate() || !log_in()) {
            return;
        }
        const bool wants_status = home_assistant_.enabled && watch_status();
        const bool rights = prove_rights(doctor_topic(broker_.base_topic), broker_.base_topic,
                                         fmt::format("{:08x}", std::random_device{}()));
        if (!home_assistant_.enabled || !rights) {
            return;
        }
        // Without content Home Assistant ignores the message.
        prove_rights(doctor_discovery_topic(home_assistant_.discovery_prefix),
                     home_assistant_.discovery_prefix, {});
        if (wants_status) {
            show_status();
        }
    }

  private:
    void pass(std::string_view name, std::string detail) const {
        sink_(passed(std::string(broker_subject), std::string(name), std::move(detail)));
    }

    bool fail(std::string_view name, Fault fault, std::string detail) const {
        sink_(found(std::string(broker_subject), std::string(name), fault, std::move(detail)));
        return false;
    }

    bool find_address() {
        auto addresses = addresses_of(broker_.host);
        if (!addresses) {
            return fail("address", Fault::broker_name_unknown, addresses.error().detail);
        }
        addresses_ = *std::move(addresses);
        pass("address", addresses_.front());
        return true;
    }

    /// The first address that accepts a connection is used from here on.
    bool check_port() {
        std::string why;
        for (const auto& address : addresses_) {
            const auto accepted =
                begin_probe(probe_, {.address = address, .port = broker_.port, .tls = false}).get();
            if (accepted) {
                address_ = address;
                pass("port", std::to_string(broker_.port));
                return true;
            }
            why = fmt::format("{}:{}: {}", uri_host(address), broker_.port, accepted.error().detail);
        }
        return fail("port", Fault::broker_unreachable, why);
    }

    bool check_certificate() {
        if (!broker_.tls) {
            return true;
        }
        const auto shown = begin_probe(probe_, broker_probe(broker_, address_)).get();
        if (!shown) {
            return fail("certificate", Fault::broker_untrusted, shown.error().detail);
        }
        if (!shown->verified) {
            return fail("certificate", Fault::broker_untrusted, shown->verify_text);
        }
        pass("certificate", printable_name(shown->common_name));
        return true;
    }

    bool log_in() {
        std::optional<ConnectFailure> failure;
        for (const auto version : {MqttVersion::v5, MqttVersion::v3_1_1}) {
            auto options = broker_options(broker_, address_, version);
            options.client_id += "-doctor";
            session_ = std::make_unique<MqttExchange>(options);
            failure = session_->log_in();
            if (!failure) {
                mqtt5_ = version == MqttVersion::v5;
                pass("login", mqtt5_ ? "MQTT 5" : "MQTT 3.1.1");
                return true;
            }
            if (!refuses_version(*failure) && failure->connack != 0) {
                break;
            }
        }
        if (failure->timed_out) {
            return fail("login", Fault::broker_unreachable, "no answer to the login");
        }
        if (failure->connack == 0) {
            return fail("login", Fault::broker_full, "it closed the connection during the login");
        }
        const auto row = std::ranges::find(refused_logins, failure->connack, &RefusedLogin::connack);
        return row == refused_logins.end()
                   ? fail("login", Fault::broker_login_refused, fmt::format("CONNACK {}", failure->connack))
                   : fail("login", row->fault, std::string(row->text));
    }

    /// False after a finding.
    bool watch_status() {
        const auto& topic = home_assistant_.status_topic;
        if (!session_->subscribe(topic, Qos::at_least_once, within(broker_answers_within))) {
            return fail("home_assistant", Fault::broker_subscribe_refused, topic);
        }
        return true;
    }

    /// Publishes on a topic and receives it. `prefix`: for the check's name.
    bool prove_rights(const std::string& topic, const std::string& prefix, const std::string& payload) {
        const auto name = fmt::format("rights {}/#", prefix);
        if (!session_->subscribe(topic, Qos::at_least_once, within(broker_answers_within))) {
            return fail(name, Fault::broker_subscribe_refused, topic);
        }
        const auto reason = session_->publish(topic, payload, within(broker_answers_within));
        if (reason.value_or(0) == 0x97) {
            return fail(name, Fault::broker_full, "it refused a message: quota exceeded");
        }
        // Some brokers end the connection of a client that publishes without the right to.
        if (!reason || *reason >= first_refusal_reason) {
            return fail(name, Fault::broker_publish_refused, topic);
        }
        if (!receive_echo(topic, payload)) {
            return fail(name, mqtt5_ ? Fault::broker_subscribe_refused : Fault::broker_no_echo, topic);
        }
        pass(name, "a message was published and received");
        return true;
    }

    bool receive_echo(const std::string& topic, const std::string& payload) {
        const auto deadline = within(echo_within);
        while (auto message = session_->next(deadline)) {
            if (message->topic == home_assistant_.status_topic) {
                status_ = printable(message->payload, 32);
            } else if (message->topic == topic && message->payload == payload && !message->retained) {
                return true;
            }
        }
        return false;
    }

    /// The retained status arrived before the echo, if there is one.
    void show_status() {
        if (!status_) {
            sink_(skipped(std::string(broker_subject), "home_assistant",
                          "no status on " + home_assistant_.status_topic +
                              ": Home Assistant publishes it when it starts, and keeps it there only if its "
                              "birth message is retained"));
        } else if (*status_ == "offline") {
            fail("home_assistant", Fault::home_assistant_offline, home_assistant_.status_topic);
        } else {
            pass("home_assistant", *status_);
        }
    }

    const BrokerConfig& broker_;
    const HomeAssistantConfig& home_assistant_;
    TlsProbe& probe_;
    const CheckSink& sink_;
    std::vector<std::string> addresses_;
    std::string address_;
    std::unique_ptr<MqttExchange> session_;
    bool mqtt5_ = false;
    std::optional<std::string> status_; ///< the last payload of the status topic
};

} // namespace

void check_broker(const BrokerConfig& broker, const HomeAssistantConfig& home_assistant,
                  LinkServices& services, const CheckSink& sink) {
    BrokerCheck{broker, home_assistant, services.probe(), sink}.run();
}

} // namespace bambu2mqtt
