// Wanted retained messages compared with those already sent.
#include <bambu2mqtt/gateway/outbox.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace bambu2mqtt;
using namespace std::chrono_literals;

namespace {

constexpr auto begin = Instant{} + std::chrono::hours{1000};
constexpr auto availability = Outbox::Rank::availability;

/// Everything that may be sent at this moment, as "topic=payload".
std::vector<std::string> all(Outbox& outbox, Instant now) {
    std::vector<std::string> result;
    while (const auto message = outbox.next(now)) {
        CHECK(message->retain);
        result.push_back(message->topic + "=" + message->payload);
    }
    return result;
}

using Lines = std::vector<std::string>;

} // namespace

TEST_SUITE("gateway/outbox") {
    TEST_CASE("a message is sent once") {
        Outbox outbox;
        CHECK(!outbox.due());
        outbox.want("a", "1");
        CHECK(outbox.due());
        CHECK(outbox.sent("a") == nullptr);
        CHECK(all(outbox, begin) == Lines{"a=1"});
        REQUIRE(outbox.sent("a") != nullptr);
        CHECK(*outbox.sent("a") == "1");
        outbox.want("a", "1");
        CHECK(!outbox.due());
        CHECK(all(outbox, begin + 1h).empty());
    }

    TEST_CASE(
        "of a burst the first two messages are sent immediately, then the latest payload once a second") {
        Outbox outbox;
        outbox.want("a", "0");
        CHECK(all(outbox, begin) == Lines{"a=0"});
        outbox.want("a", "1");
        CHECK(all(outbox, begin + 1ms) == Lines{"a=1"});
        for (int i = 2; i < 100; ++i) {
            outbox.want("a", std::to_string(i));
        }
        CHECK(all(outbox, begin + 999ms).empty());
        REQUIRE(outbox.due());
        CHECK(*outbox.due() == begin + 1s);
        CHECK(all(outbox, begin + 1s) == Lines{"a=99"});
        outbox.want("a", "100");
        CHECK(*outbox.due() == begin + 2s);
        CHECK(all(outbox, begin + 2s) == Lines{"a=100"});
        outbox.want("a", "101"); // a second without a message fills the bucket by one more
        CHECK(all(outbox, begin + 4s) == Lines{"a=101"});
        outbox.want("a", "102");
        CHECK(all(outbox, begin + 4s) == Lines{"a=102"});
        outbox.want("a", "103");
        CHECK(*outbox.due() == begin + 5s);
    }

    TEST_CASE("a message goes with the QoS it was last wanted with, and a topic is cleared with QoS 1") {
        Outbox outbox;
        const auto next_qos = [&] {
            const auto message = outbox.next(begin);
            REQUIRE(message.has_value());
            return message->qos;
        };
        outbox.want("a", "1", Outbox::Rank::state, {}, Qos::at_most_once);
        CHECK(next_qos() == Qos::at_most_once);
        outbox.forget();
        CHECK(next_qos() == Qos::at_most_once);
        outbox.want("b", "1");
        CHECK(next_qos() == Qos::at_least_once);
        outbox.clear("a");
        CHECK(next_qos() == Qos::at_least_once);
    }

    TEST_CASE("topics do not take each other's tokens") {
        Outbox outbox;
        for (const auto* const payload : {"1", "2", "3"}) {
            outbox.want("a", payload);
            (void)all(outbox, begin);
        }
        outbox.want("b", "1");
        CHECK(all(outbox, begin) == Lines{"b=1"});
    }

    TEST_CASE("at one change a second none waits, for 600 changes that come up to 400 ms early or late") {
        Outbox outbox;
        int waited = 0;
        for (int i = 0; i < 600; ++i) {
            const auto now = begin + i * 1s + std::chrono::milliseconds{i * 7919 % 801 - 400};
            outbox.want("a", std::to_string(i));
            waited += all(outbox, now) == Lines{"a=" + std::to_string(i)} ? 0 : 1;
        }
        CHECK(waited == 0);
    }

    TEST_CASE("at one change a second the wait that a burst has caused becomes shorter and ends") {
        Outbox outbox;
        for (const auto* const payload : {"1", "2", "3"}) { // at most the first two are sent
            outbox.want("a", payload);
            (void)all(outbox, begin);
        }
        (void)all(outbox, begin + 1s);
        auto longest = 1s + 0ms;
        for (int i = 1; i < 60; ++i) { // 0.1 s before the bucket has a token again
            const auto change = begin + 900ms + i * 1s;
            outbox.want("a", "then " + std::to_string(i));
            auto wait = 0ms;
            if (all(outbox, change).empty()) {
                REQUIRE(outbox.due());
                wait = std::chrono::duration_cast<std::chrono::milliseconds>(*outbox.due() - change);
                CHECK(all(outbox, *outbox.due()).size() == 1);
            }
            INFO("change: ", i);
            CHECK(wait <= longest);
            CHECK((i < 4 || wait == 0ms));
            longest = wait;
        }
    }

    TEST_CASE("at five changes a second messages stay on the second, also where each is pulled late") {
        Outbox outbox;
        auto latest = begin;
        int sent = 0;
        for (int i = 0; i < 3000; ++i) {
            const auto change = begin + i * 200ms;
            if (const auto due = outbox.due(); due && *due < change) { // the wake-up is 7 ms late
                sent += static_cast<int>(all(outbox, *due + 7ms).size());
                latest = *due;
            }
            outbox.want("a", std::to_string(i));
            sent += static_cast<int>(all(outbox, change).size());
        }
        CHECK(sent == 601); // two tokens at the beginning, one in each second after that
        CHECK(latest <= begin + 599s);
    }

    TEST_CASE("a change that is reverted before it was sent sends nothing") {
        Outbox outbox;
        outbox.want("a", "1");
        (void)all(outbox, begin);
        outbox.want("a", "2");
        outbox.want("a", "1");
        CHECK(!outbox.due());
        CHECK(all(outbox, begin + 1h).empty());
    }

    TEST_CASE("a small change waits longer; a large one ends the wait, and reverting cancels it") {
        Outbox outbox;
        outbox.want("signal", "-50");
        (void)all(outbox, begin);
        outbox.want("signal", "-52", Outbox::Rank::state, 60s);
        CHECK(all(outbox, begin + 59s).empty());
        CHECK(all(outbox, begin + 60s) == Lines{"signal=-52"});
        outbox.want("signal", "-53", Outbox::Rank::state, 60s);
        outbox.want("signal", "-70", Outbox::Rank::state, 1s);
        CHECK(all(outbox, begin + 61s) == Lines{"signal=-70"});
        outbox.want("signal", "-71", Outbox::Rank::state, 60s);
        outbox.want("signal", "-70", Outbox::Rank::state, 60s);
        CHECK(!outbox.due());
    }

    TEST_CASE("availability is sent after all states, and online only when no state is missing") {
        Outbox outbox;
        outbox.want("availability", "online", availability);
        outbox.want("a", "1");
        outbox.want("b", "2");
        CHECK(all(outbox, begin) == Lines{"a=1", "b=2", "availability=online"});
        outbox.want("availability", "offline", availability);
        outbox.want("b", "3");
        CHECK(all(outbox, begin + 1s) == Lines{"b=3", "availability=offline"});
        outbox.want("availability", "online", availability);

        // States that must wait delay `online`, but not `offline`.
        outbox.forget();
        outbox.repeat("a", begin + 4s);
        outbox.repeat("b", begin + 4s);
        CHECK(all(outbox, begin + 3s).empty());
        const auto again = all(outbox, begin + 4s);
        REQUIRE(again.size() == 3);
        CHECK(again.back() == "availability=online");
        outbox.repeat("a", begin + 9s);
        outbox.want("availability", "offline", availability);
        CHECK(all(outbox, begin + 5s) == Lines{"availability=offline"});
    }

    TEST_CASE("a waiting online of one unit does not delay another unit's offline") {
        Outbox outbox;
        outbox.want("a", "1");
        outbox.want("unit_1", "online", availability);
        outbox.want("unit_2", "online", availability);
        (void)all(outbox, begin);
        outbox.repeat("a", begin + 9s);
        outbox.repeat("unit_1", begin);
        outbox.want("unit_2", "offline", availability);
        CHECK(all(outbox, begin + 2s) == Lines{"unit_2=offline"});
        CHECK(all(outbox, begin + 9s) == Lines{"a=1", "unit_1=online"});
    }

    TEST_CASE("a value that keeps changing does not delay online") {
        Outbox outbox;
        outbox.want("a", "1");
        (void)all(outbox, begin);
        outbox.want("a", "2");
        (void)all(outbox, begin);
        outbox.want("a", "3");
        outbox.want("availability", "online", availability);
        CHECK(all(outbox, begin + 1ms) == Lines{"availability=online"});
    }

    TEST_CASE("a removed topic gets one empty message") {
        Outbox outbox;
        outbox.want("a", "1");
        (void)all(outbox, begin);
        outbox.clear("a");
        CHECK(!outbox.wants("a"));
        CHECK(all(outbox, begin) == Lines{"a="});
        CHECK(outbox.size() == 0);
        CHECK(!outbox.due());
        outbox.clear("never seen");
        CHECK(all(outbox, begin) == Lines{"never seen="});
        CHECK(outbox.size() == 0);
    }

    TEST_CASE("a topic that is published again before it was cleared stays") {
        Outbox outbox;
        outbox.want("a", "1");
        (void)all(outbox, begin);
        outbox.clear("a");
        outbox.want("a", "1");
        CHECK(outbox.wants("a"));
        CHECK(all(outbox, begin + 1h).empty());
        outbox.clear("a");
        outbox.want("a", "2");
        CHECK(all(outbox, begin + 2h) == Lines{"a=2"});
    }

    TEST_CASE("only named topics are kept") {
        Outbox outbox;
        for (const auto* const topic : {"a", "b", "c", "d"}) {
            outbox.want(topic, "1");
        }
        (void)all(outbox, begin);
        outbox.keep_only({"b", "d", "e"});
        CHECK(all(outbox, begin) == Lines{"a=", "c="});
        CHECK(outbox.size() == 2);
        outbox.keep_only({"b", "d"});
        CHECK(!outbox.due());
    }

    TEST_CASE("a repeated topic is sent no earlier than scheduled, also when it changes meanwhile") {
        Outbox outbox;
        outbox.want("a", "1");
        (void)all(outbox, begin);
        outbox.repeat("a", begin + 5s);
        outbox.want("a", "1");
        CHECK(all(outbox, begin + 4999ms).empty());
        outbox.want("a", "2");
        CHECK(all(outbox, begin + 4999ms).empty());
        CHECK(all(outbox, begin + 5s) == Lines{"a=2"});
        outbox.repeat("unknown", begin);
        CHECK(!outbox.due());
    }

    TEST_CASE("when the broker may have lost everything all topics are sent again, once") {
        Outbox outbox;
        outbox.want("a", "1");
        outbox.want("availability", "online", availability);
        (void)all(outbox, begin);
        outbox.forget();
        CHECK(outbox.sent("a") == nullptr);
        outbox.want("a", "3");
        CHECK(all(outbox, begin + 1ms) == Lines{"a=3", "availability=online"});
        CHECK(!outbox.due());
    }

    TEST_CASE("waiting states are dropped at shutdown") {
        Outbox outbox;
        outbox.want("a", "1");
        outbox.want("b", "1");
        for (const auto* const state : {"offline", "online"}) { // no token is left
            outbox.want("availability", state, availability);
            (void)all(outbox, begin);
        }
        outbox.want("a", "2");
        outbox.repeat("b", begin + 1h);
        outbox.cancel();
        outbox.want("availability", "offline", availability);
        CHECK(all(outbox, begin) == Lines{"availability=offline"});
        CHECK(!outbox.due());
    }

    TEST_CASE("any number of changes leaves one message per topic") {
        Outbox outbox;
        for (int i = 0; i < 10'000; ++i) {
            outbox.want("topic " + std::to_string(i % 150), std::to_string(i));
        }
        CHECK(outbox.size() == 150);
        CHECK(all(outbox, begin).size() == 150);
    }

    TEST_CASE("entries are added and removed while others wait") {
        // The list of waiting topics must survive rehashing of its table.
        Outbox outbox;
        outbox.want("first", "1");
        for (int i = 0; i < 2000; ++i) {
            outbox.want("t" + std::to_string(i), "1");
            if (i % 2 == 0) {
                outbox.clear("t" + std::to_string(i));
            }
        }
        const auto lines = all(outbox, begin);
        REQUIRE(lines.size() == 2001);
        CHECK(lines.front() == "first=1");
        CHECK(outbox.size() == 1001);
    }
}
