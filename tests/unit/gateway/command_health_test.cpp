#include "gateway/command_health.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace bambu2mqtt::test {

using namespace std::chrono_literals;

TEST_SUITE("gateway/command_health") {
    TEST_CASE("a P1 has carried enough commands after four of them and 30 s of quiet") {
        const Instant now{1h};
        CommandHealth health;
        for (int i = 0; i < 3; ++i) {
            health.sent(now, Family::p1);
        }
        CHECK_FALSE(health.deadline());
        health.sent(now + 1s, Family::p1);
        CHECK(health.deadline() == now + 31s);
        health.tick(now + 30s, {});
        CHECK(health.reconnect_reason() == ReconnectReason::no);
        health.tick(now + 31s, {});
        CHECK(health.reconnect_reason() == ReconnectReason::command_budget);
        CHECK_FALSE(health.deadline());
    }

    TEST_CASE("other families carry any number of commands") {
        const Instant now{1h};
        CommandHealth health;
        for (int i = 0; i < 10; ++i) {
            health.sent(now, Family::x1);
        }
        health.tick(now + 1h, {});
        CHECK(health.reconnect_reason() == ReconnectReason::no);
    }

    TEST_CASE("a session is half open when reports come and the answer to a question does not") {
        const Instant now{1h};
        CommandHealth health;
        CHECK(health.unanswered(now));
        CHECK_FALSE(health.unanswered(now + 1s)); // it was asked already
        CHECK(health.deadline() == now + 10s);
        health.tick(now + 9s, now + 5s);
        CHECK(health.reconnect_reason() == ReconnectReason::no);
        health.tick(now + 10s, now + 5s);
        CHECK(health.reconnect_reason() == ReconnectReason::half_open);
        health.answered();
        CHECK(health.reconnect_reason() == ReconnectReason::no);
    }

    TEST_CASE("a printer that is silent altogether is not half open, nor is one that answers") {
        const Instant now{1h};
        CommandHealth silent;
        CHECK(silent.unanswered(now));
        silent.tick(now + 10s, now - 1s);
        CHECK(silent.reconnect_reason() == ReconnectReason::no);
        CommandHealth answers;
        CHECK(answers.unanswered(now));
        answers.answered();
        CHECK_FALSE(answers.deadline());
        answers.tick(now + 10s, now + 5s);
        CHECK(answers.reconnect_reason() == ReconnectReason::no);
    }
}

} // namespace bambu2mqtt::test
