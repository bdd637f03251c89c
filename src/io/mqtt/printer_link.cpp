#include "io/mqtt/link_connection.hpp"
#include "io/mqtt/printer_login.hpp"
#include "io/thread/link_thread.hpp"
#include <bambu2mqtt/io/mqtt/printer_link.hpp>
#include <bambu2mqtt/io/thread/guard.hpp>
#include <bambu2mqtt/io/thread/services.hpp>
#include <bambu2mqtt/io/tls/identity.hpp>
#include <bambu2mqtt/io/tls/trust_store.hpp>

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <random>
#include <string_view>
#include <utility>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;

/// For the printer's answer to a subscription.
constexpr auto answer_timeout = 10s;

/// How soon a certificate that the command pin has stored is noticed.
constexpr auto between_pin_checks = 5s;
constexpr std::string_view no_answer = "no answer to the subscription of the report topic";

/// Constant for the lifetime of the process, so that a printer treats a new connection as the old one's
/// successor, and different between processes, so that two gateways do not disconnect each other.
[[nodiscard]] std::string client_id(std::string_view serial) {
    static const unsigned process = std::random_device()();
    return fmt::format("bambu2mqtt-{:08x}-{}", process, serial);
}

[[nodiscard]] LinkFailure failure_for(Doubt doubt) {
    switch (doubt) {
    case Doubt::not_yet_valid:
        return LinkFailure::not_yet_valid;
    case Doubt::expired:
        return LinkFailure::expired;
    case Doubt::pin:
        return LinkFailure::pin_unavailable;
    case Doubt::place:
        return LinkFailure::unreachable;
    case Doubt::name:
        return LinkFailure::wrong_name;
    case Doubt::identity:
        break;
    }
    return LinkFailure::tls_untrusted;
}

} // namespace

class PrinterLink::Connection final : public LinkConnection {
  public:
    Connection(std::size_t index, const std::string& host, PrinterConfig config, EventQueue& events,
               LinkServices& services)
        : LinkConnection(index, host, events, services), index_(index), events_(events),
          config_(std::move(config)), report_topic_(fmt::format("device/{}/report", config_.serial)),
          identity_(config_, host, services.trust()) {}

    /// Core thread: subscribes once more on a connection that is up. A subscription that is refused or not
    /// answered in time ends the connection.
    void subscribe_again(MqttClient& client);

  private:
    void open(const std::string& address) override;
    void on_login(MqttClient& client, const ServerLimits& limits) override;
    void on_login_failed(const ConnectFailure& failure) override;
    [[nodiscard]] EventBody end_event(PrinterDown failure) const override;

    void on_subscribed(std::string_view filter, bool granted) override;
    void on_message(const MqttMessage& message) override;

    void on_acknowledged(int /*packet*/, int /*reason*/) override {}

    void look_first();
    void explain_refusal();
    void distrust(const Untrusted& why, std::string fingerprint);
    void watch_pin();
    void log_in(const TrustedPeer& peer);
    [[nodiscard]] ProbeTarget probe_target() const;

    const std::size_t index_;
    EventQueue& events_;
    const PrinterConfig config_;
    const std::string report_topic_;
    Identity identity_;                    // link thread only
    std::atomic<unsigned> subscribed_ = 0; ///< subscriptions after the first one
    std::atomic<unsigned> granted_ = 0;    ///< how many of them the printer has granted
};

void PrinterLink::Connection::open(const std::string& /*address*/) {
    const auto known = identity_.known();
    if (!known) {
        distrust(known.error(), {});
    } else if (*known) {
        log_in(**known);
    } else {
        look_first();
    }
}

/// Decides on the certificate before the access code is sent anywhere.
void PrinterLink::Connection::look_first() {
    probe(probe_target(), [this](const expected<PeerCertificate, Error>& shown) {
        if (!shown) {
            next_address({LinkFailure::unreachable, shown.error().detail});
            return;
        }
        const auto decision = identity_.decide(*shown);
        if (!decision) {
            distrust(decision.error(), shown->fingerprint);
            return;
        }
        log_in(*decision);
    });
}

void PrinterLink::Connection::distrust(const Untrusted& why, std::string fingerprint) {
    end({failure_for(why.doubt), why.why, std::move(fingerprint)});
    if (config_.tls == TlsMode::pin) {
        watch_pin();
    }
}

/// Until the next attempt, which drops this connection.
void PrinterLink::Connection::watch_pin() {
    services().thread().post_after(between_pin_checks, [weak = weak_from_this()] {
        const auto self = std::static_pointer_cast<Connection>(weak.lock());
        if (self == nullptr) {
            return;
        }
        const auto pin = self->services().trust().get(self->config_.serial);
        if (pin && pin->fingerprint != self->identity_.pinned()) {
            self->events_.push({self->index_, TrustDone{}});
        } else {
            self->watch_pin();
        }
    });
}

/// Paho only reports that the connection failed; another handshake with the peer gives the reason.
void PrinterLink::Connection::explain_refusal() {
    probe(probe_target(), [this](const expected<PeerCertificate, Error>& shown) {
        if (!shown) {
            next_address({LinkFailure::unreachable, shown.error().detail});
            return;
        }
        const auto decision = identity_.decide(*shown);
        if (!decision) {
            distrust(decision.error(), shown->fingerprint);
            return;
        }
        next_address({LinkFailure::unreachable, "the printer closed the connection during the login"});
    });
}

void PrinterLink::Connection::log_in(const TrustedPeer& peer) {
    connect(printer_login(config_, address(), client_id(config_.serial), peer));
}

ProbeTarget PrinterLink::Connection::probe_target() const {
    return identity_.probe_target(address(), config_.mqtt_port);
}

void PrinterLink::Connection::on_login(MqttClient& client, const ServerLimits& /*limits*/) {
    expect_within(answer_timeout, std::string{no_answer});
    client.subscribe(report_topic_, {.answer = SubscribeAnswer::wanted});
}

void PrinterLink::Connection::on_login_failed(const ConnectFailure& failure) {
    if (refuses_access_code(failure)) {
        end({LinkFailure::auth_refused, "the printer refused the access code"});
    } else if (failure.connack != 0) {
        end({LinkFailure::unreachable,
             fmt::format("the printer refused the login (CONNACK {})", failure.connack)});
    } else if (failure.timed_out) {
        next_address({LinkFailure::unreachable, "timed out: no answer from " + address()});
    } else {
        explain_refusal();
    }
}

EventBody PrinterLink::Connection::end_event(PrinterDown failure) const {
    return failure;
}

void PrinterLink::Connection::on_subscribed(std::string_view /*filter*/, bool granted) {
    if (!granted) {
        end({LinkFailure::lost,
             "the printer refused the subscription to its reports (is the serial right?)"});
    } else if (ready_client() == nullptr) {
        push_up_event(PrinterUp{});
    } else {
        ++granted_;
    }
}

void PrinterLink::Connection::subscribe_again(MqttClient& client) {
    const unsigned number = ++subscribed_;
    if (!client.subscribe(report_topic_, {.answer = SubscribeAnswer::wanted})) {
        end({LinkFailure::lost, "the subscription of the report topic could not be sent"});
        return;
    }
    services().thread().post_after(answer_timeout, [weak = weak_from_this(), number] {
        const auto self = std::static_pointer_cast<Connection>(weak.lock());
        if (self != nullptr && self->granted_ < number) {
            self->end({LinkFailure::lost, std::string{no_answer}});
        }
    });
}

void PrinterLink::Connection::on_message(const MqttMessage& message) {
    if (message.topic == report_topic_) {
        push_event(ReportArrived{std::string(message.payload), std::chrono::steady_clock::now()});
    }
}

PrinterLink::PrinterLink(std::size_t index, const PrinterConfig& config, EventQueue& events,
                         LinkServices& services)
    : index_(index), config_(config), events_(events), services_(services) {}

PrinterLink::~PrinterLink() {
    disconnect();
}

void PrinterLink::connect(const std::string& host) {
    disconnect();
    connection_ = std::make_shared<Connection>(index_, host, config_, events_, services_);
    connection_->start();
}

void PrinterLink::disconnect() {
    if (connection_ != nullptr) {
        connection_->drop();
        connection_.reset();
    }
}

void PrinterLink::subscribe_reports(bool reports) {
    if (const auto client = connection_ == nullptr ? nullptr : connection_->ready_client()) {
        if (reports) {
            connection_->subscribe_again(*client);
        } else {
            client->unsubscribe(fmt::format("device/{}/report", config_.serial));
        }
    }
}

void PrinterLink::trust(const std::string& host, const std::string& fingerprint, std::uint64_t ticket) {
    const auto finish = [&events = events_, index = index_, ticket](std::string problem) {
        events.push({index, TrustDone{ticket, std::move(problem)}});
    };
    auto& services = services_;
    if (config_.tls != TlsMode::pin) {
        finish(
            "certificates are pinned only with tls = \"pin\"; \"ca\" trusts the authority, \"insecure\" any "
            "certificate");
        return;
    }
    if (connection_ != nullptr && connection_->ready_client() != nullptr) {
        // One connection to a printer is enough: the certificate of this one is already verified.
        const auto pin = services.trust().load(config_.serial);
        if (!pin) {
            finish(pin.error().detail);
        } else if (!*pin || (*pin)->fingerprint != fingerprint) {
            finish(fmt::format("the printer is connected with the certificate {}",
                               *pin ? (*pin)->fingerprint : "which is no longer pinned"));
        } else {
            finish({});
        }
        return;
    }
    const auto guarded = [finish](const auto& work) {
        guard("trust_certificate", work,
              [&finish](std::string_view reason) { finish(fmt::format("internal error: {}", reason)); });
    };
    const auto decide = [&services, finish, fingerprint,
                         serial = config_.serial](const expected<PeerCertificate, Error>& shown) {
        if (!shown) {
            finish(shown.error().detail);
        } else if (shown->fingerprint != fingerprint) {
            finish(fmt::format("the printer presents the certificate {}", shown->fingerprint));
        } else {
            const auto stored = services.trust().put(serial, shown->pem);
            finish(stored ? std::string{} : stored.error().detail);
        }
    };
    const auto look = [&services, finish, guarded, decide,
                       config = config_](const expected<Addresses, Error>& addresses) {
        if (!addresses) {
            finish(addresses.error().detail);
            return;
        }
        ProbeTarget target{
            .address = addresses->front(), .port = config.mqtt_port, .server_name = config.serial};
        services.probe().start(std::move(target),
                               [guarded, decide](const expected<PeerCertificate, Error>& shown) {
                                   guarded([&] { decide(shown); });
                               });
    };
    services_.resolver().resolve(host, [guarded, look](const expected<Addresses, Error>& addresses) {
        guarded([&] { look(addresses); });
    });
}

bool PrinterLink::request(const std::string& payload) {
    const auto client = connection_ == nullptr ? nullptr : connection_->ready_client();
    return client != nullptr &&
           client->publish(fmt::format("device/{}/request", config_.serial), payload, false);
}

} // namespace bambu2mqtt
