// poll() by epoll: the same answers as the kernel's poll() while sockets come, go and change their numbers'
// owner.
#include "io/mqtt/socket_poll.hpp"

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <random>
#include <string_view>
#include <vector>

namespace bambu2mqtt {
namespace {

constexpr short reading = POLLIN | POLLNVAL;

struct Pair {
    Pair() {
        std::array<int, 2> ends{};
        REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
        own = UniqueFd(ends[0]);
        other = UniqueFd(ends[1]);
    }

    void send() const { REQUIRE(write(other.get(), "x", 1) == 1); }

    void receive() const {
        char byte{};
        REQUIRE(read(own.get(), &byte, 1) == 1);
    }

    UniqueFd own;
    UniqueFd other;
};

using Pairs = std::vector<std::unique_ptr<Pair>>;

Pairs pairs(SocketPoll& poll, std::size_t count) {
    Pairs result;
    for (std::size_t i = 0; i < count; ++i) {
        result.push_back(std::make_unique<Pair>());
        poll.opened(result.back()->own.get());
    }
    return result;
}

/// Makes the number of the first socket that of the second one, too.
void take_number(Pair& pair, const UniqueFd& socket) {
    const int number = pair.own.get();
    REQUIRE(dup2(socket.get(), number) == number);
}

std::vector<pollfd> sockets_of(const Pairs& all, short events) {
    std::vector<pollfd> sockets;
    for (const auto& pair : all) {
        sockets.push_back({.fd = pair->own.get(), .events = events, .revents = 0});
    }
    return sockets;
}

std::vector<short> flags(const std::vector<pollfd>& sockets) {
    std::vector<short> result;
    for (const auto& socket : sockets) {
        result.push_back(socket.revents);
    }
    return result;
}

/// The answer, after comparing it with the kernel's.
std::vector<short> answer(SocketPoll& poll, const Pairs& all) {
    auto own = sockets_of(all, reading);
    auto kernel = own;
    const int count = poll.poll(own, 0);
    const timespec at_once{};
    CHECK(count == ::ppoll(kernel.data(), kernel.size(), &at_once, nullptr)); // poll() may be redirected
    CHECK(flags(own) == flags(kernel));
    return flags(own);
}

} // namespace

TEST_CASE("what arrived is reported until it was read") {
    SocketPoll poll;
    const auto all = pairs(poll, 40);
    CHECK(answer(poll, all) == std::vector<short>(40));
    all[3]->send();
    all[39]->send();
    CHECK(answer(poll, all)[3] == POLLIN);
    CHECK(answer(poll, all)[39] == POLLIN);
    all[3]->receive();
    CHECK(answer(poll, all)[3] == 0);
    CHECK(answer(poll, all)[39] == POLLIN);
}

TEST_CASE("the end of a connection is reported") {
    SocketPoll poll;
    const auto all = pairs(poll, 20);
    CHECK(answer(poll, all)[7] == 0);
    all[7]->other.reset();
    CHECK((answer(poll, all)[7] & POLLHUP) != 0);
}

TEST_CASE("another socket with the number of a closed one is watched") {
    SocketPoll poll;
    auto all = pairs(poll, 20);
    all[5]->send();
    CHECK(answer(poll, all)[5] == POLLIN);
    const Pair fresh;
    poll.closes(all[5]->own.get());
    take_number(*all[5], fresh.own);
    poll.opened(all[5]->own.get());
    CHECK(answer(poll, all)[5] == 0);
    fresh.send();
    CHECK(answer(poll, all)[5] == POLLIN);
}

TEST_CASE("what another thread opens with the number of a closed socket is not watched") {
    SocketPoll poll;
    auto all = pairs(poll, 20);
    CHECK(answer(poll, all) == std::vector<short>(20));
    const Pair foreign;
    foreign.send();
    for (const bool polled_between : {true, false}) {
        poll.closes(all[5]->own.get());
        auto sockets = sockets_of(all, reading); // as Paho's copy, which still has it
        if (polled_between) {
            CHECK(poll.poll(sockets, 0) == 0);
        }
        take_number(*all[5], foreign.own);
        CHECK(poll.poll(sockets, 0) == 0);
        CHECK(flags(sockets) == std::vector<short>(20));
        poll.opened(all[5]->own.get());
        CHECK(answer(poll, all)[5] == POLLIN);
    }
}

TEST_CASE("a socket that does not connect yet is not reported") {
    SocketPoll poll;
    auto all = pairs(poll, 20);
    all.push_back(std::make_unique<Pair>());
    all.back()->send();
    auto sockets = sockets_of(all, reading);
    CHECK(poll.poll(sockets, 0) == 0);
    poll.opened(all.back()->own.get());
    CHECK(answer(poll, all)[20] == POLLIN);
}

TEST_CASE("sockets that come, go, move, send and read: always the kernel's answer") {
    SocketPoll poll;
    Pairs all = pairs(poll, 30);
    std::minstd_rand random{4}; // NOLINT(cert-msc32-c,cert-msc51-cpp)
    for (int step = 0; step < 3000; ++step) {
        const auto place = random() % all.size();
        switch (random() % 6) {
        case 0:
            if (all.size() > 20) {
                poll.closes(all[place]->own.get());
                all.erase(all.begin() + static_cast<std::ptrdiff_t>(place));
            }
            break;
        case 1:
            if (all.size() < 200) {
                all.insert(all.begin() + static_cast<std::ptrdiff_t>(place), std::make_unique<Pair>());
                poll.opened(all[place]->own.get());
            }
            break;
        case 2:
            std::swap(all[place], all.back());
            break;
        case 3:
            all[place]->other.reset();
            break;
        default:
            if (all[place]->other.get() >= 0) {
                all[place]->send();
            }
            break;
        }
        (void)answer(poll, all);
    }
}

TEST_CASE("a socket that was writable counts as writable until it changes") {
    SocketPoll poll;
    auto all = pairs(poll, 20);
    auto sockets = sockets_of(all, POLLOUT);
    CHECK(poll.poll(sockets, 0) == 20);
    CHECK(poll.poll(sockets, 0) == 20);
    CHECK(sockets[19].revents == POLLOUT);

    // A connection that is not complete: full, as a socket pair cannot be otherwise unwritable.
    const int number = all[2]->own.get();
    const std::string_view block = "0123456789abcdef0123456789abcdef";
    while (send(number, block.data(), block.size(), MSG_DONTWAIT) > 0) {
    }
    poll.opened(number);
    CHECK(poll.poll(sockets, 0) == 19);
    CHECK(sockets[2].revents == 0);

    // What was sent is read: it is complete.
    std::array<char, 4096> bytes{};
    while (recv(all[2]->other.get(), bytes.data(), bytes.size(), MSG_DONTWAIT) > 0) {
    }
    CHECK(poll.poll(sockets, 0) == 20);
    CHECK(sockets[2].revents == POLLOUT);
}

} // namespace bambu2mqtt
