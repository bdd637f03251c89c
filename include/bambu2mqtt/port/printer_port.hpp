// The connection to one printer, as the core's effects see it.
#pragma once

#include <cstdint>
#include <string>

namespace bambu2mqtt {

/// All calls come from the core thread and return immediately; results are events of its printer. connect()
/// ends with exactly one PrinterUp or PrinterDown; after a PrinterUp exactly one PrinterDown follows unless
/// disconnect() was called.
class PrinterPort {
  public:
    virtual ~PrinterPort() = default;
    PrinterPort(const PrinterPort&) = delete;
    PrinterPort& operator=(const PrinterPort&) = delete;

    /// Starts one connection attempt to this host, name or address; an existing connection is dropped first.
    virtual void connect(const std::string& host) = 0;

    /// Drops the connection; its pending events are discarded.
    virtual void disconnect() = 0;

    /// Sends a request to the printer; false when not connected. Never waits.
    virtual bool request(const std::string& payload) = 0;

    /// Subscribes to the reports again, or unsubscribes, on the open connection.
    virtual void subscribe_reports(bool reports) = 0;

    /// Trusts the certificate that this host presents now if its SHA-256 is `fingerprint` and it names the
    /// serial. Ends with one TrustDone event with `ticket`.
    virtual void trust(const std::string& host, const std::string& fingerprint, std::uint64_t ticket) = 0;

  protected:
    PrinterPort() = default;
};

} // namespace bambu2mqtt
