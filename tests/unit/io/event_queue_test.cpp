#include "support/eventually.hpp"
#include <bambu2mqtt/io/thread/event_queue.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;

[[nodiscard]] std::optional<Event> pop(EventQueue& queue) {
    return queue.pop_until(std::chrono::steady_clock::now());
}

/// "1:up": target and what it is, for a report its payload.
[[nodiscard]] std::string word(const Event& event) {
    std::string what = "other";
    if (std::holds_alternative<PrinterUp>(event.body)) {
        what = "up";
    } else if (std::holds_alternative<PrinterDown>(event.body)) {
        what = "down";
    } else if (std::holds_alternative<ReportsLost>(event.body)) {
        what = "lost";
    } else if (std::holds_alternative<Published>(event.body)) {
        what = "published";
    } else if (const auto* report = std::get_if<ReportArrived>(&event.body)) {
        what = report->payload;
    }
    return std::to_string(event.target) + ":" + what;
}

[[nodiscard]] std::vector<std::string> drain(EventQueue& queue) {
    std::vector<std::string> words;
    while (const auto event = pop(queue)) {
        words.push_back(word(*event));
    }
    return words;
}

bool push_report(EventQueue& queue, std::size_t target, std::string payload) {
    return queue.push({target, ReportArrived{std::move(payload)}});
}

} // namespace

TEST_CASE("events come out in the order in which they were pushed") {
    EventQueue queue;
    queue.push({1, PrinterUp{}});
    push_report(queue, 1, "a");
    queue.push({2, PrinterDown{}});
    CHECK(drain(queue) == std::vector<std::string>{"1:up", "1:a", "2:down"});
}

TEST_CASE("an empty queue returns nothing at the deadline, and not before") {
    EventQueue queue;
    const Instant deadline = std::chrono::steady_clock::now() + 30ms;
    CHECK_FALSE(queue.pop_until(deadline).has_value());
    CHECK(std::chrono::steady_clock::now() >= deadline);
}

TEST_CASE("a push wakes the waiting thread") {
    EventQueue queue;
    std::thread pusher([&queue] { queue.push({7, PrinterUp{}}); });
    const auto event = queue.pop_until(std::chrono::steady_clock::now() + test_support::test_timeout);
    pusher.join();
    REQUIRE(event.has_value());
    CHECK(word(*event) == "7:up");
}

TEST_CASE("an acknowledgement ends only a wait that asks for it, else it is returned at the deadline") {
    using enum EventQueue::Acknowledgements;
    EventQueue queue;
    const Instant deadline = std::chrono::steady_clock::now() + 50ms;
    std::thread pusher([&queue] {
        std::this_thread::sleep_for(5ms);
        queue.push({broker_target, Published{1}});
    });
    auto event = queue.pop_until(deadline, wait);
    pusher.join();
    CHECK(std::chrono::steady_clock::now() >= deadline);
    REQUIRE(event.has_value());
    CHECK(std::get<Published>(event->body).packet == 1);

    queue.push({broker_target, Published{2}});
    queue.push({1, PrinterUp{}});
    event = queue.pop_until(std::chrono::steady_clock::now() + test_support::test_timeout, wait);
    REQUIRE(event.has_value());
    CHECK(std::get<Published>(event->body).packet == 2);
    CHECK(drain(queue) == std::vector<std::string>{"1:up"});

    queue.push({broker_target, Published{3}});
    event = queue.pop_until(std::chrono::steady_clock::now() + test_support::test_timeout, wake);
    REQUIRE(event.has_value());
    CHECK(std::get<Published>(event->body).packet == 3);
}

TEST_CASE("a refused message ends every wait") {
    EventQueue queue;
    std::thread pusher([&queue] {
        std::this_thread::sleep_for(5ms);
        queue.push({broker_target, Published{1, 0x87}});
    });
    const Instant deadline = std::chrono::steady_clock::now() + test_support::test_timeout;
    const auto event = queue.pop_until(deadline, EventQueue::Acknowledgements::wait);
    pusher.join();
    REQUIRE(event.has_value());
    CHECK(std::get<Published>(event->body).reason == 0x87);
    CHECK(std::chrono::steady_clock::now() < deadline);
}

TEST_CASE("removing a connection removes its acknowledgements from the count") {
    EventQueue queue;
    queue.push({broker_target, Published{1}});
    queue.push({broker_target, Published{2}});
    queue.forget_connection(broker_target);
    CHECK_FALSE(queue.pop().has_value());
    queue.push({1, PrinterUp{}});
    const auto event = queue.pop_until(std::chrono::steady_clock::now() + test_support::test_timeout,
                                       EventQueue::Acknowledgements::wait);
    REQUIRE(event.has_value());
    CHECK(word(*event) == "1:up");
}

TEST_CASE("a flooding printer loses its own reports, with one log line, and delays no other printer") {
    EventQueue queue({.reports = 2});
    CHECK(push_report(queue, 1, "a"));
    CHECK(push_report(queue, 1, "b"));
    CHECK_FALSE(push_report(queue, 1, "c"));
    CHECK_FALSE(push_report(queue, 1, "d"));
    CHECK(push_report(queue, 2, "other"));
    CHECK(queue.push({1, PrinterDown{}}));
    CHECK(drain(queue) == std::vector<std::string>{"1:a", "1:b", "1:lost", "2:other", "1:down"});
}

TEST_CASE("a series of lost reports is reported once") {
    EventQueue queue({.reports = 2});
    push_report(queue, 1, "a");
    push_report(queue, 1, "b");
    push_report(queue, 1, "c");
    CHECK(word(*pop(queue)) == "1:a");
    CHECK(push_report(queue, 1, "d"));
    CHECK_FALSE(push_report(queue, 1, "e")); // the same series: not reported again
    CHECK(drain(queue) == std::vector<std::string>{"1:b", "1:lost", "1:d"});
    push_report(queue, 1, "f");
    push_report(queue, 1, "g");
    push_report(queue, 1, "h");
    CHECK(drain(queue) == std::vector<std::string>{"1:f", "1:g", "1:lost"});
}

TEST_CASE("losses after a report of lost reports are reported again, however long the flood is") {
    EventQueue queue({.reports = 2});
    for (const std::string text : {"a", "b", "c"}) {
        push_report(queue, 1, text);
    }
    CHECK(word(*pop(queue)) == "1:a");
    push_report(queue, 1, "d");
    CHECK(word(*pop(queue)) == "1:b");
    push_report(queue, 1, "e");
    CHECK(word(*pop(queue)) == "1:lost");
    CHECK_FALSE(push_report(queue, 1, "f"));
    CHECK(drain(queue) == std::vector<std::string>{"1:d", "1:e", "1:lost"});
}

TEST_CASE("events other than messages are never dropped") {
    EventQueue queue({.reports = 1, .report_bytes = 1, .broker_bytes = 1});
    for (int i = 0; i < 1000; ++i) {
        CHECK(queue.push({broker_target, Published{.packet = i}}));
        CHECK(queue.push({1, PrinterDown{}}));
    }
    CHECK(drain(queue).size() == 2000);
}

TEST_CASE("the reports of one printer are limited in bytes too, and others have their own limit") {
    EventQueue queue({.report_bytes = 10'000});
    CHECK(push_report(queue, 1, std::string(4000, 'a')));
    CHECK(push_report(queue, 1, std::string(4000, 'b')));
    CHECK_FALSE(push_report(queue, 1, std::string(4000, 'c')));
    CHECK(push_report(queue, 2, std::string(4000, 'd')));
    CHECK(drain(queue).size() == 4);                        // three reports, and that one was lost
    CHECK(push_report(queue, 1, std::string(20'000, 'e'))); // alone, so there is always progress
    CHECK_FALSE(push_report(queue, 1, "f"));
    CHECK(drain(queue).size() == 2);
    CHECK(push_report(queue, 1, "g"));
}

TEST_CASE("messages of the broker are limited in bytes, and one event counts those that were dropped") {
    EventQueue queue({.broker_bytes = 10'000});
    const auto send = [&](BrokerMessage message) { return queue.push({broker_target, std::move(message)}); };
    CHECK(send({.topic = "t", .payload = std::string(3000, ' ')}));
    CHECK(send(
        {.topic = "t", .response_topic = std::string(3000, 'r'), .correlation = std::string(3000, 'c')}));
    CHECK_FALSE(send({.topic = std::string(3000, 't')}));
    CHECK_FALSE(send({.topic = "t", .payload = std::string(3000, ' ')}));
    CHECK(queue.push({broker_target, Published{}}));
    CHECK(push_report(queue, 1, "others are not affected"));
    std::size_t lost = 0;
    std::size_t messages = 0;
    while (const auto event = pop(queue)) {
        messages += std::holds_alternative<BrokerMessage>(event->body) ? 1 : 0;
        if (const auto* dropped_messages = std::get_if<BrokerMessagesLost>(&event->body)) {
            CHECK(lost == 0);
            lost = dropped_messages->count;
        }
    }
    CHECK(messages == 2);
    CHECK(lost == 2);
    CHECK(send({.topic = "t"}));
    queue.forget_connection(broker_target);
    CHECK_FALSE(pop(queue).has_value());
    CHECK(send({.topic = "t", .payload = std::string(9000, ' ')}));
}

TEST_CASE("a hundred thousand small messages of the broker do not all wait") {
    EventQueue queue;
    std::size_t taken = 0;
    for (int i = 0; i < 100'000; ++i) {
        taken += queue.push({broker_target, BrokerMessage{.topic = "t"}}) ? 1 : 0;
    }
    CHECK(taken < 80'000);
    CHECK(taken > 20'000);
}

TEST_CASE("removing a connection removes its events") {
    EventQueue queue({.reports = 1});
    queue.push({1, PrinterUp{}});
    push_report(queue, 1, "a");
    push_report(queue, 1, "dropped");
    push_report(queue, 2, "stays");
    queue.push({1, PrinterDown{}});
    queue.push({broker_target, Published{}});
    queue.forget_connection(1);
    CHECK(push_report(queue, 1, "new"));
    CHECK_FALSE(push_report(queue, 1, "too many"));
    const auto broker = std::to_string(broker_target);
    CHECK(drain(queue) == std::vector<std::string>{"2:stays", broker + ":published", "1:new", "1:lost"});
}

TEST_CASE("file events get through a flood of reports and survive their printer's connection") {
    EventQueue queue({.reports = 1});
    for (int i = 0; i < 5; ++i) {
        push_report(queue, 1, "report");
    }
    CHECK(queue.push({1, WorkProgress{.job = 7, .bytes = 5, .total = 10}}));
    CHECK(queue.push({1, WorkDone{.job = 7}}));
    queue.forget_connection(1);
    const auto progress = pop(queue);
    REQUIRE(progress.has_value());
    CHECK(std::get<WorkProgress>(progress->body).bytes == 5);
    const auto done = pop(queue);
    REQUIRE(done.has_value());
    CHECK(std::get<WorkDone>(done->body).job == 7);
    CHECK_FALSE(pop(queue).has_value());
}

TEST_CASE("many threads push at once and nothing is lost") {
    EventQueue queue({.reports = 100000});
    std::vector<std::thread> pushers;
    for (std::size_t target = 0; target < 4; ++target) {
        pushers.emplace_back([&queue, target] {
            for (int i = 0; i < 2000; ++i) {
                push_report(queue, target, "x");
            }
        });
    }
    std::size_t count = 0;
    while (count < 8000 && queue.pop_until(std::chrono::steady_clock::now() + test_support::test_timeout)) {
        ++count;
    }
    for (std::thread& pusher : pushers) {
        pusher.join();
    }
    CHECK(count == 8000);
}

} // namespace bambu2mqtt
