#include "gateway/printer_event_queue.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace bambu2mqtt::test {

namespace {

PrinterEvent event_of(std::string_view type) {
    return PrinterEvent{.type = type, .time = WallTime{std::chrono::seconds{1'769'850'000}}};
}

/// The topics of all messages, each given out once.
std::vector<std::string> topics_in_order(PrinterEventQueue& queue) {
    std::vector<std::string> topics;
    while (const auto* const queued = queue.next()) {
        topics.push_back(queued->topic);
    }
    return topics;
}

} // namespace

TEST_SUITE("gateway/printer_event_queue") {
    TEST_CASE("each event is two messages, one for all types and one for its own") {
        PrinterEventQueue queue;
        CHECK_FALSE(queue.waiting());
        queue.add({event_of("print_started"), event_of("print_paused")});
        CHECK(queue.waiting());
        CHECK(topics_in_order(queue) ==
              std::vector<std::string>{"event", "event/print_started", "event", "event/print_paused"});
        CHECK_FALSE(queue.waiting());
    }

    TEST_CASE("a message is kept until it is delivered, and sent again in a new broker session") {
        PrinterEventQueue queue;
        queue.add({event_of("print_started")});
        const auto first = queue.next()->number;
        const auto second = queue.next()->number;
        CHECK(first != second);
        CHECK(queue.delivered(first));
        CHECK_FALSE(queue.delivered(first));
        queue.resend();
        CHECK(queue.next()->number == second);
        CHECK(queue.delivered(second));
        queue.resend();
        CHECK(queue.next() == nullptr);
    }

    TEST_CASE("the oldest messages are dropped beyond the limit") {
        PrinterEventQueue queue;
        queue.add({event_of("print_started")});
        for (std::size_t i = 0; i < PrinterEventQueue::most_messages / 2; ++i) {
            queue.add({event_of("print_paused")});
        }
        const auto topics = topics_in_order(queue);
        CHECK(topics.size() == PrinterEventQueue::most_messages);
        CHECK(std::ranges::find(topics, "event/print_started") == topics.end());
    }

    TEST_CASE("saved events are restored, whether they were in flight or not") {
        PrinterEventQueue earlier;
        earlier.add({event_of("print_started")});
        const std::string payload = earlier.next()->payload;
        PrinterEventQueue later;
        later.restore(earlier.save());
        const auto* const queued = later.next();
        REQUIRE(queued != nullptr);
        CHECK(queued->topic == "event");
        CHECK(queued->payload == payload);
    }

    TEST_CASE("saved content of another form is skipped") {
        PrinterEventQueue queue;
        queue.restore(Json("text"));
        queue.restore(Json{{{"topic", "command"}, {"payload", "{}"}},
                           {{"topic", "event"}, {"payload", ""}},
                           {{"topic", "event"}},
                           5});
        CHECK_FALSE(queue.waiting());
    }
}

} // namespace bambu2mqtt::test
