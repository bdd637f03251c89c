#include "io/disk/disk.hpp"
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/io/local/local_socket.hpp>
#include <bambu2mqtt/io/thread/guard.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <utility>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;

constexpr auto client_timeout = 2s;
constexpr auto answer_limit = 10s; // the gateway may be serving another client
constexpr std::size_t longest_request = 64;
constexpr std::size_t largest_answer = 4UL * 1024 * 1024;
constexpr int waiting_clients = 8;

/// Nothing for a path that does not fit.
[[nodiscard]] std::optional<sockaddr_un> unix_address(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto& text = path.native();
    if (text.empty() || text.size() >= sizeof address.sun_path) {
        return std::nullopt;
    }
    std::memcpy(address.sun_path, text.c_str(), text.size() + 1);
    return address;
}

[[nodiscard]] UniqueFd unix_socket() {
    return UniqueFd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
}

template <typename Call>
[[nodiscard]] bool with_address(const sockaddr_un& address, const Call& call) {
    return call(static_cast<const sockaddr*>(static_cast<const void*>(&address)),
                static_cast<socklen_t>(sizeof address)) == 0;
}

/// False at the deadline.
[[nodiscard]] bool wait_for(int descriptor, short events, Instant deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{descriptor, events, 0};
    return left.count() > 0 && ::poll(&waiting, 1, static_cast<int>(left.count())) > 0;
}

/// False when the peer has closed the connection, or at the deadline.
[[nodiscard]] bool send_all(int descriptor, std::string_view text, Instant deadline) {
    while (!text.empty()) {
        const auto count = ::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
        if (count > 0) {
            text.remove_prefix(static_cast<std::size_t>(count));
        } else if ((errno != EAGAIN && errno != EINTR) || !wait_for(descriptor, POLLOUT, deadline)) {
            return false;
        }
    }
    return true;
}

enum class Received : std::uint8_t { some, end, none };

/// Appends what arrives next; `none` at the deadline.
[[nodiscard]] Received receive_some(int descriptor, std::string& text, Instant deadline) {
    std::array<char, 4096> bytes{};
    for (;;) {
        const auto count = ::recv(descriptor, bytes.data(), bytes.size(), 0);
        if (count > 0) {
            text.append(bytes.data(), static_cast<std::size_t>(count));
            return Received::some;
        }
        if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
            return Received::end;
        }
        if (!wait_for(descriptor, POLLIN, deadline)) {
            return Received::none;
        }
    }
}

} // namespace

expected<std::unique_ptr<LocalSocket>, Error> LocalSocket::listen(const std::filesystem::path& path,
                                                                  Answer answer) {
    const auto address = unix_address(path);
    if (!address) {
        return failure(Problem::out_of_range, fmt::format("'{}' is too long for a socket", path.string()));
    }
    ::unlink(path.c_str());
    auto listener = unix_socket();
    // The mode of the socket before bind() is the mode of its file: at no time can others connect.
    const bool listens =
        listener.valid() && ::fchmod(listener.get(), S_IRUSR | S_IWUSR) == 0 &&
        with_address(*address, [&](const sockaddr* where,
                                   socklen_t size) { return ::bind(listener.get(), where, size); }) &&
        ::listen(listener.get(), waiting_clients) == 0;
    if (!listens) {
        return path_error("listen on", path, errno);
    }
    return std::unique_ptr<LocalSocket>{new LocalSocket(path, std::move(listener), std::move(answer))};
}

LocalSocket::LocalSocket(std::filesystem::path path, UniqueFd listener, Answer answer)
    : path_(std::move(path)), listener_(std::move(listener)), answer_(std::move(answer)),
      thread_(guarded_thread("local socket", [this] { run(); })) {}

LocalSocket::~LocalSocket() {
    stopping_ = true;
    wake_.notify();
    thread_.join();
    ::unlink(path_.c_str());
}

void LocalSocket::run() {
    while (!stopping_) {
        std::array<pollfd, 2> waiting{pollfd{listener_.get(), POLLIN, 0},
                                      pollfd{wake_.descriptor(), POLLIN, 0}};
        if (::poll(waiting.data(), waiting.size(), -1) <= 0 || waiting[0].revents == 0) {
            continue;
        }
        const UniqueFd client{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
        if (!client.valid()) {
            std::this_thread::sleep_for(100ms); // no descriptor is free: the client stays in the queue
            continue;
        }
        guard("local socket", [&] { serve(client); });
    }
}

void LocalSocket::serve(const UniqueFd& client) const {
    const auto deadline = std::chrono::steady_clock::now() + client_timeout;
    std::string request;
    while (request.find('\n') == std::string::npos) {
        if (request.size() > longest_request ||
            receive_some(client.get(), request, deadline) != Received::some) {
            return;
        }
    }
    const auto text = answer_(std::string_view{request}.substr(0, request.find('\n')));
    (void)send_all(client.get(), text, std::chrono::steady_clock::now() + client_timeout);
}

expected<std::string, Error> ask_local_socket(const std::filesystem::path& path, std::string_view request) {
    const auto address = unix_address(path);
    const auto server = unix_socket();
    if (!address || !server.valid() || !with_address(*address, [&](const sockaddr* where, socklen_t size) {
            return ::connect(server.get(), where, size);
        })) {
        return path_error("connect to", path, address ? errno : ENAMETOOLONG);
    }
    const auto deadline = std::chrono::steady_clock::now() + answer_limit;
    std::string text;
    auto received =
        send_all(server.get(), std::string{request} + "\n", deadline) ? Received::some : Received::none;
    while (received == Received::some && text.size() < largest_answer) {
        received = receive_some(server.get(), text, deadline);
    }
    return received == Received::end
               ? expected<std::string, Error>{std::move(text)}
               : failure(Problem::timed_out, fmt::format("'{}' does not answer", path.string()));
}

} // namespace bambu2mqtt
