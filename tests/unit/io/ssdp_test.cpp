// Announcements of printers as real datagrams on loopback: reception and handling.
#include "simulator/announcer.hpp"
#include "support/eventually.hpp"
#include "support/ports.hpp"
#include <bambu2mqtt/io/ssdp/ssdp_listener.hpp>
#include <bambu2mqtt/io/ssdp/ssdp_search.hpp>

#include <doctest/doctest.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;
using simulator::Notify;
using simulator::notify_text;
using simulator::send_datagram;
using test_support::free_udp_port;

constexpr const char* announced_serial = "01P00A000000001";

SsdpEndpoints door(std::uint16_t port) {
    return {.address = "127.0.0.1", .ports = {port}};
}

void no_complaint(const std::string& text) {
    FAIL_CHECK(text);
}

/// A listener and its events.
struct Listening {
    explicit Listening(SsdpEndpoints endpoints)
        : listener({{announced_serial, 3}, {"00M00A000000001", 4}}, std::move(endpoints), queue,
                   no_complaint) {}

    /// The address of the next announcement for this target; "" when there is none.
    [[nodiscard]] std::string next(std::size_t target = 3,
                                   std::chrono::milliseconds limit = test_support::test_timeout) {
        const auto event = queue.pop_until(std::chrono::steady_clock::now() + limit);
        if (!event) {
            return {};
        }
        CHECK(event->target == target);
        REQUIRE(std::holds_alternative<PrinterAnnounced>(event->body));
        return std::get<PrinterAnnounced>(event->body).address;
    }

    EventQueue queue;
    SsdpListener listener;
};

} // namespace

TEST_CASE("ssdp: announcements of configured printers arrive as events, and nothing else") {
    const auto port = free_udp_port();
    Listening listening{door(port)};
    send_datagram("127.0.0.1", port, "garbage");
    send_datagram("127.0.0.1", port, std::string(5000, 'x'));
    send_datagram("127.0.0.1", port, notify_text({.serial = "01P00A000000099", .address = "10.0.0.9"}));
    send_datagram("127.0.0.1", port, notify_text({.serial = announced_serial, .address = "10.0.0.5"}));
    CHECK(listening.next() == "10.0.0.5");
    send_datagram("127.0.0.1", port, notify_text({.serial = "00M00A000000001", .address = "10.0.0.6"}));
    CHECK(listening.next(4) == "10.0.0.6");
    // Without an address the sender's is used.
    send_datagram("127.0.0.1", port, notify_text({.serial = announced_serial}));
    CHECK(listening.next() == "127.0.0.1");
    CHECK(listening.next(3, 100ms).empty());
}

TEST_CASE("ssdp: other printers are followed without another listener") {
    const auto port = free_udp_port();
    Listening listening{door(port)};
    listening.listener.follow({{announced_serial, 3}, {"01P00A000000099", 7}});
    send_datagram("127.0.0.1", port, notify_text({.serial = "00M00A000000001", .address = "10.0.0.6"}));
    send_datagram("127.0.0.1", port, notify_text({.serial = announced_serial, .address = "10.0.0.5"}));
    CHECK(listening.next() == "10.0.0.5");
    send_datagram("127.0.0.1", port, notify_text({.serial = "01P00A000000099", .address = "10.0.0.9"}));
    CHECK(listening.next(7) == "10.0.0.9");
    // The same printer with another target is another one: nothing that was said of the former holds it back.
    listening.listener.follow({{"01P00A000000099", 8}});
    send_datagram("127.0.0.1", port, notify_text({.serial = "01P00A000000099", .address = "10.0.0.9"}));
    CHECK(listening.next(8) == "10.0.0.9");
}

TEST_CASE("ssdp: a flood from one printer becomes a few events") {
    const auto port = free_udp_port();
    Listening listening{door(port)};
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 2000; ++i) {
        const auto address = "10.0." + std::to_string(i / 250 + 1) + "." + std::to_string(i % 250 + 1);
        send_datagram("127.0.0.1", port, notify_text({.serial = announced_serial, .address = address}));
    }
    std::size_t events = 0;
    while (!listening.next(3, 500ms).empty()) {
        ++events;
    }
    const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    CHECK(events > 0);
    CHECK(static_cast<double>(events) <= 4 * (seconds / 3 + 1));
}

TEST_CASE("ssdp: two programs on one port receive the same multicast") {
    const auto port = free_udp_port();
    const SsdpEndpoints endpoints{
        .address = "0.0.0.0", .ports = {port}, .interfaces = std::vector<std::string>{"127.0.0.1"}};
    Listening first{endpoints};
    Listening second{endpoints};
    const auto text = notify_text({.serial = announced_serial, .address = "10.0.0.5"});
    send_datagram(std::string{announcement_group}, port, text);
    CHECK(first.next() == "10.0.0.5");
    CHECK(second.next() == "10.0.0.5");
}

TEST_CASE("ssdp: a port that cannot be opened is reported once and ignored") {
    const auto port = free_udp_port();
    const auto free = free_udp_port();
    const int other = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); // does not share its port
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(other, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);

    std::vector<std::string> complaints;
    SsdpSockets sockets{{.address = "127.0.0.1", .ports = {port, free}}};
    const auto complain = [&](const std::string& text) { complaints.push_back(text); };
    sockets.refresh(complain);
    sockets.refresh(complain);
    REQUIRE(complaints.size() == 1);
    CHECK(complaints[0].find(std::to_string(port)) != std::string::npos);
    CHECK(sockets.open() == 1);
    std::vector<PrinterNotice> received;
    send_datagram("127.0.0.1", free, notify_text({.serial = announced_serial, .address = "10.0.0.5"}));
    CHECK(test_support::eventually(test_support::test_timeout, [&] {
        sockets.receive([&](PrinterNotice notice) { received.push_back(std::move(notice)); });
        return !received.empty();
    }));
    ::close(other);
    sockets.refresh(complain);
    CHECK(sockets.open() == 2);
    CHECK(complaints.size() == 1);
}

TEST_CASE("ssdp: no port is opened without printers or ports") {
    EventQueue queue;
    const auto port = free_udp_port();
    const SsdpListener none{{}, door(port), queue, no_complaint};
    const SsdpListener nowhere{{{announced_serial, 0}}, {.ports = {}}, queue, no_complaint};
    SsdpSockets sockets{door(port)};
    sockets.refresh(no_complaint);
    CHECK(sockets.open() == 1);
}

TEST_CASE("ssdp: a search ends when it has found everything, or at its deadline") {
    const auto port = free_udp_port();
    const simulator::Announcer printers{{.ports = {port}, .interval = 50ms},
                                        {Notify{.serial = "00M00A000000001", .address = "10.0.0.6"},
                                         Notify{.serial = announced_serial, .address = "10.0.0.5"}}};
    std::string found;
    const auto begin = std::chrono::steady_clock::now();
    CHECK(search_printers(
        door(port), begin + 60s,
        [&](const PrinterNotice& notice) {
            found = notice.serial == announced_serial ? notice.address : found;
            return found.empty();
        },
        no_complaint));
    CHECK(found == "10.0.0.5");
    CHECK(std::chrono::steady_clock::now() - begin < 30s);

    std::size_t count = 0;
    const auto again = std::chrono::steady_clock::now();
    CHECK(search_printers(
        door(port), again + 300ms, [&](const PrinterNotice&) { return ++count > 0; }, no_complaint));
    CHECK(count >= 2);
    CHECK(std::chrono::steady_clock::now() - again >= 300ms);
    CHECK_FALSE(search_printers(
        {.ports = {}}, again + 60s, [](const PrinterNotice&) { return true; }, no_complaint));
}

TEST_CASE("ssdp: the gate passes each address every 3 s, and few addresses") {
    AnnouncementGate gate;
    const Instant begin = Instant{} + 1000h;
    CHECK(gate.pass("10.0.0.1", begin));
    CHECK_FALSE(gate.pass("10.0.0.1", begin + 2s));
    CHECK(gate.pass("10.0.0.2", begin + 2s));
    CHECK(gate.pass("10.0.0.3", begin + 2s));
    CHECK(gate.pass("10.0.0.4", begin + 2s));
    CHECK_FALSE(gate.pass("10.0.0.5", begin + 2s));
    CHECK(gate.pass("10.0.0.5", begin + 3s)); // replaces the first
    CHECK_FALSE(gate.pass("10.0.0.1", begin + 4s));
    CHECK(gate.pass("10.0.0.1", begin + 5s));
}

TEST_CASE("ssdp: endpoints set by tests") {
    const auto endpoints = parse_ssdp_endpoints("127.0.0.1:2021,1990");
    REQUIRE(endpoints.has_value());
    CHECK(endpoints->address == "127.0.0.1");
    CHECK(endpoints->ports == std::vector<std::uint16_t>{2021, 1990});
    REQUIRE(parse_ssdp_endpoints("off").has_value());
    CHECK(parse_ssdp_endpoints("off")->ports.empty());
    for (const auto* const text : {"", "2021", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:70000",
                                   "127.0.0.1:1,", "127.0.0.1:1,,2", "localhost:1", ":1", "127.0.0.1:1 "}) {
        CAPTURE(text);
        CHECK_FALSE(parse_ssdp_endpoints(text).has_value());
    }
    CHECK(SsdpEndpoints{}.ports == std::vector<std::uint16_t>{2021, 1990});
}

} // namespace bambu2mqtt
