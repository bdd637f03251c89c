#include <bambu2mqtt/gateway/deadline_queue.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <optional>
#include <utility>

using namespace bambu2mqtt;
using namespace std::chrono_literals;

TEST_SUITE("gateway/deadline_queue") {
    TEST_CASE("the member with the earliest deadline is first, until it has none") {
        const Instant start{10s};
        DeadlineQueue queue{2};
        CHECK_FALSE(queue.first());
        queue.set(0, start + 2s);
        queue.set(1, start + 1s);
        CHECK(queue.first() == std::optional{std::pair{start + 1s, std::size_t{1}}});
        queue.set(1, std::nullopt);
        CHECK(queue.first() == std::optional{std::pair{start + 2s, std::size_t{0}}});
    }

    TEST_CASE("members that are always due take turns, and one that becomes due waits for one of each") {
        const Instant now{10s};
        DeadlineQueue queue{3};
        const auto turn = [&] {
            const auto member = queue.first().value().second;
            queue.set(member, Instant{}); // it still has something, as from the beginning of time
            queue.served(member, now);
            return member;
        };
        queue.set(0, Instant{});
        queue.set(1, Instant{});
        CHECK(turn() == 0);
        CHECK(turn() == 1);
        CHECK(turn() == 0);
        queue.set(0, std::nullopt);
        queue.set(0, Instant{}); // its turn is not forgotten
        queue.set(2, now);
        CHECK(turn() == 2);
        CHECK(turn() == 1);
        CHECK(turn() == 0);
        CHECK(turn() == 2);
    }

    TEST_CASE("a deadline after the turn stays as it is") {
        const Instant now{10s};
        DeadlineQueue queue{1};
        queue.set(0, now);
        queue.served(0, now + 1s);
        CHECK(queue.first()->first == now + 1s);
        queue.set(0, now + 5s);
        CHECK(queue.first()->first == now + 5s);
    }
}
