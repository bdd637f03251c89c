// What the core wants done: the edges carry it out. Messages for the broker are not among them; they are
// pulled one by one as the broker takes them.
#pragma once

#include <bambu2mqtt/file/job.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace bambu2mqtt {

/// One connection attempt to a printer. `host` is never empty.
struct ConnectPrinter {
    std::size_t printer = 0;
    std::string host{}; ///< name or address
};

struct DisconnectPrinter {
    std::size_t printer = 0;
};

/// Subscribes to the printer's reports again on the connection that stands, or ends that subscription.
struct SubscribeReports {
    std::size_t printer = 0;
    bool subscribe = true;
};

/// A message to device/<serial>/request.
struct SendRequest {
    std::size_t printer = 0;
    std::string payload{};
};

/// One file action; it ends in one FileDone event with this job number.
struct StartFileJob {
    std::size_t printer = 0;
    std::uint64_t job = 0;
    FileJob what{};
    std::string host{}; ///< where the printer's session is: name or address
};

/// Breaks off the file action that runs, if one does.
struct CancelFileJob {
    std::size_t printer = 0;
};

/// Looks at the certificate the printer shows, and trusts it from now on if it is the one with this SHA-256
/// (64 hexadecimal digits in upper case, with ":" between the bytes) and if it names the serial; ends in one
/// TrustDone with this ticket.
struct TrustCertificate {
    std::size_t printer = 0;
    std::uint64_t ticket = 0;
    std::string fingerprint{};
    std::string host{}; ///< name or address: configured, or where the printer was reached
};

struct ConnectBroker {};

/// What a subscription is for.
enum class Interest {
    retained, ///< what stands on the broker: QoS 0
    commands, ///< what others want: QoS 1, and with MQTT 5 live messages tell whether they are retained
};

/// Subscribes to one more filter, or ends that subscription.
struct ListenTo {
    std::string filter{};
    bool listen = true;
    Interest interest = Interest::retained;
};

/// What is to be remembered of a printer over restarts, as JSON text.
struct SaveState {
    std::size_t printer = 0;
    std::string content{};
};

/// What stood on the broker of a printer that is served no longer is cleared: nothing of it needs to be
/// remembered.
struct ForgetPrinter {
    std::string serial{};
};

enum class Level { debug, info, warning, error };

/// A line for the log. `source` is the printer's id, or "broker".
struct LogLine {
    Level level = Level::info;
    std::string source{};
    std::string text{};
};

using Effect =
    std::variant<ConnectPrinter, DisconnectPrinter, SubscribeReports, SendRequest, StartFileJob,
                 CancelFileJob, TrustCertificate, ConnectBroker, ListenTo, SaveState, ForgetPrinter, LogLine>;
using Effects = std::vector<Effect>;

} // namespace bambu2mqtt
