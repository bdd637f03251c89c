// One connection attempt and the resulting connection: the common part of printer and broker links. Knows the
// order of steps (resolve, open, up, down) and guarantees exactly one end; not the peer.
#pragma once

#include "io/thread/resolver.hpp"
#include <bambu2mqtt/io/mqtt/mqtt_client.hpp>
#include <bambu2mqtt/io/thread/event_queue.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>
#include <bambu2mqtt/io/tls/tls_probe.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

class LinkServices;

/// Created for one attempt and not reused. Its steps run on the link thread; start(), drop() and
/// ready_client() are called on the core thread; events are sent from any thread, never after the end.
class LinkConnection : public MqttListener, public std::enable_shared_from_this<LinkConnection> {
  public:
    LinkConnection(const LinkConnection&) = delete;
    LinkConnection& operator=(const LinkConnection&) = delete;

    /// Starts: resolves the host, then opens its addresses in order until one works.
    void start();

    /// Ends without an event; removes events that still wait in the queue. The connection itself is closed,
    /// with DISCONNECT, before any job given to the link thread afterwards.
    void drop();

    /// The client while the connection is up, else null.
    [[nodiscard]] std::shared_ptr<MqttClient> ready_client();

  protected:
    LinkConnection(std::size_t target, std::string host, EventQueue& events, LinkServices& services);

    /// Tries this numeric address; ends in connect(), next_address() or end().
    virtual void open(const std::string& address) = 0;

    /// The MQTT login succeeded.
    virtual void on_login(MqttClient& client, const ServerLimits& limits) = 0;

    /// It failed; the client is already gone.
    virtual void on_login_failed(const ConnectFailure& failure) = 0;

    /// The event for this end.
    [[nodiscard]] virtual EventBody end_event(PrinterDown failure) const = 0;

    /// Continues with the next address, or ends with this failure if it was the last.
    void next_address(PrinterDown why);

    /// Creates a client and connects it; on_login() or on_login_failed() follows.
    void connect(const MqttOptions& options);

    /// Gets the certificate; `answer` runs on the link thread.
    void probe(ProbeTarget target, std::function<void(const expected<PeerCertificate, Error>&)> answer);

    /// Ends as unreachable with this text unless the current step ends within `limit`: until the next call of
    /// expect_within() or until the connection is up.
    void expect_within(std::chrono::seconds limit, std::string text);

    /// Any thread: reports that the connection is up. No effect after the end.
    void push_up_event(EventBody event);

    /// Any thread: queues an event of a connection that has not ended. Events before push_up_event() (a
    /// broker may send retained messages before it confirms the last subscription) are queued right after it,
    /// up to a limit, because the peer determines how long the connection takes to come up.
    void push_event(EventBody event);

    /// Any thread: ends with one event.
    void end(PrinterDown failure);

    /// Link thread: true if it has ended or was dropped.
    [[nodiscard]] bool over();

    [[nodiscard]] LinkServices& services() const;
    [[nodiscard]] const std::string& address() const;

  private:
    void on_connected(const ServerLimits& limits) final;
    void on_connect_failed(ConnectFailure failure) final;
    void on_lost(std::string_view reason, int code) final;

    void resolve();
    void use(const expected<Addresses, Error>& addresses);
    void close();
    [[nodiscard]] std::shared_ptr<MqttClient> current_client();
    void post(std::function<void(LinkConnection&)> step);

    const std::size_t target_;
    const std::string host_;
    EventQueue& events_;
    LinkServices& services_;

    Addresses addresses_;    // link thread only, as all until step_
    std::size_t next_ = 0;   // the address after the current one
    TlsProbe::Id probe_ = 0; // 0: none running
    unsigned step_ = 0;      // counts expect_within()

    Mutex mutex_;
    std::shared_ptr<MqttClient> client_ GUARDED_BY(mutex_); // changed on the link thread only
    bool up_ GUARDED_BY(mutex_) = false;
    bool over_ GUARDED_BY(mutex_) = false;
    std::vector<EventBody> held_ GUARDED_BY(mutex_); // received before the connection was up
    std::size_t held_bytes_ GUARDED_BY(mutex_) = 0;  // of the messages in held_
};

} // namespace bambu2mqtt
