#include "support/http_client.hpp"

#include "support/eventually.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

namespace bambu2mqtt::test_support {

HttpClient::HttpClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        const int problem = errno;
        ::close(socket_);
        throw std::system_error(problem, std::generic_category(), "connect");
    }
}

HttpClient::~HttpClient() {
    ::close(socket_);
}

bool HttpClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::optional<std::string> HttpClient::read_all(std::chrono::milliseconds deadline) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + deadline;
    std::string all;
    std::array<char, 4096> buffer{};
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
        pollfd waited{socket_, POLLIN, 0};
        if (left <= 0 || ::poll(&waited, 1, static_cast<int>(left)) <= 0) {
            return std::nullopt;
        }
        const auto size = ::recv(socket_, buffer.data(), buffer.size(), 0);
        if (size <= 0) {
            return all; // closed, or reset
        }
        all.append(buffer.data(), static_cast<std::size_t>(size));
    }
}

HttpReply http_request(std::uint16_t port, std::string_view path, std::string_view method) {
    HttpReply reply;
    try {
        HttpClient client(port);
        client.send(std::string{method} + " " + std::string{path} + " HTTP/1.1\r\nHost: test\r\n\r\n");
        const auto all = client.read_all(test_timeout).value_or("");
        const auto end = all.find("\r\n\r\n");
        if (end == std::string::npos || !all.starts_with("HTTP/1.1 ")) {
            return reply;
        }
        std::from_chars(all.data() + 9, all.data() + all.size(), reply.status);
        reply.head = all.substr(0, end);
        reply.body = all.substr(end + 4);
    } catch (const std::system_error&) {
        reply.status = 0;
    }
    return reply;
}

} // namespace bambu2mqtt::test_support
