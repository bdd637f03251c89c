// Outcomes are remembered, within limits.
#include <bambu2mqtt/command/outcome_memory.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace bambu2mqtt;
using namespace std::chrono_literals;

TEST_SUITE("command/outcome_memory") {
    TEST_CASE("large responses are not kept for ever, the outcomes of their requests are") {
        OutcomeMemory memory;
        const Instant now = Instant{} + 1h;
        const auto file = OrderedJson{{"content", std::string(1'500'000, 'x')}};
        for (int i = 0; i < 20; ++i) {
            const auto id = std::to_string(i);
            memory.begin(id, 1, now);
            memory.end(id, OrderedJson{{"status", "done"}, {"data", file}});
        }
        std::size_t kept = 0;
        for (int i = 0; i < 20; ++i) {
            const auto* const entry = memory.find(std::to_string(i), now);
            REQUIRE(entry != nullptr);
            CHECK(entry->payload["status"] == "done");
            kept += entry->payload.contains("data") ? 1 : 0;
            CHECK((entry->payload.contains("data") || entry->payload.contains("message")));
        }
        CHECK(kept == 2);
        CHECK(memory.find("19", now)->payload["data"] == file);
        memory.begin("huge", 1, now);
        memory.end("huge", OrderedJson{{"status", "done"}, {"data", std::string(5'000'000, 'x')}});
        CHECK_FALSE(memory.find("huge", now)->payload.contains("data"));
        CHECK(memory.find("19", now)->payload.contains("data"));
        CHECK(memory.find("19", now + 10min) == nullptr);
        memory.begin("later", 1, now + 10min);
        memory.end("later", OrderedJson{{"status", "done"}, {"data", file}});
        CHECK(memory.find("later", now + 10min)->payload.contains("data"));
    }

    TEST_CASE("responses of many small values are counted by the memory they take, not by their text") {
        OutcomeMemory memory;
        const Instant now = Instant{} + 1h;
        OrderedJson values = OrderedJson::array();
        for (int i = 0; i < 20'000; ++i) {
            values.push_back(OrderedJson::object()); // 60 kB of text, more than 1 MiB of memory
        }
        for (int i = 0; i < 20; ++i) {
            memory.begin(std::to_string(i), 1, now);
            memory.end(std::to_string(i), OrderedJson{{"status", "done"}, {"data", values}});
        }
        std::size_t kept = 0;
        for (int i = 0; i < 20; ++i) {
            kept += memory.find(std::to_string(i), now)->payload.contains("data") ? 1 : 0;
        }
        CHECK(kept > 0);
        CHECK(kept < 4);
    }

    TEST_CASE("many printers share the memory for responses") {
        OutcomeMemory memory{20};
        const Instant now = Instant{} + 1h;
        memory.begin("large", 1, now);
        memory.end("large", OrderedJson{{"status", "done"}, {"data", std::string(1'500'000, 'x')}});
        CHECK_FALSE(memory.find("large", now)->payload.contains("data"));
        memory.begin("small", 1, now);
        memory.end("small", OrderedJson{{"status", "done"}, {"data", std::string(900'000, 'x')}});
        CHECK(memory.find("small", now)->payload.contains("data"));
    }
}
