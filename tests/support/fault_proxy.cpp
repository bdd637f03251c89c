#include "support/fault_proxy.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

namespace bambu2mqtt::test_support {
namespace {

using std::chrono::milliseconds;

/// At most this much of one direction is buffered: beyond it the sender is blocked as on a slow network.
constexpr std::size_t most_waiting = 64UL * 1024;
constexpr std::size_t piece_size = 16UL * 1024;
constexpr milliseconds longest_sleep{1000};

int connect_to(std::uint16_t port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // On loopback the kernel answers immediately, also without a listener.
    if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        ::close(descriptor);
        return -1;
    }
    return descriptor;
}

void set_up(int descriptor) {
    const int yes = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

void close_socket(int descriptor, Cut how) {
    if (how == Cut::rudely) {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    ::close(descriptor);
}

} // namespace

FaultProxy::FaultProxy(std::uint16_t server_port)
    : server_port_{server_port}, listener_{listen_anywhere(port_)},
      wake_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)}, thread_{[this] { run(); }} {}

FaultProxy::~FaultProxy() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake();
    thread_.join();
    for (auto& connection : connections_)
        close(connection, Cut::politely);
    ::close(listener_);
    ::close(wake_);
}

void FaultProxy::behave(const Faults& faults) {
    {
        const std::lock_guard lock{mutex_};
        faults_ = faults;
    }
    wake();
}

void FaultProxy::behave_in_turn(std::deque<Faults> faults) {
    const std::lock_guard lock{mutex_};
    in_turn_ = std::move(faults);
}

void FaultProxy::reset() {
    {
        const std::lock_guard lock{mutex_};
        for (auto& connection : connections_)
            close(connection, Cut::rudely);
        connections_.clear();
    }
    wake();
}

void FaultProxy::move_to(const std::string& address) {
    auto port = port_;
    const int listener = listen_on(address, port);
    {
        const std::lock_guard lock{mutex_};
        ::dup3(listener, listener_, O_CLOEXEC); // closes the old one
    }
    ::close(listener);
    reset();
}

std::size_t FaultProxy::taken() const {
    const std::lock_guard lock{mutex_};
    return taken_;
}

std::size_t FaultProxy::standing() const {
    const std::lock_guard lock{mutex_};
    return connections_.size();
}

std::size_t FaultProxy::most_standing() const {
    const std::lock_guard lock{mutex_};
    return most_standing_;
}

Passed FaultProxy::last() const {
    const std::lock_guard lock{mutex_};
    return last_;
}

Passed FaultProxy::all() const {
    const std::lock_guard lock{mutex_};
    return all_;
}

void FaultProxy::wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

void FaultProxy::run() {
    std::vector<pollfd> sockets;
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        sockets = {{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
        for (const auto& connection : connections_) {
            const bool passes = faults_of(connection).passes;
            for (const auto* way : {&connection.sent, &connection.received}) {
                if (passes && !way->ended && way->waiting_bytes < most_waiting)
                    sockets.push_back({way->from, POLLIN, 0});
                if (passes && !way->waiting.empty() && way->waiting.front().due <= Clock::now() &&
                    way->next <= Clock::now())
                    sockets.push_back({way->to, POLLOUT, 0});
            }
        }
        auto sleep = longest_sleep;
        if (const auto due = next_due())
            sleep = std::clamp(std::chrono::ceil<milliseconds>(*due - Clock::now()), milliseconds{0}, sleep);
        lock.unlock();
        ::poll(sockets.data(), sockets.size(), static_cast<int>(sleep.count()));
        std::uint64_t count = 0;
        [[maybe_unused]] const auto emptied = ::read(wake_, &count, sizeof count);
        lock.lock();
        if (sockets[1].revents != 0)
            take();
        move_all();
    }
}

void FaultProxy::move_all() {
    for (auto& connection : connections_)
        move(connection);
    connections_.remove_if([](const Connection& connection) { return connection.over; });
}

void FaultProxy::take() {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, 0) <= 0) // it was at another address when the client connected
        return;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0)
        return;
    ++taken_;
    move_all(); // a connection its client closed before this one is known to have ended
    const bool refuses = in_turn_.empty() ? faults_.refuses : in_turn_.front().refuses;
    const int server = refuses ? -1 : connect_to(server_port_);
    if (server < 0) {
        close_socket(client, refuses ? Cut::rudely : Cut::politely);
        return;
    }
    set_up(client);
    set_up(server);
    auto& connection = connections_.emplace_back();
    connection.sent = {.from = client, .to = server};
    connection.received = {.from = server, .to = client};
    if (!in_turn_.empty()) {
        connection.own = in_turn_.front();
        in_turn_.pop_front();
    }
    const auto open = std::ranges::count_if(connections_, [](const auto& one) { return !one.sent.ended; });
    most_standing_ = std::max(most_standing_, static_cast<std::size_t>(open));
}

const Faults& FaultProxy::faults_of(const Connection& connection) const {
    return connection.own ? *connection.own : faults_;
}

/// When the next delayed data may pass.
std::optional<FaultProxy::Clock::time_point> FaultProxy::next_due() const {
    std::optional<Clock::time_point> result;
    for (const auto& connection : connections_) {
        for (const auto* way : {&connection.sent, &connection.received}) {
            if (way->waiting.empty() || !faults_of(connection).passes)
                continue;
            const auto due = std::max(way->waiting.front().due, way->next);
            if (due > Clock::now())
                result = std::min(result.value_or(due), due);
        }
    }
    return result;
}

void FaultProxy::read(FieldPath& way, const Faults& faults) const {
    std::array<char, piece_size> bytes{};
    while (!way.ended && way.waiting_bytes < most_waiting) {
        const auto count = ::recv(way.from, bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (count < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (count <= 0) {
            way.ended = true;
            return;
        }
        const auto size = static_cast<std::size_t>(count);
        way.waiting.push_back({Clock::now() + faults.delay, std::string(bytes.data(), size)});
        way.waiting_bytes += size;
    }
}

/// False when the connection has to be cut now.
bool FaultProxy::pass(FieldPath& way, const Faults& faults, std::optional<std::size_t> cut_after) {
    if (cut_after && way.passed >= *cut_after)
        return false;
    while (!way.waiting.empty()) {
        auto& piece = way.waiting.front();
        const auto now = Clock::now();
        if (piece.due > now || (faults.bytes_per_second > 0 && way.next > now))
            return true;
        std::size_t size = piece.bytes.size();
        if (faults.bytes_per_second > 0)
            size = std::min(size, std::max(faults.bytes_per_second / 50, std::size_t{1}));
        if (cut_after)
            size = std::min(size, *cut_after - way.passed);
        const auto count = ::send(way.to, piece.bytes.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && (errno == EAGAIN || errno == EINTR))
            return true;
        if (count <= 0)
            return false;
        const auto gone = static_cast<std::size_t>(count);
        piece.bytes.erase(0, gone);
        way.waiting_bytes -= gone;
        way.passed += gone;
        if (piece.bytes.empty())
            way.waiting.pop_front();
        if (faults.bytes_per_second > 0)
            way.next = now + std::chrono::nanoseconds{1'000'000'000} * gone / faults.bytes_per_second;
        if (cut_after && way.passed >= *cut_after)
            return false;
    }
    return true;
}

void FaultProxy::move(Connection& connection) {
    const auto& faults = faults_of(connection);
    if (!faults.passes)
        return;
    read(connection.sent, faults);
    read(connection.received, faults);
    const bool is_open = pass(connection.sent, faults, faults.cut_after_sent) &&
                         pass(connection.received, faults, faults.cut_after_received);
    const auto through = [](const FieldPath& way) { return way.ended && way.waiting.empty(); };
    if (!is_open)
        close(connection, faults.cut);
    else if (through(connection.sent) || through(connection.received))
        close(connection, Cut::politely);
}

void FaultProxy::close(Connection& connection, Cut how) {
    if (connection.over)
        return;
    connection.over = true;
    close_socket(connection.sent.from, how);
    close_socket(connection.received.from, how);
    last_ = {.sent = connection.sent.passed, .received = connection.received.passed};
    all_.sent += last_.sent;
    all_.received += last_.received;
}

} // namespace bambu2mqtt::test_support
