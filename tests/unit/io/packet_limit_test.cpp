// The bound on packets for every form of URI: it holds for the connection that is really made.
#include "io/mqtt/packet_limit.hpp"

#include <doctest/doctest.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

namespace bambu2mqtt {

namespace {

/// A listening socket on loopback and one connection to it.
class LoopbackPair {
  public:
    explicit LoopbackPair(int family) : listener_(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        auto* const peer = reinterpret_cast<sockaddr*>(&address_);
        if (family == AF_INET) {
            size_ = sizeof(sockaddr_in);
            auto& v4 = reinterpret_cast<sockaddr_in&>(address_);
            v4.sin_family = AF_INET;
            v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        } else {
            size_ = sizeof(sockaddr_in6);
            auto& v6 = reinterpret_cast<sockaddr_in6&>(address_);
            v6.sin6_family = AF_INET6;
            v6.sin6_addr = in6addr_loopback;
        }
        usable_ = bind(listener_, peer, size_) == 0 && listen(listener_, 1) == 0 &&
                  getsockname(listener_, peer, &size_) == 0;
    }

    LoopbackPair(const LoopbackPair&) = delete;
    LoopbackPair& operator=(const LoopbackPair&) = delete;

    ~LoopbackPair() {
        for (const int descriptor : {client_, server_, listener_}) {
            if (descriptor >= 0) {
                close(descriptor);
            }
        }
    }

    [[nodiscard]] bool usable() const { return usable_; }

    [[nodiscard]] std::uint16_t port() const {
        return ntohs(reinterpret_cast<const sockaddr_in&>(address_).sin_port); // the same place in both
    }

    void connect_client() {
        client_ = socket(address_.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        REQUIRE(connect(client_, reinterpret_cast<const sockaddr*>(&address_), size_) == 0);
        server_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        REQUIRE(server_ >= 0);
    }

    /// What recv() gives for these bytes: their number, or minus the error.
    ssize_t pass(const std::string& bytes) {
        REQUIRE(send(server_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
        std::array<char, 64> into{};
        const auto count = recv(client_, into.data(), into.size(), 0);
        return count < 0 ? -errno : count;
    }

  private:
    sockaddr_storage address_{};
    socklen_t size_ = 0;
    int listener_;
    int client_ = -1;
    int server_ = -1;
    bool usable_ = false;
};

const std::string too_large("\x30\xFF\xFF\xFF\x7F", 5);

} // namespace

TEST_CASE("packets are limited for addresses of both families, and for names") {
    if (!packets_are_limited()) {
        MESSAGE("not run: this build has no packet limit");
        return;
    }

    struct Case {
        int family;
        std::string host;
    };

    for (const Case& one :
         {Case{AF_INET, "127.0.0.1"}, Case{AF_INET, "localhost"}, Case{AF_INET, "broker.lan"},
          Case{AF_INET6, "[::1]"}, Case{AF_INET6, "[::1%lo]"}, Case{AF_INET6, "localhost"}}) {
        CAPTURE(one.host);
        LoopbackPair pair{one.family};
        if (!pair.usable()) {
            MESSAGE("not run: there is no IPv6 here");
            continue;
        }
        const auto uri = "ssl://" + one.host + ":" + std::to_string(pair.port());
        const auto watch = limit_packets(uri, {.largest = 1024});
        REQUIRE(watch != nullptr);
        pair.connect_client();
        CHECK(pair.pass(std::string("\x30\x02\x00\x00", 4)) == 4);
        CHECK_FALSE(refused_packet(watch.get()).has_value());
        CHECK(pair.pass(too_large) == -EMSGSIZE);
        CHECK(refused_packet(watch.get()).value_or("") ==
              "an MQTT packet of 268435455 bytes arrived, at most 1024 bytes are read");
    }
}

TEST_CASE("an address has its own limit beside a name with the same port") {
    if (!packets_are_limited()) {
        MESSAGE("not run: this build has no packet limit");
        return;
    }
    LoopbackPair pair{AF_INET};
    REQUIRE(pair.usable());
    const auto port = std::to_string(pair.port());
    const auto by_address = limit_packets("tcp://127.0.0.1:" + port, {.highest_qos = 0});
    const auto by_name = limit_packets("ssl://broker.lan:" + port, {.highest_qos = 1});
    pair.connect_client();
    CHECK(pair.pass("\x32") == -EMSGSIZE);
    CHECK(refused_packet(by_address.get()).value_or("") ==
          "an MQTT message with QoS 1 arrived, at most 0 was asked for");
    CHECK_FALSE(refused_packet(by_name.get()).has_value());
}

TEST_CASE("other connections are not limited, and a malformed URI has no limit") {
    LoopbackPair pair{AF_INET};
    REQUIRE(pair.usable());
    const auto watch = limit_packets("ssl://broker.lan:1", {});
    pair.connect_client();
    CHECK(pair.pass(too_large) == 5);
    for (const auto* const uri : {"", "ssl://", "ssl://host", "ssl://host:", "ssl://host:x", "ssl://:1"}) {
        CAPTURE(uri);
        CHECK(limit_packets(uri, {}) == nullptr);
    }
}

} // namespace bambu2mqtt
