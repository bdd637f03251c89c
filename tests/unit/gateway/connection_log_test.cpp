#include "gateway/connection_log.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace bambu2mqtt::test {

using namespace std::chrono_literals;

namespace {

constexpr WallTime wall{1'769'850'000s};

/// A connection whose log is kept, moved from state to state.
struct LoggedConnection {
    Instant now{1h};
    ConnectionActions actions{};
    Connection connection{1, AddressBook{"printer.lan", "", false}};
    ConnectionLog log{"p1", "printer.lan"};

    LoggedConnection() { connection.start(now, actions); }

    void connect() {
        connection.up(now, Family::x1, actions);
        connection.report(Extent::full, now, Family::x1, actions);
    }

    void fail(LinkFailure failure, const std::string& detail = "refused") {
        connection.down(PrinterDown{.failure = failure, .detail = detail}, now);
    }

    /// The log line for the current state; empty: no line.
    std::string line() {
        (void)log.follow(connection, std::nullopt, wall);
        const auto line = log.line();
        return line ? line->text : std::string{};
    }
};

} // namespace

TEST_SUITE("gateway/connection_log") {
    TEST_CASE("what is shown changes only with state, error or hint") {
        LoggedConnection logged;
        logged.fail(LinkFailure::unreachable, "connection\nrefused");
        const auto first = logged.log.follow(logged.connection, wall - 60s, wall);
        REQUIRE(first);
        CHECK(first->state == "unreachable");
        CHECK(first->since == wall); // another state than before
        CHECK(first->error.find('\n') == std::string::npos);
        CHECK_FALSE(first->hint.empty());
        CHECK_FALSE(logged.log.follow(logged.connection, wall, wall + 60s));
        logged.fail(LinkFailure::unreachable, "no route");
        const auto second = logged.log.follow(logged.connection, wall, wall + 60s);
        REQUIRE(second);
        CHECK(second->since == wall); // the same state
        CHECK(second->error == "no route");
    }

    TEST_CASE("an outage is logged once when it begins and once when it ends") {
        LoggedConnection logged;
        logged.connect();
        CHECK(logged.line() == "connected");
        logged.fail(LinkFailure::lost, "broken pipe");
        CHECK(logged.line().starts_with("unreachable: broken pipe; "));
        logged.fail(LinkFailure::auth_refused);
        CHECK(logged.line().empty());
        logged.connect();
        CHECK(logged.line() == "connected again");
        logged.connection.pause(logged.actions);
        CHECK(logged.line() == "paused by a command");
    }

    TEST_CASE("a session closed by quit is not logged as paused, also where it was paused before") {
        LoggedConnection logged;
        logged.connect();
        CHECK(logged.line() == "connected");
        SUBCASE("while connected") {}
        SUBCASE("while paused") {
            logged.connection.pause(logged.actions);
            CHECK(logged.line() == "paused by a command");
        }
        logged.connection.quit(logged.actions);
        CHECK(logged.log.follow(logged.connection, std::nullopt, wall));
        CHECK(logged.line() == "closed by a command");
        CHECK_FALSE(logged.log.follow(logged.connection, std::nullopt, wall));
    }

    TEST_CASE("the fingerprint is shown while a certificate is not trusted") {
        LoggedConnection logged;
        logged.log.untrusted("AA:BB");
        logged.fail(LinkFailure::tls_untrusted);
        CHECK(logged.log.follow(logged.connection, std::nullopt, wall)->fingerprint == "AA:BB");
        logged.connect();
        CHECK(logged.log.follow(logged.connection, std::nullopt, wall)->fingerprint.empty());
    }

    TEST_CASE("the first connection is not a connection again, also after failed attempts") {
        LoggedConnection logged;
        logged.fail(LinkFailure::unreachable, "no route");
        CHECK_FALSE(logged.line().empty());
        logged.connect();
        CHECK(logged.line() == "connected");
    }

    TEST_CASE("another place is named in the line that says the printer is connected") {
        LoggedConnection logged;
        ConnectionLog log{"p1", "elsewhere.lan"};
        logged.connect();
        CHECK(log.moved(logged.connection));
        CHECK_FALSE(log.moved(logged.connection));
        CHECK_FALSE(log.place_line()); // not connected, as far as the log knows
        REQUIRE(log.follow(logged.connection, std::nullopt, wall));
        CHECK(log.line()->text == "connected, found at printer.lan");
    }

    TEST_CASE("while connected the place has a line of its own, once") {
        LoggedConnection logged;
        logged.connect();
        ConnectionLog log{"p1", "elsewhere.lan"};
        REQUIRE(log.follow(logged.connection, std::nullopt, wall));
        CHECK(log.line()->text == "connected");
        CHECK(log.moved(logged.connection));
        CHECK(log.place_line()->text == "found at printer.lan");
        CHECK_FALSE(log.place_line());
    }

    TEST_CASE("dropped reports are logged at most once an hour") {
        ConnectionLog log{"p1", "printer.lan"};
        CHECK(log.reports_lost(Instant{1h})->level == Level::warning);
        CHECK_FALSE(log.reports_lost(Instant{1h} + 59min));
        CHECK(log.reports_lost(Instant{2h}));
    }
}

} // namespace bambu2mqtt::test
