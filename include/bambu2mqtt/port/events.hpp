// Interface between the edges and the core: all input arrives as events.
#pragma once

#include <bambu2mqtt/base/log_level.hpp>
#include <bambu2mqtt/base/qos.hpp>
#include <bambu2mqtt/base/status.hpp>
#include <bambu2mqtt/base/time.hpp>

#include <any>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace bambu2mqtt {

/// The session of an event: the printer's index in the configuration, or the broker.
inline constexpr std::size_t broker_target = static_cast<std::size_t>(-1);

/// Why a connection failed or was lost.
enum class LinkFailure {
    unreachable,     ///< name does not resolve, connection refused or timed out
    auth_refused,    ///< CONNACK 4 or 5: user name or access code
    tls_untrusted,   ///< another certificate than the trusted one, or one that no authority has signed
    lost,            ///< an established connection broke
    not_yet_valid,   ///< the certificate would be trusted, but is not yet valid by this machine's clock
    expired,         ///< the certificate would be trusted, but is no longer valid by this machine's clock
    pin_unavailable, ///< a pin that cannot be read, or a first certificate that cannot be pinned
    wrong_name,      ///< a certificate that is not trusted and names another serial
};

/// The printer's broker accepted the login and the subscription to its report topic.
struct PrinterUp {};

/// A connection attempt failed or a connection ended; no further events come from it.
struct PrinterDown {
    LinkFailure failure = LinkFailure::lost;
    std::string detail{}; ///< for people: what happened, without secrets
    std::string
        fingerprint{}; ///< tls_untrusted, wrong_name: SHA-256 of the presented certificate, as "AA:BB:..."
    int reason = 0;    ///< MQTT 5 reason code of the peer's DISCONNECT; 0: none
};

/// One message on device/<serial>/report, unchanged.
struct ReportArrived {
    std::string payload{};
    std::optional<Instant> at{}; ///< when; nothing: now
};

/// Reports of this printer were dropped because it sent them faster than they could be processed.
struct ReportsLost {};

/// The user's broker accepted the login; subscriptions are made. `window`: maximum number of QoS 1 messages
/// in flight (the broker's receive maximum, at most 20).
struct BrokerUp {
    std::size_t window = 1;
    bool retain_as_published = false; ///< MQTT 5: live messages on command topics have their retain flag, too
};

/// The broker session ended or could not be established.
struct BrokerDown {
    std::string detail{};
    std::string refused_filter{}; ///< we ended it because the broker refused this subscription; else empty
    int reason = 0; ///< the reason code with which the broker ended it (MQTT 5, 3.14.2.1); 0: none
};

/// A message on one of our subscriptions at the user's broker.
struct BrokerMessage {
    std::string topic{};
    std::string payload{};
    bool retained = false;
    std::string response_topic{}; ///< MQTT 5: the sender's response topic; else empty
    std::string correlation{};    ///< MQTT 5: correlation data for the response
};

/// Messages from the broker were dropped because they arrived faster than they could be processed.
struct BrokerMessagesLost {
    std::size_t count = 0;
};

/// The broker acknowledged one of our messages: one place in the window is free again.
struct Published {
    int packet = 0; ///< the packet identifier returned by publishing
    int reason = 0; ///< MQTT 5 reason code; from 0x80 on the broker refused the message
};

/// Progress of a feature's work; at most twice a second.
struct WorkProgress {
    std::string_view feature{}; ///< as in StartWork
    std::uint64_t job = 0;
    std::uint64_t bytes = 0;
    std::uint64_t total = 0; ///< 0: unknown
};

/// The work of a feature has ended.
struct WorkDone {
    std::string_view feature{}; ///< as in StartWork
    std::uint64_t job = 0;
    std::any result{};     ///< in the feature's own terms; nothing where there is a problem
    std::string problem{}; ///< why the work failed, for people; empty: see `result`
};

/// Result of TrustCertificate; `problem` is empty when the certificate is trusted now.
struct TrustDone {
    std::uint64_t ticket = 0; ///< 0: of no request, the command pin has stored another certificate
    std::string problem{};
};

/// What a request to the gateway itself asked of the edges has ended (RunDoctor, ReloadConfig).
struct RequestDone {
    std::uint64_t ticket = 0;
    std::string problem{};  ///< why it failed, for people; empty: it did not
    Code code = Code::none; ///< of a refusal; none: it failed
    std::string data{};     ///< for the outcome, as JSON text; empty: none
};

/// A warning or an error was written to the gateway's log. Not by way of the queue of events.
struct LogWritten {
    WallTime time{};
    Level level = Level::warning;
    std::string text{};   ///< one line, of bounded length
    std::size_t lost = 0; ///< lines after it that were too many
};

/// An announcement (SSDP): this printer is said to have this address. Every host in the network can send it.
struct PrinterAnnounced {
    std::string address{}; ///< IPv4
};

/// Nothing happened; the core is asked to check its deadlines.
struct Wake {};

using EventBody = std::variant<PrinterUp, PrinterDown, ReportArrived, ReportsLost, BrokerUp, BrokerDown,
                               BrokerMessage, BrokerMessagesLost, Published, WorkProgress, WorkDone,
                               TrustDone, RequestDone, LogWritten, PrinterAnnounced, Wake>;

struct Event {
    std::size_t target = broker_target;
    EventBody body{};
};

/// A message for the user's broker.
struct Message {
    std::string topic{};
    std::string payload{};
    bool retain = true;
    std::string correlation{}; ///< of the answered request; sent with MQTT 5 only
    Qos qos = Qos::at_least_once;
    std::string
        shorter{}; ///< sent instead if the broker does not accept the size of `payload`; empty: nothing

    friend bool operator==(const Message&, const Message&) = default;
};

} // namespace bambu2mqtt
