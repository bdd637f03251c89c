// The UDP sockets that receive printers' announcements. Knows ports, interfaces and datagrams; not which
// printers matter, nor threads.
#pragma once

#include <bambu2mqtt/base/unique_fd.hpp>
#include <bambu2mqtt/printer/ssdp_announcement.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct pollfd;

namespace bambu2mqtt {

/// Address and ports to listen on.
struct SsdpEndpoints {
    std::string address = "0.0.0.0"; ///< local IPv4 address; only this one receives broadcasts and multicast
    std::vector<std::uint16_t> ports{broadcast_announcements, multicast_announcements}; ///< empty: none
    /// Addresses of the interfaces on which the multicast group is joined; nothing: all that can, except
    /// loopback. For tests.
    std::optional<std::vector<std::string>> interfaces{};
};

/// "ADDRESS:PORT[,PORT]..." or "off"; nothing for other text.
[[nodiscard]] std::optional<SsdpEndpoints> parse_ssdp_endpoints(std::string_view text);

/// The endpoints in the environment variable BAMBU2MQTT_ANNOUNCEMENTS (parse_ssdp_endpoints()), else all of
/// the machine: for tests, which must use loopback only. Invalid text counts as "off".
[[nodiscard]] SsdpEndpoints ssdp_endpoints();

/// Shares its ports with other programs of the machine that do the same (SO_REUSEADDR, SO_REUSEPORT).
class SsdpSockets {
  public:
    using Complaint = std::function<void(const std::string&)>;
    using Take = std::function<void(PrinterNotice)>;

    /// Opens nothing yet.
    explicit SsdpSockets(SsdpEndpoints endpoints);

    /// Opens ports that are not open, and joins the group on new interfaces. `complain` is called once for
    /// each port that cannot be opened. To be called periodically: interfaces change.
    void refresh(const Complaint& complain);

    /// Number of configured ports, and of open ones.
    [[nodiscard]] std::size_t endpoints() const noexcept { return sockets_.size(); }

    [[nodiscard]] std::size_t open() const;

    /// Appends one entry per open port to wait for reading.
    void append(std::vector<pollfd>& waiting) const;

    /// Reads received datagrams, at most 64 of each port, and passes on announcements with an address. One
    /// without an address has its sender's; one with a loopback address is accepted from loopback only. Never
    /// waits.
    void receive(const Take& take);

  private:
    struct Socket {
        std::uint16_t port = 0;
        UniqueFd descriptor{}; ///< not valid: not open
        bool complained = false;
    };

    void open_socket(Socket& socket, const Complaint& complain) const;
    void join(int descriptor) const;

    SsdpEndpoints endpoints_;
    std::vector<Socket> sockets_;
};

} // namespace bambu2mqtt
