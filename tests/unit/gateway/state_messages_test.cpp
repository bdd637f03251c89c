// Messages about one printer and about the gateway.
#include "unit/gateway/bridge_driver.hpp"

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

struct Subject {
    ReportParser parser{};
    Printer printer{p1s, std::nullopt, Rounding::plain};
    PrinterTopics topics{"bambu2mqtt", "p1"};

    void feed(const std::string& message) {
        REQUIRE(printer.take(message, parser, std::nullopt).has_value());
    }

    /// All messages of one entity.
    [[nodiscard]] std::map<std::string, std::string> of(std::string_view id) const {
        std::map<std::string, std::string> result;
        const auto& instances = printer.layout().instances();
        for (std::size_t i = 0; i < instances.size(); ++i) {
            if (instances[i].id == id) {
                for (const auto& message : state_messages(printer, i, topics)) {
                    CHECK(message.retain);
                    result[message.topic] = message.payload;
                }
            }
        }
        return result;
    }
};

using Messages = std::map<std::string, std::string>;

} // namespace

TEST_SUITE("gateway/state_messages") {
    TEST_CASE("a plain entity has a state, one with attributes both") {
        Subject subject;
        subject.feed(version());
        subject.feed(full(idle));
        CHECK(subject.of("bed_temperature") == Messages{{"bambu2mqtt/p1/bed_temperature", "22"}});
        const auto connection = subject.of("connection");
        CHECK(connection.at("bambu2mqtt/p1/connection") == "None");
        CHECK(OrderedJson::parse(connection.at("bambu2mqtt/p1/connection/attributes")).dump() ==
              R"({"since":null,"error":null,"hint":null,"fingerprint":null})");
    }

    TEST_CASE("an update entity also has its newest version") {
        Subject subject;
        subject.feed(version());
        subject.feed(
            full(idle + R"(,"upgrade_state":{"new_ver_list":[{"name":"ota","new_ver":"01.09.00.00"}]})"));
        CHECK(subject.of("firmware") == Messages{{"bambu2mqtt/p1/firmware", "01.08.01.00"},
                                                 {"bambu2mqtt/p1/firmware/latest", "01.09.00.00"}});
    }

    TEST_CASE("buttons have no state") {
        Subject subject;
        subject.feed(full(idle));
        const auto& instances = subject.printer.layout().instances();
        CHECK(std::ranges::any_of(instances, [](const Instance& i) { return i.id == "refresh"; }));
        CHECK(subject.of("refresh").empty());
    }

    TEST_CASE("an unknown value is None, and invalid UTF-8 does no harm") {
        Subject subject;
        subject.feed(full(idle));
        CHECK(subject.of("nozzle_target_temperature").at("bambu2mqtt/p1/nozzle_target_temperature") ==
              "None");
        subject.feed(partial("\"subtask_name\":\"\xFF\xFE clip\""));
        for (const auto& [topic, payload] : subject.of("task_name")) {
            CHECK(payload.find('\xFF') == std::string::npos);
        }
    }

    TEST_CASE("a printer and each of its units have an availability") {
        Subject subject;
        subject.feed(full(idle + "," + one_ams));
        const std::vector<Message> there{{"bambu2mqtt/p1/ams_1/availability", "online"},
                                         {"bambu2mqtt/p1/availability", "online"}};
        CHECK(availability_messages(subject.printer, subject.topics, Reachable::yes) == there);
        subject.feed(full(idle + "," + no_ams));
        const std::vector<Message> gone{{"bambu2mqtt/p1/ams_1/availability", "offline"},
                                        {"bambu2mqtt/p1/availability", "offline"}};
        CHECK(availability_messages(subject.printer, subject.topics, Reachable::no) == gone);
    }

    TEST_CASE("the gateway publishes its version, its printers and its health") {
        const Health health{.uptime_seconds = 61,
                            .resident_memory_mb = 12.5,
                            .open_files = 20,
                            .open_files_limit = 1024,
                            .messages_in = 7,
                            .messages_out = 9,
                            .publish_delay_ms = 1.5,
                            .session_seconds = {{"p1", 60}, {"p2", 0}},
                            .internal_errors = 3};
        const auto messages = bridge_state_messages(BridgeTopics{"home"}, {"p1", "p2"}, health);
        REQUIRE(messages.size() == 3);
        CHECK(messages[0].topic == "home/bridge/info");
        const auto info = Json::parse(messages[0].payload);
        CHECK(info["printers"] == Json{"p1", "p2"});
        CHECK(info["contract_version"] == 1);
        CHECK(!info["version"].get<std::string>().empty());
        CHECK(messages[1].topic == "home/bridge/health");
        const auto report = Json::parse(messages[1].payload);
        CHECK(report == Json{{"uptime", 61},
                             {"resident_memory_mb", 12.5},
                             {"open_files", 20},
                             {"open_files_limit", 1024},
                             {"messages_in", 7},
                             {"messages_out", 9},
                             {"publish_delay_ms", 1.5},
                             {"session_age", {{"p1", 60}, {"p2", 0}}},
                             {"broker_problem", nullptr},
                             {"internal_errors", 3}});
        CHECK(messages[2] == Message{"home/bridge/state", "online"});
    }
}
