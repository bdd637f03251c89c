#include <bambu2mqtt/base/address.hpp>
#include <bambu2mqtt/base/ascii.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace bambu2mqtt {

namespace {

constexpr std::string_view host_name_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
constexpr std::string_view ipv6_letters = // with an optional zone: fe80::1%eth0
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:%";

bool is_host_name(std::string_view text) {
    return !text.empty() && text.find_first_not_of(host_name_letters) == std::string_view::npos;
}

bool is_ipv6_address(std::string_view text) {
    return std::ranges::count(text, ':') >= 2 &&
           text.find_first_not_of(ipv6_letters) == std::string_view::npos;
}

/// ":PORT", without the colon more than once.
std::optional<std::uint16_t> port_after_colon(std::string_view text) {
    std::uint16_t port = 0;
    const auto* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + 1, end, port);
    const bool whole = text.front() == ':' && parsed.ec == std::errc{} && parsed.ptr == end;
    return whole && port > 0 ? std::optional{port} : std::nullopt;
}

} // namespace

std::optional<std::string> read_host(std::string_view text) {
    const auto host = trimmed(text);
    return is_host_name(host) || is_ipv6_address(host) ? std::optional{std::string{host}} : std::nullopt;
}

std::optional<ListenAddress> read_listen_address(std::string_view text) {
    const bool bracketed = text.starts_with('[');
    const auto end = bracketed ? text.find(']') : text.rfind(':');
    if (end == std::string_view::npos || (bracketed && end + 1 == text.size())) {
        return std::nullopt;
    }
    const std::string host{bracketed ? text.substr(1, end - 1) : text.substr(0, end)};
    in6_addr address{};
    const auto port = port_after_colon(text.substr(bracketed ? end + 1 : end));
    if (!port || inet_pton(bracketed ? AF_INET6 : AF_INET, host.c_str(), &address) != 1) {
        return std::nullopt;
    }
    return ListenAddress{.host = host, .port = *port};
}

std::optional<BrokerAddress> read_broker_url(std::string_view url) {
    const bool tls = url.starts_with("mqtts://");
    if (!tls && !url.starts_with("mqtt://")) {
        return std::nullopt;
    }
    url.remove_prefix(url.find("://") + 3);
    if (url.ends_with('/')) {
        url.remove_suffix(1);
    }
    const bool bracketed = url.starts_with('[');
    const auto end = url.find(bracketed ? ']' : ':');
    if (bracketed && end == std::string_view::npos) {
        return std::nullopt;
    }
    const auto host = bracketed ? url.substr(1, end - 1) : url.substr(0, end);
    const auto rest = url.substr(std::min(host.size() + (bracketed ? 2 : 0), url.size()));
    const auto port = rest.empty() ? std::optional{tls ? std::uint16_t{8883} : std::uint16_t{1883}}
                                   : port_after_colon(rest);
    if (!port || !(bracketed ? is_ipv6_address(host) : is_host_name(host))) {
        return std::nullopt;
    }
    return BrokerAddress{.tls = tls, .host = std::string{host}, .port = *port};
}

} // namespace bambu2mqtt
