// Topics of outcomes when a sender names a response topic.
#include <bambu2mqtt/topic/response_topic.hpp>
#include <bambu2mqtt/topic/topic_text.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace bambu2mqtt;

namespace {

const ResponseTopics defaults{};

/// The reason; empty if the topic is allowed.
std::string why_not(std::string_view topic, const ResponseTopics& settings = defaults) {
    return response_topic_problem(topic, settings).value_or("");
}

bool refuses(std::string_view topic, std::string_view reason, const ResponseTopics& settings = defaults) {
    return why_not(topic, settings).find(reason) != std::string::npos;
}

std::string levels(std::size_t count) {
    std::string topic = "bambu2mqtt/response";
    for (std::size_t level = 2; level < count; ++level) {
        topic += "/a";
    }
    return topic;
}

} // namespace

TEST_CASE("by default a response topic lies below the gateway's own response topics") {
    for (const auto* const topic :
         {"bambu2mqtt/response/flow", "bambu2mqtt/response", "bambu2mqtt/response/a/b/"}) {
        INFO(std::string{topic});
        CHECK(why_not(topic).empty());
    }
    for (const auto* const topic :
         {"answers/mine", "zigbee2mqtt/bridge/request/restart", "/bambu2mqtt/response/x",
          "bambu2mqtts/response/x", "Bambu2mqtt/response/x"}) {
        INFO(std::string{topic});
        CHECK(refuses(topic, "broker.response_topics does not allow it"));
    }
}

TEST_CASE("a response topic has at most 256 bytes and 16 levels") {
    CHECK(why_not(levels(16)).empty());
    CHECK(refuses(levels(17), "it has 17 levels, at most 16 are allowed"));
    CHECK(refuses(levels(120), "it has 120 levels"));
    CHECK(refuses("a" + std::string(210, '/'), "it has 211 levels"));
    const std::string prefix = "bambu2mqtt/response/";
    CHECK(why_not(prefix + std::string(256 - prefix.size(), 'x')).empty());
    CHECK(
        refuses(prefix + std::string(257 - prefix.size(), 'x'), "it has 257 bytes, at most 256 are allowed"));
    CHECK(refuses(levels(211), "it has 437 bytes"));
    CHECK(why_not(prefix + std::string(60'000, 'x')).size() < 300);
}

TEST_CASE("a response topic must be one that a client may publish on") {
    const ResponseTopics all{.filters = {"#"}};
    using std::string_literals::operator""s;
    for (const auto& text :
         {"a/+"s, "#"s, "a/#/b"s, "a+"s, "no/utf8/\xC3"s, "nul\0"s, "line\nend"s, "\x7F"s, "c1/\xC2\x9B"s,
          "surrogate/\xED\xA0\x80"s, "\xEF\xBF\xBF"s, "\xEF\xB7\x90/x"s, "\xF0\x9F\xBF\xBE"s}) {
        INFO(text);
        CHECK(refuses(text, "not a topic that can be published on", all));
    }
    CHECK(why_not("\xC3\xA4/\xF0\x9F\x98\x80/\xEF\xBF\xBD", all).empty());
    CHECK(why_not("a\n\x1B[31m", all).find('\n') == std::string::npos);
}

TEST_CASE("own topics, Home Assistant's and the broker's are never used, whatever the list contains") {
    const ResponseTopics all{.base_topic = "home/printers",
                             .discovery_prefix = "ha",
                             .status_topic = "hass/birth",
                             .filters = {"#", "$SYS/#", "home/#", "ha/#", "hass/birth"}};
    for (const auto* const topic :
         {"home/printers", "home/printers/p1/command", "home/printers/p1/bed/set",
          "home/printers/bridge/state", "home/printers/responses", "home/printers/"}) {
        INFO(std::string{topic});
        CHECK(refuses(topic, "a gateway topic other than home/printers/response/#", all));
    }
    for (const auto* const topic : {"ha", "ha/device/x/config", "hass/birth", "hass/birth/x"}) {
        INFO(std::string{topic});
        CHECK(refuses(topic, "a Home Assistant topic", all));
    }
    for (const auto* const topic : {"$SYS/broker", "$", "$share/g/x"}) {
        INFO(std::string{topic});
        CHECK(refuses(topic, "topics that begin with $", all));
    }
    for (const auto* const topic :
         {"home/printers/response/x", "home/printersx", "home", "hass", "hax", "bambu2mqtt/p1/command"}) {
        INFO(std::string{topic});
        CHECK(why_not(topic, all).empty());
    }
}

TEST_CASE("a list of filters replaces the default") {
    const ResponseTopics listed{.filters = {"flows/+/answer", "tools/#"}};
    for (const auto* const topic : {"flows/a/answer", "tools", "tools/x/y", "flows//answer"}) {
        INFO(std::string{topic});
        CHECK(why_not(topic, listed).empty());
    }
    for (const auto* const topic :
         {"flows/answer", "flows/a/b/answer", "flows/a/answer/x", "bambu2mqtt/response/x"}) {
        INFO(std::string{topic});
        CHECK(refuses(topic, "broker.response_topics does not allow it", listed));
    }
}

TEST_CASE("filters match topics as in MQTT brokers") {
    CHECK(filter_takes("a/#", "a"));
    CHECK(filter_takes("a/#", "a/b/c"));
    CHECK(filter_takes("+/b", "/b"));
    CHECK(filter_takes("+/+", "/"));
    CHECK(filter_takes("#", "/"));
    CHECK(filter_takes("a/", "a/"));
    CHECK_FALSE(filter_takes("a", "a/"));
    CHECK_FALSE(filter_takes("a/+", "a"));
    CHECK(filter_takes("a/+", "a/"));
    CHECK_FALSE(filter_takes("+", "a/b"));
    CHECK_FALSE(filter_takes("a/b", "a"));
    CHECK_FALSE(filter_takes("#", "$SYS/x"));
    CHECK_FALSE(filter_takes("+/x", "$SYS/x"));
    CHECK(filter_takes("$SYS/#", "$SYS/x"));
    for (const auto* const filter : {"#", "+", "/", "a//b", "+/a/#", "/#", "a/"}) {
        CHECK(is_topic_filter(filter));
    }
    for (const auto* const filter : {"", "a#", "#/a", "a+/b", "a/#/", "++"}) {
        CHECK_FALSE(is_topic_filter(filter));
    }
}
