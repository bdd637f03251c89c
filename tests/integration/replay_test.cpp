// The command replay: the whole gateway with recordings in place of printers, beside a running one.
#include "integration/gateway_fixture.hpp"
#include "support/process.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::MqttObserver;
using bambu2mqtt::test_support::Process;
using bambu2mqtt::test_support::TemporaryDirectory;
using bambu2mqtt::test_support::write_file;
using nlohmann::json;

namespace {

/// The events that decode --each shows, in order.
std::vector<std::string> decoded_events(const std::string& file) {
    const auto result = run_program({"decode", "--each", file});
    CHECK_MESSAGE(result.exit_code == 0, result.errors);
    std::vector<std::string> events;
    std::istringstream lines{result.output};
    for (std::string line; std::getline(lines, line);) {
        const auto changed = json::parse(line);
        for (const auto& event : changed.value("events", json::array())) {
            events.push_back(event);
        }
    }
    return events;
}

/// The events of a printer on the broker, in order, without those of its connection.
std::vector<std::string> published_events(const MqttObserver& observer, const std::string& topic) {
    std::vector<std::string> events;
    for (const auto& message : observer.messages()) {
        if (message.topic == topic && !message.payload.empty()) {
            const auto type = json::parse(message.payload)["event_type"].get<std::string>();
            if (type != "printer_online" && type != "printer_offline") {
                events.push_back(type);
            }
        }
    }
    return events;
}

/// A broker, an observer of all of it, and no printer.
struct EmptyBroker {
    TestEnvironment env{{.models = {"X1C"}}};

    EmptyBroker() {
        env.gateway().configure(env.config());
        env.observe();
    }

    CommandResult replay(std::vector<std::string> words) {
        words.insert(words.begin(), "replay");
        return env.gateway().command_request(words);
    }
};

} // namespace

TEST_CASE("recorded prints give the same events at 100 times their speed as decode --each shows") {
    const char* const folder = std::getenv("BAMBU2MQTT_CAPTURES");
    if (folder == nullptr || *folder == '\0') {
        MESSAGE("skipped: BAMBU2MQTT_CAPTURES is not set");
        return;
    }
    EmptyBroker empty;
    for (const auto* const name : {"multicolour-cloud", "single-cloud", "single-local"}) {
        CAPTURE(name);
        const auto file = std::string{folder} + "/prints/a1-01.07-" + name + ".jsonl";
        const auto expected = decoded_events(file);
        CHECK(expected.size() >= 3);
        const auto result = empty.replay({"--speed", "100", file});
        CHECK_MESSAGE(result.exit_code == 0, result.errors);
        CHECK(published_events(empty.env.observer(), "bambu2mqtt-replay/00000a000000001/event") == expected);
        CHECK(empty.env.retained().empty());
        empty.env.observe();
    }
}

TEST_CASE("bad input is refused with file and line, and nothing is published") {
    EmptyBroker empty;
    const TemporaryDirectory directory;
    const std::string good = R"({"print":{"command":"push_status","msg":0,"gcode_state":"IDLE"}})";
    const auto check = [&](const std::string& name, const std::string& text, const std::string& complaint) {
        const auto file = (directory / name).string();
        write_file(file, text);
        const auto result = empty.replay({file});
        CHECK(result.exit_code == 2);
        CHECK_MESSAGE(result.errors.find(file + complaint) != std::string::npos, result.errors);
    };
    check("empty", "", ": empty; expected one JSON object a line");
    check("foreign", "{\"a\":1}\n{\"b\":2}\n", ":1: no line is a message of a printer; expected");
    check("prose", "once upon\n", ":1: ");
    check("packed", "\x1f\x8b\x08 and so on", ":1: compressed; unpack it first");
    check("torn", good + "\n" + good + "\n" + good.substr(0, 40) + "\n", ":3: ");
    write_file(directory / "large", "");
    std::filesystem::resize_file(directory / "large", 2'000'000'000);
    const auto large = empty.replay({(directory / "large").string()});
    CHECK(large.exit_code == 2);
    CHECK(large.errors.find("has 2000000000 bytes; at most 1000000000 are replayed") != std::string::npos);
    CHECK(empty.replay({(directory / "none").string()}).exit_code == 2);
    CHECK(empty.replay({"--speed", "0", (directory / "empty").string()}).exit_code == 2);
    CHECK(empty.env.retained().empty());
}

TEST_CASE("a recording of a running printer is replayed with the same states beside the running gateway") {
    TestEnvironment env{{.models = {"X1C"}}};
    REQUIRE(env.start_gateway());
    env.observe();
    const auto recording = (env.directory() / "recording.jsonl").string();
    REQUIRE(env.gateway()
                .command_request(
                    {"record", env.fleet().printers()[0].serial, "--seconds", "3", "--out", recording})
                .exit_code == 0);
    REQUIRE(env.gateway().stop() == 0);
    const auto original = env.result();
    env.gateway().start();
    REQUIRE(env.sees(0, "availability", "online"));

    Process replay{{.arguments = {program(), "--config", env.gateway().config_file().string(), "replay",
                                  "--discovery", "--speed", "0.1", recording},
                    .output = env.directory() / "replay.log",
                    .environment = {{"BAMBU2MQTT_ANNOUNCEMENTS", "off"}}}};
    const std::string base = "bambu2mqtt-replay/x1c_0001/";
    REQUIRE(env.observer().wait_for_latest(base + "availability", "online", test_timeout));
    const auto& ours = env.topic(0, "");
    for (const auto* const name : {"print_status", "stage", "nozzle_type", "chamber_light", "print_speed",
                                   "sdcard_status", "active_tray", "firmware", "total_layers"}) {
        CAPTURE(name);
        const auto wanted = original.find(ours + name);
        if (wanted != original.end()) {
            CHECK(env.observer().wait_for_latest(base + name, wanted->second, test_timeout));
        }
    }
    env.observer().publish(
        {.topic = base + "command/set_bed_temp_target", .payload = R"({"value":60})", .qos = 1});
    CHECK(eventually(test_timeout, [&] {
        return env.observer().latest(base + "response").value_or("").find("not possible in a replay") !=
               std::string::npos;
    }));
    CHECK(env.gateway().running());
    replay.signal(SIGINT);
    CHECK_MESSAGE(replay.wait(test_timeout) == 0, replay.output());
    for (const auto& message : env.retained()) {
        CAPTURE(message.first);
        CHECK(message.first.find("-replay") == std::string::npos);
        CHECK(message.second.find("bambu2mqtt-replay") == std::string::npos);
    }
    CHECK(env.seen(0, "availability") == "online");
    CHECK(env.gateway().stop() == 0);
}
