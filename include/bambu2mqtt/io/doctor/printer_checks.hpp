// The checks of one printer: address, ports, certificate, login, reports, and what the reports say.
#pragma once

#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/doctor/check.hpp>

#include <string>

namespace bambu2mqtt {

class LinkServices;

/// A printer, and where it is.
struct CheckedPrinter {
    const PrinterConfig& config;
    std::string host{};   ///< name or address; empty: unknown
    bool commands = true; ///< control.allow is not "none"
};

/// Opens one connection after the other, none of them before the certificate is trusted as the gateway would
/// trust it (Identity), and stores nothing: a first certificate is not pinned. Logs in, asks for the modules
/// and a full report, and disconnects. The first finding ends the checks that depend on it: they are left
/// out. Takes about 45 s at most.
void check_printer(const CheckedPrinter& printer, LinkServices& services, const CheckSink& sink);

} // namespace bambu2mqtt
