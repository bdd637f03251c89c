// The language between the edges and the core: events come in, and only events.
#pragma once

#include <bambu2mqtt/file/job.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

namespace bambu2mqtt {

/// Which session an event belongs to: the printer's place in the configuration, or the broker.
inline constexpr std::size_t broker_target = static_cast<std::size_t>(-1);

/// Why a connection could not be made, or was lost.
enum class LinkFailure {
    unreachable,     ///< name does not resolve, connection refused or timed out
    auth_refused,    ///< CONNACK 4 or 5: user name or access code
    tls_untrusted,   ///< another certificate than the trusted one, or one that does not name the serial
    lost,            ///< an established connection broke
    not_yet_valid,   ///< the certificate would be trusted, but by this machine's clock it is not valid yet
    expired,         ///< the certificate would be trusted, but by this machine's clock it is no longer valid
    pin_unavailable, ///< a pin that cannot be read, or a first certificate that cannot be pinned
};

/// The printer's broker took the login and the subscription to its report topic.
struct PrinterUp {};

/// A connection attempt failed or a connection ended; nothing more comes from it.
struct PrinterDown {
    LinkFailure failure = LinkFailure::lost;
    std::string detail{};      ///< for people: what happened, without secrets
    std::string fingerprint{}; ///< tls_untrusted: SHA-256 of the certificate shown, as "AA:BB:..."
};

/// One message on device/<serial>/report, byte for byte.
struct ReportArrived {
    std::string payload{};
};

/// Reports of this printer were dropped because it sent faster than they could be taken in.
struct ReportsLost {};

/// The user's broker took the login; subscriptions are made. `window`: how many QoS 1 messages may be
/// on the way at once (the broker's receive maximum, at most 20).
struct BrokerUp {
    std::size_t window = 1;
    bool tells_retained =
        false; ///< MQTT 5: on command topics also messages that come live are marked as retained
};

/// The broker session ended or could not be made.
struct BrokerDown {
    std::string detail{};
    std::string refused_filter{}; ///< it was ended by us, as the broker refused this subscription; else empty
};

/// A message on one of our subscriptions at the user's broker.
struct BrokerMessage {
    std::string topic{};
    std::string payload{};
    bool retained = false;
    std::string response_topic{}; ///< MQTT 5: where the sender wants the answer; else empty
    std::string correlation{};    ///< MQTT 5: what the answer is to carry
};

/// The broker acknowledged one of our messages: one place in the window is free again.
struct Published {
    int packet = 0; ///< the packet identifier, as publishing gave it
    int reason = 0; ///< MQTT 5 reason code; from 0x80 on the broker refused the message
};

/// How far a file action is; told at most twice a second.
struct FileProgress {
    std::uint64_t job = 0;
    std::uint64_t bytes = 0;
    std::uint64_t total = 0; ///< 0: not known
};

/// A file action has ended.
struct FileDone {
    std::uint64_t job = 0;
    FileEnd end{};
};

/// What became of TrustCertificate; `problem` is empty when the certificate is trusted now.
struct TrustDone {
    std::uint64_t ticket = 0;
    std::string problem{};
};

/// Somebody in the network says that this printer can be found at this address (SSDP). Everybody can say so.
struct PrinterAnnounced {
    std::string address{}; ///< IPv4
};

/// Nothing happened at an edge; the core is asked to look around.
struct Wake {};

using EventBody =
    std::variant<PrinterUp, PrinterDown, ReportArrived, ReportsLost, BrokerUp, BrokerDown, BrokerMessage,
                 Published, FileProgress, FileDone, TrustDone, PrinterAnnounced, Wake>;

struct Event {
    std::size_t target = broker_target;
    EventBody body{};
};

/// A message for the user's broker. QoS is always 1.
struct Message {
    std::string topic{};
    std::string payload{};
    bool retain = true;
    std::string correlation{}; ///< of the request it answers; sent with MQTT 5 only

    friend bool operator==(const Message&, const Message&) = default;
};

} // namespace bambu2mqtt
