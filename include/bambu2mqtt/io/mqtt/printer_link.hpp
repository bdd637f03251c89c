// One printer's MQTT connection: trust, login, subscription; bytes in, bytes out.
#pragma once

#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/io/thread/event_queue.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace bambu2mqtt {

class LinkServices;

/// Never more than one TCP connection at a time. All calls come from the core thread and return at once;
/// what becomes of them arrives as events with `target` = the index given here.
/// connect() resolves the name off every other thread, checks the certificate as PrinterConfig::tls says,
/// logs in as `username` with the access code (MQTT 3.1.1, clean session, keepalive 30 s) and subscribes
/// to device/<serial>/report. It ends in exactly one PrinterUp or PrinterDown; after a PrinterUp exactly one
/// PrinterDown follows unless disconnect() was called.
class PrinterLink {
  public:
    PrinterLink(std::size_t index, const PrinterConfig& config, EventQueue& events, LinkServices& services);
    PrinterLink(const PrinterLink&) = delete;
    PrinterLink& operator=(const PrinterLink&) = delete;
    ~PrinterLink();

    /// Starts one connection attempt at this host, name or address; a connection that still exists is dropped
    /// first.
    void connect(const std::string& host);

    /// Sends DISCONNECT when connected and drops the connection; events of it that are still on the way are
    /// swallowed.
    void disconnect();

    /// Publishes to device/<serial>/request with QoS 1; false when not connected. Never waits.
    bool request(const std::string& payload);

    /// Subscribes to the report topic again, or ends that subscription, on the connection that stands.
    void subscribe_reports(bool reports);

    /// Looks at the certificate that is shown at this host now and, if its SHA-256 is `fingerprint` and it
    /// names the serial, trusts it from now on. Ends in one TrustDone event with `ticket`.
    void trust(const std::string& host, const std::string& fingerprint, std::uint64_t ticket);

  private:
    class Connection;
    std::shared_ptr<Connection> connection_;
    std::size_t index_;
    const PrinterConfig& config_;
    EventQueue& events_;
    LinkServices& services_;
};

} // namespace bambu2mqtt
