// One printer's MQTT connection: trust, login, subscription; bytes in, bytes out.
#pragma once

#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/io/thread/event_queue.hpp>
#include <bambu2mqtt/port/printer_port.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace bambu2mqtt {

class LinkServices;

/// Never more than one TCP connection at a time. All calls come from the core thread and return immediately;
/// results are events with `target` = the index given here. connect() resolves the name on a separate thread,
/// checks the certificate according to PrinterConfig::tls, logs in as `username` with the access code (MQTT
/// 3.1.1, clean session, keepalive 30 s) and subscribes to device/<serial>/report. It ends with exactly one
/// PrinterUp or PrinterDown; after a PrinterUp exactly one PrinterDown follows unless disconnect() was
/// called.
class PrinterLink final : public PrinterPort {
  public:
    /// All references must outlive it; `config` may be changed between calls, and applies from the next
    /// connect() on.
    PrinterLink(std::size_t index, const PrinterConfig& config, EventQueue& events, LinkServices& services);
    PrinterLink(const PrinterLink&) = delete;
    PrinterLink& operator=(const PrinterLink&) = delete;
    ~PrinterLink() override;

    /// Starts one connection attempt to this host, name or address; an existing connection is dropped first.
    /// When it fails because of the certificate, the stored pin is read every few seconds until the next
    /// attempt: once another one is there, because of the command pin, a TrustDone event with ticket 0
    /// follows.
    void connect(const std::string& host) override;

    /// Sends DISCONNECT when connected.
    void disconnect() override;

    /// Publishes to device/<serial>/request with QoS 1.
    bool request(const std::string& payload) override;
    void subscribe_reports(bool reports) override;
    void trust(const std::string& host, const std::string& fingerprint, std::uint64_t ticket) override;

  private:
    class Connection;
    std::shared_ptr<Connection> connection_;
    std::size_t index_;
    const PrinterConfig& config_;
    EventQueue& events_;
    LinkServices& services_;
};

} // namespace bambu2mqtt
