#include "support/ports.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <stdexcept>

namespace bambu2mqtt::test_support {
namespace {

constexpr int lowest_port = 10'000;
constexpr int highest_port = 32'000; // ephemeral ports start at 32768

class Socket {
  public:
    explicit Socket(int type = SOCK_STREAM) : descriptor_{::socket(AF_INET, type | SOCK_CLOEXEC, 0)} {}

    ~Socket() { ::close(descriptor_); }

    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    [[nodiscard]] int descriptor() const { return descriptor_; }

  private:
    int descriptor_;
};

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

const sockaddr* generic(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

bool can_listen(int port) {
    const Socket socket;
    const int on = 1;
    ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const auto address = loopback(port);
    return ::bind(socket.descriptor(), generic(address), sizeof address) == 0 &&
           ::listen(socket.descriptor(), 1) == 0;
}

} // namespace

std::uint16_t free_ports(int count) {
    std::random_device random;
    std::uniform_int_distribution<int> first_port{lowest_port, highest_port - count};
    for (int attempt = 0; attempt < 200; ++attempt) {
        const int first = first_port(random);
        int free = 0;
        while (free < count && can_listen(first + free))
            ++free;
        if (free == count)
            return static_cast<std::uint16_t>(first);
    }
    throw std::runtime_error{"no block of " + std::to_string(count) + " free ports on 127.0.0.1"};
}

std::uint16_t free_port() {
    return free_ports(1);
}

std::uint16_t free_udp_port() {
    const Socket socket{SOCK_DGRAM};
    auto address = loopback(0);
    socklen_t length = sizeof address;
    if (::bind(socket.descriptor(), generic(address), sizeof address) != 0 ||
        ::getsockname(socket.descriptor(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
        throw std::runtime_error{"no free UDP port on 127.0.0.1"};
    return ntohs(address.sin_port);
}

bool accepts_connections(std::uint16_t port, const std::string& host) {
    const Socket socket;
    auto address = loopback(port);
    ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
    return ::connect(socket.descriptor(), generic(address), sizeof address) == 0;
}

bool raise_open_file_limit(std::uint64_t count) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return false;
    if (limit.rlim_cur >= count)
        return true;
    limit.rlim_cur = std::min<rlim_t>(count, limit.rlim_max);
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= count;
}

} // namespace bambu2mqtt::test_support
