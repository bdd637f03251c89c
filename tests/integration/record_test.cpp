// The command record: with a connection of its own and over that of the running gateway, scrubbed and raw.
#include "integration/gateway_fixture.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::read_file;
using bambu2mqtt::test_support::write_file;
using nlohmann::json;

namespace {

/// What must not be in a scrubbed recording, beside serial and access code.
const std::vector<std::string> canaries{"canary", "192.168.178.93", "CAFE01", "702384465", "93b2a8c0"};

/// Texts that identify, where printers report them and where none does.
void plant_canaries(TestEnvironment& env) {
    env.fleet().with(0, [](auto& printer) {
        printer.merge({{"subtask_name", "canary lamp"},
                       {"gcode_file", "canary lamp.gcode.3mf"},
                       {"task_id", "702384465"},
                       {"net", {{"info", {{{"ip", 0x5DB2A8C0}, {"mask", 16777215}}}}}},
                       {"wifi_name", "canary!net"},
                       {"cloud", {{"host", "192.168.178.93"}, {"url", "https://canary.example/u"}}},
                       {"tag_seen", "976622BA00CAFE01"}});
    });
}

std::vector<json> recorded_lines(const std::string& text) {
    std::vector<json> lines;
    std::istringstream stream{text};
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(json::parse(line));
    }
    return lines;
}

/// The values decoded from a recording, without those that identify, and without measured ones.
json decoded(TestEnvironment& env, const std::filesystem::path& recording) {
    const auto result = env.gateway().command_request({"decode", recording.string()});
    CHECK_MESSAGE(result.exit_code == 0, result.errors);
    const auto all = json::parse(result.output);
    json values;
    for (const auto& [key, value] : all.items()) {
        const auto has = [&id = key](std::string_view part) { return id.find(part) != std::string::npos; };
        if (!has("task_name") && !has("gcode_file") && !has("ip_address") && !has("rtsp_url") &&
            !has("_temperature") && !has("_humidity") && !has("wifi_signal") && !has("heatbreak_fan")) {
            values[key] = value;
        }
    }
    CHECK(values.size() > 40);
    return values;
}

/// Returns the keys of its messages.
std::set<std::string> check_scrubbed(TestEnvironment& env, const std::string& text) {
    auto secrets = canaries;
    secrets.push_back(env.fleet().printers()[0].serial);
    secrets.push_back(env.fleet().printers()[0].access_code);
    for (const auto& secret : secrets) {
        CAPTURE(secret);
        CHECK(text.find(secret) == std::string::npos);
    }
    const auto lines = recorded_lines(text);
    REQUIRE(lines.size() > 2);
    CHECK(lines[0]["recording"]["scrubbed"] == true);
    CHECK(lines[0]["recording"]["serial"].get<std::string>().substr(0, 3) ==
          env.fleet().printers()[0].serial.substr(0, 3));
    std::set<std::string> spaces;
    for (const auto& line : lines) {
        CHECK(line.contains("at"));
        for (const auto& [key, value] : line.items()) {
            spaces.insert(key);
        }
    }
    CHECK(spaces.contains("print"));
    return spaces;
}

/// An environment whose printer reports nothing that changes by itself.
struct StillPrinter {
    TestEnvironment env{{.models = {"X1C"}, .report_interval = 250ms}};

    StillPrinter() {
        env.gateway().configure(env.config({.printer_lines = {{0, "id = \"x\""}}}));
        plant_canaries(env);
    }

    [[nodiscard]] std::filesystem::path file(const std::string& name) { return env.directory() / name; }

    CommandResult record(const std::string& name, std::vector<std::string> more = {}) {
        std::vector<std::string> words{"record", "x", "--seconds", "4", "--out", file(name).string()};
        words.insert(words.end(), more.begin(), more.end());
        return env.gateway().command_request(words);
    }
};

} // namespace

TEST_CASE("record replaces what identifies, and the states stay") {
    StillPrinter one;
    const auto scrubbed = one.record("scrubbed.jsonl");
    CHECK_MESSAGE(scrubbed.exit_code == 0, scrubbed.errors);
    CHECK(check_scrubbed(one.env, read_file(one.file("scrubbed.jsonl"))).contains("info"));
    CHECK(std::filesystem::status(one.file("scrubbed.jsonl")).permissions() ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));

    CHECK(one.record("raw.jsonl", {"--raw"}).exit_code == 0);
    const auto raw = read_file(one.file("raw.jsonl"));
    CHECK(raw.find("canary lamp.gcode.3mf") != std::string::npos);
    CHECK(raw.find(one.env.fleet().printers()[0].access_code) == std::string::npos);
    CHECK(decoded(one.env, one.file("raw.jsonl")) == decoded(one.env, one.file("scrubbed.jsonl")));
    CHECK_FALSE(std::filesystem::exists(one.env.directory() / "gateway/state/pins"));
}

TEST_CASE("record never overwrites, and names a wrong printer and a printer that is off") {
    StillPrinter one;
    write_file(one.file("there"), "precious");
    const auto refused = one.record("there");
    CHECK(refused.exit_code == 1);
    CHECK(refused.errors.find("exists and is not overwritten") != std::string::npos);
    CHECK(read_file(one.file("there")) == "precious");
    std::filesystem::create_symlink(one.file("elsewhere"), one.file("link"));
    CHECK(one.record("link").exit_code == 1);
    CHECK_FALSE(std::filesystem::exists(one.file("elsewhere")));

    const auto unknown = one.env.gateway().command_request({"record", "y"});
    CHECK(unknown.exit_code == 2);
    CHECK(unknown.errors.find("no printer 'y'") != std::string::npos);
    const auto zero = one.env.gateway().command_request({"record", "x", "--seconds", "0"});
    CHECK(zero.exit_code == 2);
    CHECK(zero.errors.find("--seconds") != std::string::npos);

    one.env.fleet().broker().stop();
    const auto off = one.record("off");
    CHECK(off.exit_code == 1);
    CHECK(off.errors.find("what to do") != std::string::npos);
}

TEST_CASE("beside a running gateway record opens no session, and begins with the whole state") {
    StillPrinter one;
    one.env.observe();
    one.env.gateway().start();
    REQUIRE(one.env.observer().wait_for_latest("bambu2mqtt/x/availability", "online", test_timeout));
    const auto sessions = one.env.fleet().driver().newest_session(0);
    const auto recorded = one.record("gateway.jsonl");
    CHECK_MESSAGE(recorded.exit_code == 0, recorded.errors);
    const auto text = read_file(one.file("gateway.jsonl"));
    CHECK(check_scrubbed(one.env, text).contains("info"));
    CHECK(recorded_lines(text)[1]["print"]["msg"] == 0);
    CHECK(decoded(one.env, one.file("gateway.jsonl"))["print_status"] ==
          json(one.env.retained().at("bambu2mqtt/x/print_status")));
    CHECK(one.env.fleet().driver().newest_session(0) == sessions);
    const auto standard = one.env.gateway().command_request({"record", "x", "--seconds", "1"});
    CHECK(standard.exit_code == 0);
    (void)check_scrubbed(one.env, standard.output);
    CHECK(one.env.gateway().stop() == 0);
}
