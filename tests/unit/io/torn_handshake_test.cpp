// Certificate checks over connections that are cut at every byte of the handshake, with both versions of TLS,
// regularly and by a reset.
#include "support/eventually.hpp"
#include "support/fault_proxy.hpp"
#include "support/files.hpp"
#include "support/mosquitto.hpp"
#include "support/pki.hpp"
#include "support/proc.hpp"
#include "support/sanitizers.hpp"
#include <bambu2mqtt/io/thread/services.hpp>
#include <bambu2mqtt/io/tls/tls_probe.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {
namespace {

using namespace std::chrono_literals;
using test_support::Cut;
using test_support::FaultProxy;
using test_support::Faults;

/// A TLS port behind a proxy.
class Peer {
  public:
    explicit Peer(const std::string& version)
        : pki_{directory_ / "ca"}, leaf_{pki_.issue({.common_name = "01P00A000000001"}, "leaf")},
          broker_{
              {.directory = directory_ / "broker",
               .listeners = {{.certificate = leaf_.certificate, .key = leaf_.key, .tls_version = version}}}},
          network{broker_.port()} {}

    /// Results of concurrent checks through such proxies, one each.
    std::vector<expected<PeerCertificate, Error>> look(const std::deque<Faults>& faults) {
        const auto wanted = faults.size();
        network.behave_in_turn(faults);
        std::vector<expected<PeerCertificate, Error>> answers;
        std::mutex mutex;
        std::condition_variable more;
        for (std::size_t i = 0; i < wanted; ++i) {
            probe_.start({.address = "127.0.0.1", .port = network.port()},
                         [&](expected<PeerCertificate, Error> answer) {
                             const std::lock_guard lock{mutex};
                             answers.push_back(std::move(answer));
                             more.notify_one();
                         });
        }
        std::unique_lock lock{mutex};
        REQUIRE(more.wait_for(lock, test_support::test_timeout, [&] { return answers.size() == wanted; }));
        return answers;
    }

  private:
    test_support::TemporaryDirectory directory_;
    test_support::Pki pki_;
    test_support::Certificate leaf_;
    test_support::Mosquitto broker_;
    TlsProbe probe_;

  public:
    FaultProxy network; // destroyed first
};

bool is_clear(const Error& error) {
    constexpr std::string_view closed = "peer closed the connection during the handshake";
    return error.problem == Problem::unavailable &&
           (error.detail.find(closed) != std::string::npos || error.detail == "connection reset by peer");
}

/// How a handshake is cut: at which bytes, and how.
struct Tears {
    std::optional<std::size_t> Faults::*direction = nullptr;
    std::size_t end = 0;  ///< of the handshake, in bytes
    std::size_t step = 1; ///< distance between cuts, in bytes
    Cut how = Cut::rudely;
};

/// Connections cut at `count` positions from `first` on.
std::deque<Faults> torn(const Tears& tears, std::size_t first, std::size_t count) {
    std::deque<Faults> all;
    for (std::size_t i = 0; i < count; ++i) {
        Faults one{.cut = tears.how};
        one.*tears.direction = (first + i) * tears.step;
        all.push_back(one);
    }
    return all;
}

/// Cuts at every position; the minimum number of bytes to be covered.
std::size_t tear(Peer& peer, const Tears& tears) {
    constexpr std::size_t at_once = 64;
    const auto places = tears.end / tears.step;
    std::size_t failed = 0;
    for (std::size_t first = 0; first < places; first += at_once) {
        for (const auto& answer : peer.look(torn(tears, first, std::min(at_once, places - first)))) {
            failed += answer ? 0 : 1;
            CHECK_MESSAGE((answer || is_clear(answer.error())),
                          (answer ? std::string{} : answer.error().detail));
        }
    }
    return failed * tears.step;
}

} // namespace

TEST_CASE("a handshake cut off at any byte fails cleanly and leaves nothing open") {
    prepare_tls();
    std::string version;
    SUBCASE("TLS 1.2") {
        version = "tlsv1.2";
    }
    SUBCASE("TLS 1.3") {
        version = "tlsv1.3";
    }
    Peer peer{version};
    REQUIRE(peer.look({Faults{}}).front());
    (void)test_support::eventually(test_support::test_timeout, [&] { return peer.network.standing() == 0; });
    const auto whole = peer.network.last();
    REQUIRE(whole.sent > 200);
    REQUIRE(whole.received > 500);
    const auto before = test_support::descriptors_of("self");

    // Each byte for resets; a regular end takes the same code path, and a sanitizer is slow.
    for (const auto how : {Cut::politely, Cut::rudely}) {
        CAPTURE(how == Cut::politely);
        const std::size_t step = (how == Cut::politely ? 5 : 1) * (test_support::sanitized ? 11 : 1);
        // The ClientHello alone has more than 200 bytes, and the certificate follows it.
        CHECK(tear(peer, {&Faults::cut_after_sent, whole.sent, step, how}) > 200);
        CHECK(tear(peer, {&Faults::cut_after_received, whole.received, step, how}) > 500);
        REQUIRE(peer.look({Faults{}}).front());
    }
    CHECK(test_support::eventually(test_support::test_timeout, [&] { return peer.network.standing() == 0; }));
    CHECK(test_support::eventually(test_support::test_timeout,
                                   [&] { return test_support::descriptors_of("self") <= before; }));
}

} // namespace bambu2mqtt
