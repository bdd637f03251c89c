// Waiting times before the next attempt: doubling, limited, and spread over many sessions.
#include <bambu2mqtt/gateway/backoff.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>

using namespace bambu2mqtt;
using namespace std::chrono_literals;

TEST_SUITE("gateway/backoff") {
    TEST_CASE("waits double from 1 s to 30 s, plus or minus a quarter") {
        constexpr std::array expected{1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000, 30000};
        for (unsigned seed = 1; seed <= 200; ++seed) {
            Backoff backoff{seed};
            for (const auto middle : expected) {
                const auto wait = backoff.next().count();
                CHECK(wait >= middle * 3 / 4);
                CHECK(wait <= middle * 5 / 4);
            }
        }
    }

    TEST_CASE("many sessions that start together do not reconnect together") {
        std::set<std::chrono::milliseconds> first;
        for (unsigned seed = 1; seed <= 100; ++seed) {
            // The first random numbers of neighbouring seeds are close; the spread still covers the whole
            // quarter.
            Backoff backoff{seed * 7919};
            first.insert(backoff.next());
        }
        CHECK(first.size() > 50);
        CHECK(*first.rbegin() - *first.begin() > 300ms);
    }

    TEST_CASE("after a success the next wait is short") {
        Backoff backoff{3};
        for (int i = 0; i < 10; ++i) {
            (void)backoff.next();
        }
        backoff.reset();
        CHECK(backoff.next() <= 1250ms);
        CHECK(backoff.next() <= 2500ms);
    }

    TEST_CASE("problems that need a person are retried about every five minutes, without end") {
        Backoff backoff{5};
        for (int i = 0; i < 1000; ++i) {
            const auto wait = backoff.slow();
            CHECK(wait >= 225s);
            CHECK(wait <= 375s);
        }
        CHECK(backoff.next() <= 1250ms);
    }
}
