// A connection under test.
#pragma once

#include <bambu2mqtt/gateway/connection.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <utility>

namespace bambu2mqtt::test {

using namespace std::chrono_literals;

inline constexpr auto all_families = std::array{Family::unknown, Family::a1, Family::p1, Family::x1,
                                                Family::p2,      Family::x2, Family::h2, Family::a2};

/// A connection under test with its clock and its requests.
struct Line {
    Family family = Family::x1;
    Connection connection{1, AddressBook{"printer.lan"}};
    Instant now = Instant{} + 1000h;
    ConnectionActions actions{};

    explicit Line(Family kind) : family(kind) { connection.start(now, actions); }

    void up() { connection.up(now, family, actions); }

    void down(LinkFailure failure = LinkFailure::lost) {
        connection.down(PrinterDown{.failure = failure, .detail = "it broke"}, now);
    }

    void report(Extent extent = Extent::full) { connection.report(extent, now, family, actions); }

    /// Up, and the full state received.
    void live() {
        up();
        report();
        (void)taken();
    }

    void tick() { connection.tick(now, family, actions); }

    /// Moves the clock from deadline to deadline, handling what is due.
    void pass(std::chrono::milliseconds time) {
        const auto until = now + time;
        while (now < until) {
            now = std::min(connection.deadline().value_or(until), until);
            tick();
            const auto next = connection.deadline();
            REQUIRE((!next || *next > now)); // otherwise it would wake up in a loop
        }
    }

    ConnectionActions taken() { return std::exchange(actions, {}); }

    [[nodiscard]] std::chrono::milliseconds wait() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(connection.deadline().value_or(now) -
                                                                     now);
    }

    [[nodiscard]] ConnectionState state() const { return connection.state(); }
};

inline std::size_t count(const ConnectionActions& actions, ConnectionAction action) {
    return static_cast<std::size_t>(std::ranges::count(actions, action));
}

} // namespace bambu2mqtt::test
