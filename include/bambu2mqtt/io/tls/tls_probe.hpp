// Gets the certificates of many peers concurrently, on one thread. Knows the deadlines; decides nothing.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>
#include <bambu2mqtt/io/thread/wake_up.hpp>
#include <bambu2mqtt/io/tls/tls_handshake.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace bambu2mqtt {

/// Any number of concurrent handshakes; a silent peer delays no other and is given up after `probe_deadline`.
class TlsProbe {
  public:
    using Id = std::uint64_t;
    using Callback = std::function<void(expected<PeerCertificate, Error>)>;

    TlsProbe();
    TlsProbe(const TlsProbe&) = delete;
    TlsProbe& operator=(const TlsProbe&) = delete;
    /// Cancels all handshakes; their answers are not called.
    ~TlsProbe();

    /// Calls `answer` exactly once from the probe's thread, unless cancelled. It must be quick; an escaping
    /// exception is logged. See TlsHandshake::step for its argument.
    Id start(ProbeTarget target, Callback callback);

    /// Cancels it; returns when its connection is closed and its answer can no longer be called. No effect if
    /// it has ended. Must not be called from an answer.
    void cancel(Id id);

  private:
    struct Probe {
        ProbeTarget target{};
        Callback callback{};
        Instant deadline{};
        std::unique_ptr<TlsHandshake> handshake{};
    };

    void run();
    [[nodiscard]] bool turn();
    [[nodiscard]] bool take_orders();
    void wait_for_sockets(std::vector<Id>& ready);
    template <typename Step>
    void attempt(Id id, const Step& step);
    void finish(Id id, expected<PeerCertificate, Error> result);

    WakeUp wake_;
    Mutex mutex_;
    ConditionVariable orders_done_;
    Id last_id_ GUARDED_BY(mutex_) = 0;
    std::map<Id, Probe> incoming_ GUARDED_BY(mutex_);
    std::vector<Id> cancelled_ GUARDED_BY(mutex_);
    bool stopping_ GUARDED_BY(mutex_) = false;
    std::map<Id, Probe> probes_; // used by the probe's thread only
    std::thread thread_;
};

/// Resolves `host`, tries its addresses in order and waits for the certificate: for the command `pin`.
/// `server_name` is sent as SNI; with `ca_file` the chain is verified against it.
[[nodiscard]] expected<PeerCertificate, Error> probe_certificate(const std::string& host, std::uint16_t port,
                                                                 const std::string& server_name,
                                                                 const std::filesystem::path& ca_file);

} // namespace bambu2mqtt
