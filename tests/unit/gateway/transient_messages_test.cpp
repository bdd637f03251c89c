#include "gateway/transient_messages.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace bambu2mqtt::test {

TEST_SUITE("gateway/transient_messages") {
    TEST_CASE("messages come out in order and are not retained") {
        const Instant now{std::chrono::hours{1}};
        TransientMessages queue;
        CHECK_FALSE(queue.due());
        CHECK_FALSE(queue.next(now));
        queue.add(Message{"a", "1"});
        queue.add(Message{"b", "2"});
        CHECK(queue.due());
        CHECK(queue.next(now) == Message{"a", "1", false});
        CHECK(queue.due() == now);
        CHECK(queue.next(now) == Message{"b", "2", false});
        CHECK_FALSE(queue.due());
    }

    TEST_CASE("the oldest are dropped beyond the number") {
        TransientMessages queue;
        for (std::size_t i = 0; i <= TransientMessages::most_messages; ++i) {
            queue.add(Message{std::to_string(i), ""});
        }
        CHECK(queue.next({})->topic == "1");
    }

    TEST_CASE("the oldest are dropped beyond the bytes, but one message alone may be larger") {
        TransientMessages queue;
        queue.add(Message{"small", "1"});
        queue.add(Message{"large", std::string(TransientMessages::most_bytes + 1, 'x')});
        CHECK(queue.next({})->topic == "large");
        CHECK_FALSE(queue.next({}));
    }

    TEST_CASE("topics and correlation data count, and many printers share the bytes") {
        for (const std::size_t sharers : {1UL, 20UL}) {
            TransientMessages queue{sharers};
            for (int i = 0; i < 200; ++i) {
                queue.add(
                    Message{.topic = std::string(30'000, 't'), .correlation = std::string(30'000, 'c')});
            }
            std::size_t bytes = 0;
            while (const auto message = queue.next({})) {
                bytes += message->topic.size() + message->correlation.size();
            }
            CHECK(bytes > TransientMessages::most_bytes_of_all / 30);
            CHECK(bytes <=
                  std::min(TransientMessages::most_bytes, TransientMessages::most_bytes_of_all / sharers));
        }
    }

    TEST_CASE("what waits in another queue is taken over behind the own messages") {
        TransientMessages former;
        former.add(Message{"b", ""});
        TransientMessages queue;
        queue.add(Message{"a", ""});
        queue.take_over(former);
        CHECK_FALSE(former.due());
        CHECK(queue.next({})->topic == "a");
        CHECK(queue.next({})->topic == "b");
        queue.add(Message{"c", ""});
        queue.clear();
        CHECK_FALSE(queue.due());
    }
}

} // namespace bambu2mqtt::test
