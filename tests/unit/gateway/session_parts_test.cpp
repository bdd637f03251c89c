// Small parts of a session: the clock, saved content, retained commands.
#include "gateway/earliest_of.hpp"
#include "gateway/persistent_state.hpp"
#include "gateway/retained_commands.hpp"
#include "gateway/session_clock.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace bambu2mqtt::test {

using namespace std::chrono_literals;

TEST_SUITE("gateway/session_clock") {
    TEST_CASE("a minute has passed once in a minute, and the time is that since the last one") {
        const Now begin{Instant{1h}, WallTime{1'769'850'000s}};
        SessionClock clock;
        clock.start(begin);
        CHECK(clock.deadline() == begin.instant + 60s);
        CHECK_FALSE(clock.minute_passed({begin.instant + 59s, begin.wall + 59s}));
        CHECK(clock.minute_passed({begin.instant + 90s, begin.wall + 90s}) == 90s);
        CHECK_FALSE(clock.minute_passed({begin.instant + 149s, begin.wall + 149s}));
        CHECK(clock.minute_passed({begin.instant + 150s, begin.wall + 150s}) == 60s);
    }

    TEST_CASE("the clock was set when it moved against the steady one by two seconds") {
        const Now begin{Instant{1h}, WallTime{1'769'850'000s}};
        SessionClock clock;
        CHECK_FALSE(clock.was_set(begin)); // nothing to compare with
        CHECK_FALSE(clock.was_set({begin.instant + 10s, begin.wall + 11s}));
        CHECK(clock.was_set({begin.instant + 20s, begin.wall + 22s}));
        CHECK_FALSE(clock.was_set({begin.instant + 30s, begin.wall + 32s}));
        CHECK(clock.was_set({begin.instant + 40s, begin.wall - 3600s}));
    }
}

TEST_SUITE("gateway/persistent_state") {
    TEST_CASE("content is written when it is due and differs from what is on disk") {
        const Instant now{1h};
        PersistentState state;
        state.loaded("old");
        CHECK(state.content() == "old");
        CHECK_FALSE(state.take(now, [] { return std::string{"new"}; })); // nothing asked for it
        state.save_by(now + 5s);
        state.save_by(now + 10s);
        CHECK(state.due() == now + 5s);
        CHECK_FALSE(state.take(now + 4s, [] { return std::string{"new"}; }));
        CHECK(state.take(now + 5s, [] { return std::string{"new"}; }) == "new");
        CHECK(state.content() == "new");
        CHECK_FALSE(state.due());
        state.save_by(now + 6s);
        CHECK_FALSE(state.take(now + 6s, [] { return std::string{"new"}; }));
        CHECK_FALSE(state.due());
    }
}

TEST_SUITE("gateway/retained_commands") {
    TEST_CASE("our own clearing message is expected once if the broker does not mark retained messages") {
        RetainedCommands commands;
        commands.broker_up(false);
        CHECK(commands.begin_clearing("b/p1/command", 0));
        CHECK_FALSE(commands.is_own_clear(BrokerMessage{.topic = "b/p1/command", .payload = "{}"}));
        CHECK_FALSE(commands.is_own_clear(BrokerMessage{.topic = "b/p1/bed_target/set"}));
        CHECK(commands.is_own_clear(BrokerMessage{.topic = "b/p1/command"}));
        CHECK_FALSE(commands.is_own_clear(BrokerMessage{.topic = "b/p1/command"}));
    }

    TEST_CASE("it is not expected with MQTT 5, and no longer in a new broker session") {
        RetainedCommands commands;
        commands.broker_up(true);
        CHECK(commands.begin_clearing("b/p1/command", 0));
        CHECK_FALSE(commands.is_own_clear(BrokerMessage{.topic = "b/p1/command"}));
        commands.broker_up(false);
        CHECK(commands.begin_clearing("b/p1/command", 0));
        commands.broker_up(false);
        CHECK_FALSE(commands.is_own_clear(BrokerMessage{.topic = "b/p1/command"}));
    }
}

TEST_SUITE("gateway/earliest_of") {
    TEST_CASE("the first of moments that may not exist") {
        CHECK_FALSE(earliest_of({}));
        CHECK_FALSE(earliest_of({std::nullopt, std::nullopt}));
        CHECK(earliest_of({std::nullopt, Instant{2s}, Instant{1s}}) == Instant{1s});
    }
}

} // namespace bambu2mqtt::test
