#include "io/mqtt/packet_limit.hpp"

#include "io/mqtt/packet_framing.hpp"
#include "io/mqtt/paho_calls.hpp"
#include <bambu2mqtt/io/thread/guard.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <map>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

class PacketWatch {
  public:
    explicit PacketWatch(PacketBounds given) : bounds(given) {}

    void refuse(RefusedPacket packet) {
        const MutexLock lock(mutex_);
        refused_ = packet;
    }

    [[nodiscard]] std::optional<RefusedPacket> refused() const {
        const MutexLock lock(mutex_);
        return refused_;
    }

    const PacketBounds bounds;

  private:
    mutable Mutex mutex_;
    std::optional<RefusedPacket> refused_ GUARDED_BY(mutex_);
};

namespace {

/// Family, address and port of a peer as bytes; empty for other families.
[[nodiscard]] std::string endpoint_key(const sockaddr* peer, socklen_t size) {
    const auto bytes = [](int family, const void* address, std::size_t length, in_port_t port) {
        std::string key(sizeof port + 1 + length, static_cast<char>(family));
        std::memcpy(key.data() + 1, &port, sizeof port);
        std::memcpy(key.data() + 1 + sizeof port, address, length);
        return key;
    };
    if (peer == nullptr || size < sizeof(sa_family_t)) {
        return {};
    }
    if (peer->sa_family == AF_INET && size >= sizeof(sockaddr_in)) {
        sockaddr_in v4{};
        std::memcpy(&v4, peer, sizeof v4);
        return bytes(AF_INET, &v4.sin_addr, sizeof v4.sin_addr, v4.sin_port);
    }
    if (peer->sa_family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, peer, sizeof v6);
        return bytes(AF_INET6, &v6.sin6_addr, sizeof v6.sin6_addr, v6.sin6_port);
    }
    return {};
}

/// Only the port, for hosts that are resolved by the library.
[[nodiscard]] std::string port_key(std::uint16_t port) {
    return "port " + std::to_string(port);
}

/// The same for the peer of a connection; empty for other families.
[[nodiscard]] std::string port_key(const sockaddr* peer, socklen_t size) {
    if (endpoint_key(peer, size).empty()) {
        return {};
    }
    in_port_t port = 0; // at the same place in both families
    static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
    std::memcpy(&port, reinterpret_cast<const char*>(peer) + offsetof(sockaddr_in, sin_port), sizeof port);
    return port_key(ntohs(port));
}

/// The key for "SCHEME://HOST:PORT": of the endpoint where the host is an address, of the port where it is a
/// name. Empty where that is not its form.
[[nodiscard]] std::string uri_key(std::string_view uri) {
    const auto scheme = uri.find("://");
    const auto colon = uri.rfind(':');
    if (scheme == std::string_view::npos || colon == std::string_view::npos || colon < scheme + 3) {
        return {};
    }
    std::string address(uri.substr(scheme + 3, colon - scheme - 3));
    std::uint16_t port = 0;
    const std::string_view digits = uri.substr(colon + 1);
    if (std::from_chars(digits.data(), digits.data() + digits.size(), port).ptr !=
            digits.data() + digits.size() ||
        digits.empty() || address.empty()) {
        return {};
    }
    sockaddr_in v4{};
    if (inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        return endpoint_key(reinterpret_cast<const sockaddr*>(&v4), sizeof v4);
    }
    if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
        address = address.substr(1, address.size() - 2);
        address = address.substr(0, address.find('%'));
    }
    sockaddr_in6 v6{};
    if (inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        return endpoint_key(reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
    }
    return port_key(port);
}

/// The limits of endpoints, and the framing of their connections, by descriptor.
class WatchedConnections {
  public:
    void watch(std::string endpoint, const std::shared_ptr<PacketWatch>& watch) {
        const MutexLock lock(mutex_);
        std::erase_if(endpoints_, [](const auto& entry) { return entry.second.expired(); });
        endpoints_[std::move(endpoint)] = watch;
    }

    /// A descriptor connects: earlier data on it belongs to another connection.
    void connects(int descriptor, const sockaddr* peer, socklen_t size) {
        const MutexLock lock(mutex_);
        forget(descriptor);
        auto watch = watch_of(endpoint_key(peer, size));
        if (watch == nullptr) {
            watch = watch_of(port_key(peer, size));
        }
        if (watch == nullptr || descriptor < 0) {
            return;
        }
        const auto index = static_cast<std::size_t>(descriptor);
        if (connections_.size() <= index) {
            connections_.resize(index + 1);
        }
        connections_[index].emplace(Connection{PacketFraming(watch->bounds), watch});
    }

    void closes(int descriptor) {
        const MutexLock lock(mutex_);
        forget(descriptor);
    }

    /// True if the received data may be passed to the library.
    [[nodiscard]] bool takes(int descriptor, void* bytes, std::size_t count) {
        const MutexLock lock(mutex_);
        const auto index = static_cast<std::size_t>(descriptor);
        if (descriptor < 0 || index >= connections_.size() || !connections_[index]) {
            return true;
        }
        Connection& connection = *connections_[index];
        const auto refused = connection.framing.take({static_cast<unsigned char*>(bytes), count});
        if (refused) {
            connection.watch->refuse(*refused);
        }
        return !refused;
    }

  private:
    struct Connection {
        PacketFraming framing;
        std::shared_ptr<PacketWatch> watch;
    };

    [[nodiscard]] std::shared_ptr<PacketWatch> watch_of(const std::string& key) const REQUIRES(mutex_) {
        const auto found = endpoints_.find(key);
        return found == endpoints_.end() ? nullptr : found->second.lock();
    }

    void forget(int descriptor) REQUIRES(mutex_) {
        const auto index = static_cast<std::size_t>(descriptor);
        if (descriptor >= 0 && index < connections_.size()) {
            connections_[index].reset();
        }
    }

    Mutex mutex_;
    std::map<std::string, std::weak_ptr<PacketWatch>> endpoints_ GUARDED_BY(mutex_);
    std::vector<std::optional<Connection>> connections_ GUARDED_BY(mutex_); ///< by descriptor
};

/// Never destroyed: close() is called until the very end of the process.
[[nodiscard]] WatchedConnections& watched_connections() {
    static auto* const all = new WatchedConnections;
    return *all;
}

[[nodiscard]] std::string size_text(std::uint64_t bytes) {
    constexpr std::uint64_t mebibyte = 1024 * 1024;
    return bytes % mebibyte == 0 ? fmt::format("{} MiB", bytes / mebibyte) : fmt::format("{} bytes", bytes);
}

} // namespace

bool packets_are_limited() noexcept {
#ifdef BAMBU2MQTT_PACKET_LIMIT
    return true;
#else
    return false;
#endif
}

std::shared_ptr<PacketWatch> limit_packets(const std::string& uri, const PacketBounds& bounds) {
    auto key = uri_key(uri);
    if (key.empty() || !packets_are_limited()) {
        return nullptr;
    }
    auto watch = std::make_shared<PacketWatch>(bounds);
    watched_connections().watch(std::move(key), watch);
    return watch;
}

std::optional<std::string> refused_packet(const PacketWatch* watch) {
    const auto refused = watch == nullptr ? std::nullopt : watch->refused();
    if (!refused) {
        return std::nullopt;
    }
    switch (refused->why) {
    case RefusedPacket::Why::size:
        return fmt::format("an MQTT packet of {} bytes arrived, at most {} are read", refused->size,
                           size_text(refused->largest));
    case RefusedPacket::Why::length:
        return "an MQTT packet with a malformed length arrived";
    case RefusedPacket::Why::qos:
        return fmt::format("an MQTT message with QoS {} arrived, at most {} was asked for",
                           (refused->first >> 1) & 3, watch->bounds.highest_qos);
    case RefusedPacket::Why::kind:
        return fmt::format("an MQTT packet of kind {} arrived, which no server sends here",
                           refused->first >> 4);
    }
    return std::nullopt;
}

} // namespace bambu2mqtt

#ifdef BAMBU2MQTT_PACKET_LIMIT
// The names are the linker's: --wrap=NAME turns calls of NAME into calls of __wrap_NAME, and makes NAME
// itself available as __real_NAME. They must be in the object that defines limit_packets(): only that is
// certainly linked before Paho.
extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier)
int __real_connect(int descriptor, const sockaddr* peer, socklen_t size);
ssize_t __real_recv(int descriptor, void* into, std::size_t most, int flags);
int __real_SSL_read(SSL* ssl, void* into, int most);
int __real_close(int descriptor);

int __wrap_connect(int descriptor, const sockaddr* peer, socklen_t size);
ssize_t __wrap_recv(int descriptor, void* into, std::size_t most, int flags);
int __wrap_SSL_read(SSL* ssl, void* into, int most);
int __wrap_close(int descriptor);

int __wrap_connect(int descriptor, const sockaddr* peer, socklen_t size) {
    // Without the limit the connection is refused.
    if (!bambu2mqtt::guard("bound of a connection",
                           [&] { bambu2mqtt::watched_connections().connects(descriptor, peer, size); })) {
        errno = ENOMEM;
        return -1;
    }
    const int result = __real_connect(descriptor, peer, size);
    const int error = errno;
    bambu2mqtt::polled_socket_opened(descriptor);
    errno = error;
    return result;
}

ssize_t __wrap_recv(int descriptor, void* into, std::size_t most, int flags) {
    const ssize_t count = __real_recv(descriptor, into, most, flags);
    if (count > 0 &&
        !bambu2mqtt::watched_connections().takes(descriptor, into, static_cast<std::size_t>(count))) {
        errno = EMSGSIZE;
        return -1;
    }
    return count;
}

// After -1 here SSL_get_error() returns SSL_ERROR_SYSCALL, since the previous read succeeded.
int __wrap_SSL_read(SSL* ssl, void* into, int most) {
    const int count = __real_SSL_read(ssl, into, most);
    if (count > 0 &&
        !bambu2mqtt::watched_connections().takes(SSL_get_fd(ssl), into, static_cast<std::size_t>(count))) {
        errno = EMSGSIZE;
        return -1;
    }
    return count;
}

int __wrap_close(int descriptor) {
    bambu2mqtt::watched_connections().closes(descriptor);
    bambu2mqtt::polled_socket_closes(descriptor);
    return __real_close(descriptor);
}

// NOLINTEND(bugprone-reserved-identifier)

} // extern "C"
#endif
