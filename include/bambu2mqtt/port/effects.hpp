// Effects requested by the core and executed by the edges. Messages for the broker are not among them; they
// are pulled one by one as the broker accepts them.
#pragma once

#include <bambu2mqtt/base/log_level.hpp>

#include <any>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
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

/// Subscribes to the printer's reports again on the open connection, or unsubscribes.
struct SubscribeReports {
    std::size_t printer = 0;
    bool subscribe = true;
};

/// A message to device/<serial>/request.
struct SendRequest {
    std::size_t printer = 0;
    std::string payload{};
};

/// Work for the worker of a feature; it ends with one WorkDone event with this job number.
struct StartWork {
    std::size_t printer = 0;
    std::string_view feature{}; ///< lives as long as the program
    std::uint64_t job = 0;
    std::any what{};    ///< in the feature's own terms
    std::string host{}; ///< the session's host: name or address
};

/// Cancels the running work, if any.
struct CancelWork {
    std::size_t printer = 0;
    std::string_view feature{}; ///< empty: of all features
};

/// Checks the printer's certificate, and trusts it from now on if it is the one with this SHA-256 (64
/// hexadecimal digits in upper case, with ":" between the bytes) and names the serial; ends with one
/// TrustDone with this ticket.
struct TrustCertificate {
    std::size_t printer = 0;
    std::uint64_t ticket = 0;
    std::string fingerprint{};
    std::string host{}; ///< name or address: configured, or where the printer was last reached
};

struct ConnectBroker {};

/// Purpose of a subscription.
enum class Interest {
    retained, ///< retained messages: QoS 0
    commands, ///< commands: QoS 1, and with MQTT 5 live messages keep their retain flag
};

/// Subscribes to one more filter, or unsubscribes.
struct ListenTo {
    std::string filter{};
    bool listen = true;
    Interest interest = Interest::retained;
};

/// State of a printer to be saved for restarts, as JSON text.
struct SaveState {
    std::size_t printer = 0;
    std::string content{};
};

/// All retained topics of a printer that is no longer configured are cleared: its saved state can be deleted.
struct ForgetPrinter {
    std::string serial{};
};

/// Lines below this level, one of log_level_words, are not logged from now on.
struct SetLogLevel {
    std::string level{};
};

/// Runs the checks of the command doctor on the running gateway; ends with one RequestDone with this ticket,
/// whose data has the checks.
struct RunDoctor {
    std::uint64_t ticket = 0;
};

/// Reads the configuration again, after a change of the managed printers if `action` names one; ends with one
/// RequestDone with this ticket, whose data says what has changed.
struct ReloadConfig {
    std::uint64_t ticket = 0;
    std::string action{};  ///< "add", "change" or "remove"; empty: none
    std::string printer{}; ///< the keys of the printer as a JSON object, with secrets: never logged
};

/// A line for the log. `source` is the printer's id, or "broker".
struct LogLine {
    Level level = Level::info;
    std::string source{};
    std::string text{};
};

using Effect = std::variant<ConnectPrinter, DisconnectPrinter, SubscribeReports, SendRequest, StartWork,
                            CancelWork, TrustCertificate, ConnectBroker, ListenTo, SaveState, ForgetPrinter,
                            SetLogLevel, RunDoctor, ReloadConfig, LogLine>;
using Effects = std::vector<Effect>;

} // namespace bambu2mqtt
