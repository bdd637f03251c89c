#include <bambu2mqtt/topic/topic_text.hpp>
#include <bambu2mqtt/topic/topics.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace bambu2mqtt;

namespace {

struct CommandTopicCase {
    CommandTopic topic;
    const char* text; ///< below the base topic
};

const std::vector<CommandTopicCase>& command_topic_cases() {
    static const std::vector<CommandTopicCase> cases{
        {{"p1s_0003", CommandKind::command}, "p1s_0003/command"},
        {{"p1s_0003", CommandKind::named_command, "pause"}, "p1s_0003/command/pause"},
        {{"p1s_0003", CommandKind::named_command, "set"}, "p1s_0003/command/set"},
        {{"p1s_0003", CommandKind::named_command, ""}, "p1s_0003/command/"},
        {{"p1s_0003", CommandKind::set, "bed_target"}, "p1s_0003/bed_target/set"},
        {{"p1s_0003", CommandKind::set, "raw"}, "p1s_0003/raw/set"},
        {{"p1s_0003", CommandKind::set, "set"}, "p1s_0003/set/set"},
        {{"p1s_0003", CommandKind::set, ""}, "p1s_0003//set"},
        {{"p1s_0003", CommandKind::raw_request}, "p1s_0003/raw/request"},
        {{"command", CommandKind::command}, "command/command"},
        {{"all", CommandKind::group_command}, "group/all/command"},
        {{"upstairs", CommandKind::named_group_command, "pause"}, "group/upstairs/command/pause"},
        {{"upstairs", CommandKind::named_group_command, "set"}, "group/upstairs/command/set"},
        {{"upstairs", CommandKind::named_group_command, ""}, "group/upstairs/command/"},
        {{"", CommandKind::bridge_request, "health"}, "bridge/request/health"},
        {{"", CommandKind::bridge_request, "set"}, "bridge/request/set"},
        {{"", CommandKind::bridge_request, ""}, "bridge/request/"},
    };
    return cases;
}

} // namespace

TEST_CASE("command topics: parsing is the inverse of building, with each kind and base topic") {
    for (const std::string base : {"bambu2mqtt", "home/printers", "command"}) {
        for (const auto& row : command_topic_cases()) {
            CAPTURE(row.text);
            const auto built = command_topic(row.topic, base);
            CHECK(built == base + "/" + row.text);
            CHECK(parse_command_topic(built, base) == row.topic);
        }
    }
    CHECK(command_topic({"p1s", CommandKind::set, "bed_target"}, "b") ==
          PrinterTopics("b", "p1s").set("bed_target"));
}

TEST_CASE("command topics: the subscription filters take what is built, and each is needed") {
    const auto filters = command_topic_filters("home/printers");
    CHECK(filters == std::vector<std::string>{"home/printers/bridge/request/+",
                                              "home/printers/group/+/command",
                                              "home/printers/group/+/command/+", "home/printers/+/command",
                                              "home/printers/+/command/+", "home/printers/+/+/set",
                                              "home/printers/+/raw/request"});
    std::vector<int> taken(filters.size());
    for (const auto& row : command_topic_cases()) {
        CAPTURE(row.text);
        const auto built = command_topic(row.topic, "home/printers");
        int takers = 0;
        for (std::size_t i = 0; i < filters.size(); ++i) {
            const bool takes = filter_takes(filters[i], built);
            takers += takes ? 1 : 0;
            taken[i] += takes ? 1 : 0;
        }
        CHECK(takers >= 1);
    }
    CHECK(std::ranges::count(taken, 0) == 0);
    for (const auto& filter : filters) {
        CHECK(is_topic_filter(filter));
        CHECK_FALSE(filter_takes(filter, PrinterTopics("home/printers", "p1s").state("bed_target")));
        CHECK_FALSE(filter_takes(filter, PrinterTopics("home/printers", "p1s").raw_report()));
        CHECK_FALSE(filter_takes(filter, PrinterTopics("home/printers", "p1s").response()));
        CHECK_FALSE(filter_takes(filter, BridgeTopics("home/printers").response("health")));
        CHECK_FALSE(filter_takes(filter, BridgeTopics("home/printers").group_response("all")));
    }
}

TEST_CASE("command topics: only one filter takes a command for a group that can be configured") {
    const auto filters = command_topic_filters("b");
    for (const auto* const name : {"", "set", "command", "request"}) {
        for (const auto kind : {CommandKind::group_command, CommandKind::named_group_command}) {
            const auto topic = command_topic({"upstairs", kind, name}, "b");
            CAPTURE(topic);
            CHECK(std::ranges::count_if(
                      filters, [&](const auto& filter) { return filter_takes(filter, topic); }) == 1);
        }
    }
}

TEST_CASE("command topics: malformed ones and those of something else are none") {
    for (const char* const topic : {"",
                                    "bambu2mqtt",
                                    "bambu2mqtt/",
                                    "bambu2mqtt/p1s",
                                    "bambu2mqtt/p1s/",
                                    "bambu2mqtt//command",
                                    "bambu2mqtt/command",
                                    "bambu2mqttp1s/command",
                                    "bambu2mqtt2/p1s/command",
                                    "other/p1s/command",
                                    "/bambu2mqtt/p1s/command",
                                    "bambu2mqtt/p1s/commands",
                                    "bambu2mqtt/p1s/command/a/b",
                                    "bambu2mqtt/p1s/set",
                                    "bambu2mqtt/p1s/a/b/set",
                                    "bambu2mqtt/p1s/a/set/",
                                    "bambu2mqtt/p1s/aset",
                                    "bambu2mqtt/p1s/raw",
                                    "bambu2mqtt/p1s/raw/report",
                                    "bambu2mqtt/p1s/raw/request/a",
                                    "bambu2mqtt/p1s/a/state",
                                    "bambu2mqtt/bridge/request",
                                    "bambu2mqtt/group//command",
                                    "bambu2mqtt/group/all/command/a/b",
                                    "bambu2mqtt/group/all/response",
                                    "bambu2mqtt/bridge/request/a/b",
                                    "bambu2mqtt/bridge/response/health",
                                    "bambu2mqtt/p1s/response"}) {
        CAPTURE(topic);
        CHECK_FALSE(parse_command_topic(topic, "bambu2mqtt"));
    }
}
