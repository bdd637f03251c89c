// The checks of one printer: address, ports, certificate, login, reports, and what the reports say.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/doctor/check.hpp>

#include <functional>
#include <optional>
#include <string>

namespace bambu2mqtt {

class LinkServices;

/// A printer, and where it is.
struct CheckedPrinter {
    const PrinterConfig& config;
    std::string host{};   ///< name or address; empty: unknown
    bool commands = true; ///< the printer's control_level() is not "none"
};

/// Opens one connection after the other, none of them before the certificate is trusted as the gateway would
/// trust it (Identity), and stores nothing: a first certificate is not pinned. Logs in, asks for the modules
/// and a full report, and disconnects. The first finding ends the checks that depend on it: they are left
/// out. Takes about 45 s at most.
void check_printer(const CheckedPrinter& printer, LinkServices& services, const CheckSink& sink);

/// Takes a message of the printer; nothing: none arrived for a while. False ends the recording.
using ReportSink = std::function<bool(const std::optional<std::string>& message)>;

/// Connects in the same way, and passes every message on until `take` returns false; it is called at least
/// every 0.2 s. Fails, with a text for people, if there is no connection, or it ends.
[[nodiscard]] expected<void, Error> record_printer(const CheckedPrinter& printer, LinkServices& services,
                                                   const ReportSink& take);

} // namespace bambu2mqtt
