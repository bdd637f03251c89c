#include <bambu2mqtt/io/ssdp/ssdp_sockets.hpp>

#include <fmt/format.h>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

namespace bambu2mqtt {

namespace {

constexpr const char* endpoints_variable = "BAMBU2MQTT_ANNOUNCEMENTS";
constexpr int most_datagrams = 64;

struct FreeInterfaces {
    void operator()(ifaddrs* list) const noexcept { freeifaddrs(list); }
};

[[nodiscard]] std::optional<in_addr> ipv4(const std::string& text) {
    in_addr address{};
    return inet_pton(AF_INET, text.c_str(), &address) == 1 ? std::optional{address} : std::nullopt;
}

[[nodiscard]] std::string to_text(in_addr address) {
    std::array<char, INET_ADDRSTRLEN> text{};
    return inet_ntop(AF_INET, &address, text.data(), text.size()) == nullptr ? std::string{} : text.data();
}

[[nodiscard]] bool is_loopback(in_addr address) {
    return (ntohl(address.s_addr) >> 24U) == IN_LOOPBACKNET;
}

/// Own IPv4 addresses of interfaces that are up and support multicast, except loopback.
[[nodiscard]] std::vector<std::string> multicast_interfaces() {
    std::vector<std::string> result;
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) {
        return result;
    }
    const std::unique_ptr<ifaddrs, FreeInterfaces> owner(list);
    for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
        const bool usable = entry->ifa_addr != nullptr && entry->ifa_addr->sa_family == AF_INET &&
                            (entry->ifa_flags & IFF_UP) != 0 && (entry->ifa_flags & IFF_MULTICAST) != 0 &&
                            (entry->ifa_flags & IFF_LOOPBACK) == 0;
        if (usable) {
            sockaddr_in address{};
            std::memcpy(&address, entry->ifa_addr, sizeof address);
            result.push_back(to_text(address.sin_addr));
        }
    }
    return result;
}

/// Checks the announcement against its sender.
[[nodiscard]] bool is_believable(PrinterNotice& announcement, in_addr sender) {
    if (announcement.address.empty()) {
        announcement.address = host_address(to_text(sender)).value_or(std::string{});
    }
    const auto address = ipv4(announcement.address);
    return address && (!is_loopback(*address) || is_loopback(sender));
}

} // namespace

std::optional<SsdpEndpoints> parse_ssdp_endpoints(std::string_view text) {
    if (text == "off") {
        return SsdpEndpoints{.ports = {}};
    }
    const auto colon = text.find(':');
    SsdpEndpoints endpoints{.address = std::string{text.substr(0, colon)}, .ports = {}};
    if (colon == std::string_view::npos || !ipv4(endpoints.address)) {
        return std::nullopt;
    }
    for (text.remove_prefix(colon); !text.empty();) {
        text.remove_prefix(1);
        const auto word = text.substr(0, text.find(','));
        std::uint16_t port = 0;
        const auto [rest, problem] = std::from_chars(word.data(), word.data() + word.size(), port);
        if (problem != std::errc{} || rest != word.data() + word.size() || port == 0) {
            return std::nullopt;
        }
        endpoints.ports.push_back(port);
        text.remove_prefix(word.size());
    }
    return endpoints;
}

SsdpEndpoints ssdp_endpoints() {
    const char* const text = std::getenv(endpoints_variable);
    if (text == nullptr || *text == '\0') {
        return {};
    }
    return parse_ssdp_endpoints(text).value_or(SsdpEndpoints{.ports = {}});
}

SsdpSockets::SsdpSockets(SsdpEndpoints endpoints) : endpoints_(std::move(endpoints)) {
    for (const auto port : endpoints_.ports) {
        sockets_.push_back(Socket{.port = port});
    }
}

void SsdpSockets::refresh(const Complaint& complain) {
    for (auto& socket : sockets_) {
        if (!socket.descriptor.valid()) {
            open_socket(socket, complain);
        }
        if (socket.descriptor.valid()) {
            join(socket.descriptor.get());
        }
    }
}

void SsdpSockets::open_socket(Socket& socket, const Complaint& complain) const {
    UniqueFd descriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(socket.port);
    address.sin_addr = ipv4(endpoints_.address).value_or(in_addr{});
    if (descriptor.valid()) {
        setsockopt(descriptor.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        setsockopt(descriptor.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    }
    if (descriptor.valid() &&
        bind(descriptor.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        socket.descriptor = std::move(descriptor);
        return;
    }
    const std::string why = std::strerror(errno);
    if (!std::exchange(socket.complained, true)) {
        complain(fmt::format("cannot listen on UDP port {}: {}", socket.port, why));
    }
}

/// An interface that is already joined gives EADDRINUSE, one that cannot be joined is skipped.
void SsdpSockets::join(int descriptor) const {
    if (endpoints_.address != "0.0.0.0") {
        return; // such a socket receives only its own address
    }
    for (const auto& interface : endpoints_.interfaces ? *endpoints_.interfaces : multicast_interfaces()) {
        ip_mreq membership{};
        membership.imr_multiaddr = *ipv4(std::string{announcement_group});
        membership.imr_interface = ipv4(interface).value_or(in_addr{});
        setsockopt(descriptor, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership);
    }
}

std::size_t SsdpSockets::open() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(sockets_, [](const Socket& socket) { return socket.descriptor.valid(); }));
}

void SsdpSockets::append(std::vector<pollfd>& waiting) const {
    for (const auto& socket : sockets_) {
        if (socket.descriptor.valid()) {
            waiting.push_back({socket.descriptor.get(), POLLIN, 0});
        }
    }
}

void SsdpSockets::receive(const Take& take) {
    std::array<char, longest_announcement + 1> bytes{};
    for (const auto& socket : sockets_) {
        for (int count = 0; socket.descriptor.valid() && count < most_datagrams; ++count) {
            sockaddr_in sender{};
            socklen_t length = sizeof sender;
            const auto size = recvfrom(socket.descriptor.get(), bytes.data(), bytes.size(), 0,
                                       reinterpret_cast<sockaddr*>(&sender), &length);
            if (size < 0) {
                break;
            }
            auto announcement =
                parse_announcement(std::string_view{bytes.data(), static_cast<std::size_t>(size)});
            if (announcement && is_believable(*announcement, sender.sin_addr)) {
                take(*std::move(announcement));
            }
        }
    }
}

} // namespace bambu2mqtt
