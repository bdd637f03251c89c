// When sessions with the user's broker count as a success, and the reported problem when they do not last.
#include "unit/gateway/bridge_driver.hpp"
#include <bambu2mqtt/gateway/broker_watch.hpp>

namespace bambu2mqtt::test {

namespace {

/// A session of this duration that breaks; returns the following wait.
std::chrono::milliseconds session(BrokerWatch& watch, Instant& now, std::chrono::seconds standing) {
    watch.up(now);
    now += standing;
    const auto wait = watch.down(BrokerDown{"connection reset"}, now);
    now += wait;
    return wait;
}

} // namespace

TEST_SUITE("sessions with the broker") {
    TEST_CASE("only a session of at least a minute resets the wait") {
        BrokerWatch watch{7, "home"};
        auto now = Instant{} + 1000h;
        std::vector<std::chrono::milliseconds> waits;
        for (int i = 0; i < 6; ++i) {
            waits.push_back(session(watch, now, 59s));
        }
        CHECK(waits.front() <= 1250ms);
        CHECK(std::ranges::is_sorted(waits));
        CHECK(waits.back() >= 22500ms); // 30 s, up to a quarter less
        CHECK(session(watch, now, 60s) <= 1250ms);
    }

    TEST_CASE("the nodes of a cluster are tried in turn without a wait, the backoff is between rounds") {
        BrokerWatch watch{7, "home", 3};
        auto now = Instant{} + 1000h;
        const auto fails = [&] { return watch.down(BrokerDown{"connection refused"}, now); };
        CHECK(session(watch, now, 60s) <= 250ms); // one node died: the next
        CHECK(fails() <= 250ms);
        CHECK(fails() >= 750ms); // all three were tried
        CHECK(fails() <= 250ms);
        CHECK(fails() <= 250ms);
        const auto second_round = fails();
        CHECK(second_round >= 1500ms);
        CHECK(second_round <= 2500ms);
        // A session that lasted begins a new round; short ones do not, so that none follow each other
        // rapidly.
        CHECK(session(watch, now, 60s) <= 250ms);
        CHECK(session(watch, now, 2s) <= 250ms);
        CHECK(session(watch, now, 2s) >= 750ms);
        CHECK(session(watch, now, 2s) <= 250ms);
    }

    TEST_CASE("after three short sessions a second client with the same id is suspected, until one lasts") {
        BrokerWatch watch{7, "home"};
        auto now = Instant{} + 1000h;
        (void)session(watch, now, 2s);
        (void)session(watch, now, 2s);
        CHECK(watch.problem().empty());
        (void)session(watch, now, 2s);
        CHECK(watch.problem().find("another client seems to use the same client id 'home'") !=
              std::string::npos);
        watch.up(now);
        CHECK(watch.deadline() == now + 60s);
        CHECK_FALSE(watch.proven(now + 59s));
        CHECK_FALSE(watch.problem().empty());
        CHECK(watch.proven(now + 60s));
        CHECK(watch.problem().empty());
        CHECK_FALSE(watch.proven(now + 61s)); // only once
        CHECK_FALSE(watch.deadline().has_value());
    }

    TEST_CASE("a broker that is unreachable in between is not a second client") {
        BrokerWatch watch{7, "home"};
        auto now = Instant{} + 1000h;
        for (int i = 0; i < 5; ++i) {
            (void)session(watch, now, 2s);
            (void)watch.down(BrokerDown{"connection refused"}, now);
        }
        CHECK(watch.problem().empty());
        for (int i = 0; i < 3; ++i) {
            (void)session(watch, now, 2s);
        }
        CHECK_FALSE(watch.problem().empty());
        (void)watch.down(BrokerDown{"connection refused"}, now);
        CHECK(watch.problem().empty());
    }

    TEST_CASE(
        "a refused subscription is the reported problem, not a second client, also before the session") {
        BrokerWatch watch{7, "home"};
        auto now = Instant{} + 1000h;
        for (int i = 0; i < 4; ++i) {
            watch.up(now);
            now += 1s;
            (void)watch.down(
                BrokerDown{"the broker refused the subscription to 'b/+/command'", "b/+/command"}, now);
            CHECK(watch.problem() == "the broker refused the subscription to 'b/+/command'");
            (void)watch.down(BrokerDown{"connection refused"}, now);
            CHECK_FALSE(watch.problem().empty());
        }
        CHECK(watch.problem().find("client id") == std::string::npos);
        (void)watch.down(BrokerDown{"the broker refused the subscription to 'status'", "status"}, now);
        CHECK(watch.problem() == "the broker refused the subscription to 'status'");
    }

    TEST_CASE("a broker that ends sessions because of a packet's size is the reported problem, not a second "
              "client") {
        BrokerWatch watch{7, "home"};
        auto now = Instant{} + 1000h;
        for (int i = 0; i < 4; ++i) {
            watch.up(now);
            now += 1s;
            (void)watch.down({.detail = "the peer closed the connection: Packet too large", .reason = 0x95},
                             now);
            CAPTURE(watch.problem());
            CHECK(watch.problem().find("0x95, packet too large") != std::string::npos);
            CHECK(watch.problem().find("client id") == std::string::npos);
        }
        watch.up(now);
        now += 60s;
        CHECK(watch.proven(now));
        CHECK(watch.problem().empty());
        (void)watch.down({.detail = "the peer closed the connection"}, now);
        // Other reasons say nothing about messages.
        for (int i = 0; i < 3; ++i) {
            watch.up(now);
            now += 1s;
            (void)watch.down({.detail = "the peer closed the connection", .reason = 0x8e}, now);
        }
        CHECK(watch.problem().find("another client") != std::string::npos);
    }

    TEST_CASE(
        "bridge/health is published with the problem before the subscription that may be refused again") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.broker_down("the broker refused the subscription to 'b/+/command'", "b/+/command");
        driver.advance(5s);
        driver.broker_up();
        CHECK(driver.json("bambu2mqtt/bridge/health")["broker_problem"].dump().find("refused") !=
              std::string::npos);
        CHECK(driver.filters().empty());
        driver.advance(1s);
        CHECK(driver.filters().size() == 7);
        // A session that ends in between leaves no subscription for the next one.
        driver.broker_down("the broker refused the subscription to 'b/+/command'", "b/+/command");
        driver.broker_up();
        driver.broker_down("connection reset");
        driver.broker_connects();
        CHECK(driver.filters().size() == 2); // the wide ones
    }

    TEST_CASE("why there is no session is known from the first failure on, until there is one") {
        BridgeDriver driver;
        driver.start();
        CHECK(driver.bridge().broker_problem().empty());
        driver.broker_down("mqtt://nas:1883: the broker refused the user 'gateway'");
        CHECK(driver.bridge().broker_problem() == "mqtt://nas:1883: the broker refused the user 'gateway'");
        driver.advance(5s);
        driver.broker_up();
        CHECK(driver.bridge().broker_problem().empty());
        const auto logged = [&](std::string_view text) {
            return std::ranges::count_if(driver.notes(), [&](const LogLine& note) {
                return note.source == "broker" && note.text == text;
            });
        };
        CHECK(logged("connected") == 1); // for the first time
        CHECK(logged("connected again") == 0);
        driver.broker_down("connection reset");
        driver.advance(5s);
        driver.broker_up();
        CHECK(logged("connected again") == 1);
    }

    TEST_CASE("two gateways with one client id: waits grow, log and health report it until it ends") {
        BridgeDriver driver;
        driver.start();
        std::size_t rounds = 0;
        for (const auto until = driver.now().instant + 10min; driver.now().instant < until; ++rounds) {
            driver.broker_up();
            driver.advance(2s);
            driver.broker_down("the peer closed the connection: Session taken over");
            const auto asked = driver.broker_connects_asked();
            while (driver.broker_connects_asked() == asked) {
                driver.advance(1s);
            }
        }
        CHECK(rounds <= 30); // every 2 s it would be 200
        const auto logged = [&](std::string_view part) {
            return std::ranges::count_if(driver.notes(), [&](const LogLine& note) {
                return note.source == "broker" && note.text.find(part) != std::string::npos;
            });
        };
        CHECK(logged("another client seems to use the same client id 'bambu2mqtt'") == 1);
        CHECK(driver.count_notes(Level::warning, "broker") <= 4);
        driver.broker_up();
        driver.advance(1s);
        CHECK(driver.bridge().broker_problem().find("client id") != std::string::npos);
        CHECK(driver.json("bambu2mqtt/bridge/health")["broker_problem"].dump().find("client id") !=
              std::string::npos);
        driver.advance(61s);
        CHECK(driver.json("bambu2mqtt/bridge/health")["broker_problem"].is_null());
        CHECK(logged("the connection is stable again") == 1);
        // From now on an outage is logged again, and the wait is short.
        const auto asked = driver.broker_connects_asked();
        driver.broker_down();
        driver.advance(1300ms);
        CHECK(driver.broker_connects_asked() == asked + 1);
    }
}

} // namespace bambu2mqtt::test
