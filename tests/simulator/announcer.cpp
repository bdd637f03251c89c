#include "simulator/announcer.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace bambu2mqtt::simulator {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> model_codes{{
    {"X1C", "BL-P001"},
    {"X1", "BL-P002"},
    {"X1E", "C13"},
    {"P1P", "C11"},
    {"P1S", "C12"},
    {"A1MINI", "N1"},
    {"A1", "N2S"},
    {"P2S", "N7"},
    {"H2S", "O1S"},
    {"H2D", "O1D"},
    {"H2DPRO", "O1E"},
    {"H2C", "O1C"},
    {"X2D", "N6"},
    {"A2L", "N9"},
}};

in_addr parse(const std::string& address) {
    in_addr result{};
    const bool fine = ::inet_pton(AF_INET, address.c_str(), &result) == 1;
    const auto first = ntohl(result.s_addr) >> 24U;
    if (!fine || (first != 127 && (first < 224 || first > 239)))
        throw std::runtime_error{"announcements stay on loopback, not " + address};
    return result;
}

} // namespace

std::string notify_text(const Notify& notify) {
    const auto location = notify.address.empty() ? "" : "Location: " + notify.address + "\r\n";
    return fmt::format("NOTIFY * HTTP/1.1\r\n"
                       "HOST: 239.255.255.250:1900\r\n"
                       "Server: UPnP/1.0\r\n"
                       "{}"
                       "NT: urn:bambulab-com:device:3dprinter:1\r\n"
                       "USN: {}\r\n"
                       "Cache-Control: max-age=1800\r\n"
                       "DevModel.bambu.com: {}\r\n"
                       "DevName.bambu.com: {}\r\n"
                       "DevSignal.bambu.com: -44\r\n"
                       "DevConnect.bambu.com: {}\r\n"
                       "DevBind.bambu.com: {}\r\n"
                       "Devseclink.bambu.com: secure\r\n"
                       "DevVersion.bambu.com: {}\r\n"
                       "DevCap.bambu.com: 1\r\n"
                       "\r\n",
                       location, notify.serial, notify.model_code, notify.name, notify.connect, notify.bind,
                       notify.firmware);
}

std::string model_code_of(const std::string& model) {
    const auto* const row = std::ranges::find(model_codes, std::string_view{model},
                                              [](const auto& known) { return known.first; });
    return row == model_codes.end() ? model : std::string{row->second};
}

void send_datagram(const std::string& address, std::uint16_t port, const std::string& bytes) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr = parse(address);
    const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        throw std::runtime_error{std::string{"no socket: "} + std::strerror(errno)};
    in_addr loopback{};
    loopback.s_addr = htonl(INADDR_LOOPBACK);
    const unsigned char hops = 0; // not routed beyond this machine
    ::setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_IF, &loopback, sizeof loopback);
    ::setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_TTL, &hops, sizeof hops);
    const auto sent = ::sendto(descriptor, bytes.data(), bytes.size(), 0,
                               reinterpret_cast<const sockaddr*>(&to), sizeof to);
    const std::string why = sent < 0 ? std::strerror(errno) : "";
    ::close(descriptor);
    if (sent < 0)
        throw std::runtime_error{"datagram to " + address + ": " + why};
}

Announcer::Announcer(AnnouncerOptions options, std::vector<Notify> printers) : options_{std::move(options)} {
    for (auto& printer : printers)
        printers_.push_back({.notify = std::move(printer)});
    static_cast<void>(parse(options_.address));
    thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

void Announcer::change(std::size_t index, Notify notify) {
    {
        const std::lock_guard lock{mutex_};
        printers_.at(index).notify = std::move(notify);
    }
    announce();
}

void Announcer::move(std::size_t index, const std::string& address) {
    auto moved = notify(index);
    moved.address = address;
    change(index, std::move(moved));
}

void Announcer::set_silent(std::size_t index, bool silent) {
    const std::lock_guard lock{mutex_};
    printers_.at(index).silent = silent;
}

void Announcer::announce() {
    const std::lock_guard lock{mutex_};
    send_all();
}

Notify Announcer::notify(std::size_t index) const {
    const std::lock_guard lock{mutex_};
    return printers_.at(index).notify;
}

void Announcer::run(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    while (!stop.stop_requested()) {
        send_all();
        wake_.wait_for(lock, stop, options_.interval, [] { return false; });
    }
}

/// Send errors without a listener are ignored.
void Announcer::send_all() const {
    for (const auto& member : printers_) {
        for (const auto port : options_.ports) {
            if (!member.silent)
                send_datagram(options_.address, port, notify_text(member.notify));
        }
    }
}

} // namespace bambu2mqtt::simulator
