#include "gateway/stale_topics.hpp"

#include <doctest/doctest.h>

namespace bambu2mqtt::test {

namespace {

std::vector<Message> messages_on(const std::vector<std::string>& topics) {
    std::vector<Message> messages;
    for (const auto& topic : topics) {
        messages.push_back(Message{topic, ""});
    }
    return messages;
}

} // namespace

TEST_SUITE("gateway/stale_topics") {
    TEST_CASE("topics below the id, topics below former ids and announcements are distinguished") {
        StaleTopics stale{"b", "p1", {"old", "older"}};
        const auto others =
            stale.found(messages_on({"b/p1/nozzle", "b/old/nozzle", "homeassistant/device/x/config"}));
        REQUIRE(others.size() == 1);
        CHECK(others.front().topic == "homeassistant/device/x/config");
        CHECK(stale.holds("b/p1/nozzle"));
        CHECK_FALSE(stale.holds("b/old/nozzle"));
        CHECK(stale.holds_moved("b/old/nozzle"));
        CHECK(stale.topics().size() == 2);
    }

    TEST_CASE("a former id is dropped when nothing is left below it") {
        StaleTopics stale{"b", "p1", {"old", "older"}};
        CHECK(stale.found(messages_on({"b/old/nozzle", "b/olderer/nozzle"})).empty());
        CHECK(stale.drop_empty_former_ids());
        CHECK(stale.former_ids() == std::vector<std::string>{"old"});
        CHECK_FALSE(stale.drop_empty_former_ids());
    }

    TEST_CASE("a cleanup returns unwanted topics and those below former ids, sorted") {
        StaleTopics stale{"b", "p1", {"old"}};
        CHECK(stale.cleanup_pending());
        CHECK(stale.found(messages_on({"b/p1/z", "b/p1/nozzle", "b/p1/ams_1_x", "b/old/nozzle"})).empty());
        CHECK(stale.clean_up({"b/p1/nozzle", "b/p1/ams_1_x"}, {"b/p1/ams_1_x", "b/p1/ams_1_y"}) ==
              std::vector<std::string>{"b/old/nozzle", "b/p1/z"});
        CHECK_FALSE(stale.cleanup_pending());
        // Only the unit that is not plugged in still has the value of the earlier run.
        CHECK(stale.holds("b/p1/ams_1_x"));
        CHECK_FALSE(stale.holds("b/p1/ams_1_y"));
        CHECK_FALSE(stale.holds("b/p1/nozzle"));
        CHECK_FALSE(stale.holds_moved("b/old/nozzle"));
    }

    TEST_CASE("a new broker session forgets the topics found before and requests a cleanup") {
        StaleTopics stale{"b", "p1", {}};
        CHECK(stale.found(messages_on({"b/p1/z"})).empty());
        CHECK(stale.clean_up({}, {}).size() == 1);
        CHECK(stale.found(messages_on({"b/p1/a"})).empty());
        CHECK(stale.cleanup_pending());
        CHECK_FALSE(stale.holds("b/p1/z"));
    }
}

} // namespace bambu2mqtt::test
