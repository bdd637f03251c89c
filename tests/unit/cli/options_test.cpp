// The command line: every command with its options, and error messages.
#include "cli/options.hpp"
#include "support/files.hpp"
#include "unit/config/config_text.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace bambu2mqtt;
using bambu2mqtt::test::Environment;

namespace {

ParsedOptions parse_line(std::initializer_list<const char*> words) {
    std::vector<const char*> line{"bambu2mqtt"};
    line.insert(line.end(), words.begin(), words.end());
    return parse_options(static_cast<int>(line.size()), line.data());
}

Options good(std::initializer_list<const char*> words) {
    auto parsed = parse_line(words);
    CAPTURE(parsed.diagnostics);
    REQUIRE_FALSE(parsed.exit_code.has_value());
    CHECK(parsed.output.empty());
    CHECK(parsed.diagnostics.empty());
    return std::move(parsed.options);
}

std::string mistake(std::initializer_list<const char*> words) {
    const auto parsed = parse_line(words);
    CAPTURE(parsed.output);
    CHECK(parsed.exit_code == 2);
    CHECK(parsed.output.empty());
    CHECK_FALSE(parsed.diagnostics.empty());
    return parsed.diagnostics;
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("without a command the gateway runs") {
    const auto options = good({});
    CHECK(options.task == Task::run);
    CHECK_FALSE(options.log_level.has_value());
    CHECK(good({"run"}).task == Task::run);
}

TEST_CASE("commands without options of their own") {
    CHECK(good({"check"}).task == Task::check);
    CHECK(good({"health"}).task == Task::health);
    CHECK(good({"entities"}).task == Task::entities);
    CHECK_FALSE(good({"entities"}).markdown);
}

TEST_CASE("init") {
    const auto options = good({"init", "--broker", "mqtt://b", "--serial", "01s00c123456789", "--host", "h",
                               "--name", "n", "--access-code-file", "f", "--mqtt-port", "1", "--ftps-port",
                               "65535", "--non-interactive", "--force"});
    CHECK(options.task == Task::init);
    CHECK(options.broker == "mqtt://b");
    CHECK(options.serial == "01S00C123456789");
    CHECK(options.host == "h");
    CHECK(options.name == "n");
    CHECK(options.access_code_file == "f");
    CHECK(options.mqtt_port == 1);
    CHECK(options.ftps_port == 65535);
    CHECK(options.non_interactive);
    CHECK(options.force);
    CHECK_FALSE(good({"init"}).mqtt_port.has_value());
    CHECK(contains(mistake({"init", "--mqtt-port", "65536"}), "65536"));
    CHECK(contains(mistake({"init", "--access-code", "12345678"}), "--access-code"));
}

TEST_CASE("record") {
    const auto options = good({"record", "p1", "--seconds", "86400", "--out", "f.jsonl", "--raw"});
    CHECK(options.task == Task::record);
    CHECK(options.printer == "p1");
    CHECK(options.seconds == std::chrono::seconds{86400});
    CHECK(options.out == "f.jsonl");
    CHECK(options.raw);
    CHECK(good({"record", "p1"}).seconds == std::chrono::seconds{60});
    CHECK_FALSE(good({"record", "p1"}).raw);
    CHECK(contains(mistake({"record", "p1", "--seconds", "0"}), "--seconds: Value 0 not in range"));
    CHECK(contains(mistake({"record", "p1", "--seconds", "86401"}), "86401"));
    CHECK(contains(mistake({"record"}), "PRINTER"));
}

TEST_CASE("replay") {
    const auto options =
        good({"replay", "a.jsonl", "b.jsonl", "--speed", "100", "--broker", "mqtt://b", "--discovery"});
    CHECK(options.task == Task::replay);
    CHECK(options.files == std::vector<std::string>{"a.jsonl", "b.jsonl"});
    CHECK(options.speed == 100);
    CHECK(options.broker == "mqtt://b");
    CHECK(options.discovery);
    CHECK(good({"replay", "a.jsonl"}).speed == 1);
    CHECK(contains(mistake({"replay", "a.jsonl", "--speed", "0"}), "--speed"));
    CHECK(contains(mistake({"replay"}), "FILE"));
}

TEST_CASE("doctor") {
    CHECK(good({"doctor"}).task == Task::doctor);
    CHECK(good({"doctor"}).printers.empty());
    const auto options = good({"doctor", "--json", "x1c_0001", "Workshop"});
    CHECK(options.json);
    CHECK(options.printers == std::vector<std::string>{"x1c_0001", "Workshop"});
    CHECK(contains(mistake({"doctor", ""}), "at least one character"));
}

TEST_CASE("discover") {
    CHECK(good({"discover"}).task == Task::discover);
    CHECK(good({"discover"}).seconds == std::chrono::seconds{35});
    CHECK_FALSE(good({"discover"}).json);
    const auto options = good({"discover", "--seconds", "5", "--json"});
    CHECK(options.seconds == std::chrono::seconds{5});
    CHECK(options.json);
    for (const auto* const wrong : {"0", "3601", "-1", "x", ""}) {
        CAPTURE(wrong);
        (void)mistake({"discover", "--seconds", wrong});
    }
}

TEST_CASE("the path of the configuration") {
    ::unsetenv("BAMBU2MQTT_CONFIG");
    CHECK((good({}).config == "/etc/bambu2mqtt/bambu2mqtt.toml" ||
           good({}).config == "./config/bambu2mqtt.toml"));
    {
        const auto unset = good({}).config;
        const Environment empty{"BAMBU2MQTT_CONFIG", ""};
        CHECK(good({}).config == unset);
    }
    const Environment variable{"BAMBU2MQTT_CONFIG", "/srv/from-variable.toml"};
    CHECK(good({"check"}).config == "/srv/from-variable.toml");
    CHECK(good({"--config", "typed.toml", "check"}).config == "typed.toml");
    CHECK(good({"check", "--config", "typed.toml"}).config == "typed.toml");
    CHECK(good({"check", "--config=typed.toml"}).config == "typed.toml");
    CHECK(contains(mistake({"--config", ""}), "--config"));
    CHECK(contains(mistake({"--config"}), "--config"));
}

TEST_CASE("the default configuration is the system's, unless only the local one exists") {
    const bambu2mqtt::test_support::TemporaryDirectory directory;
    const auto system = directory / "system.toml";
    const auto local = directory / "local.toml";
    CHECK(default_config(system, local) == system); // the error then names it
    bambu2mqtt::test_support::write_file(local, "");
    CHECK(default_config(system, local) == local);
    bambu2mqtt::test_support::write_file(system, "");
    CHECK(default_config(system, local) == system);

    // One that cannot be looked at is not skipped, as with a folder without permission.
    std::filesystem::create_symlink(directory / "loop", directory / "loop");
    CHECK(default_config(directory / "loop" / "system.toml", local) == directory / "loop" / "system.toml");
}

TEST_CASE("the log level before and after the command") {
    CHECK(good({"--log-level", "debug"}).log_level == "debug");
    CHECK(good({"run", "--log-level", "off"}).log_level == "off");
    const auto text = mistake({"--log-level", "loud"});
    CHECK(contains(text, "--log-level"));
    CHECK(contains(text, R"(found "loud", expected "trace", "debug", "info", "warn", "error" or "off")"));
}

TEST_CASE("decode") {
    const auto options = good({"decode", "--model", "h2d pro", "--serial", " 01s00c123456789", "--now",
                               "2026-01-31T18:00:00Z", "--each", "a.json", "-"});
    CHECK(options.task == Task::decode);
    CHECK(options.model == Model::h2dpro);
    CHECK(options.serial == "01S00C123456789");
    CHECK(options.now == WallTime{std::chrono::seconds{1769882400}});
    CHECK(options.each);
    CHECK(options.files == std::vector<std::string>{"a.json", "-"});

    const auto plain = good({"decode", "run"});
    CHECK(plain.task == Task::decode);
    CHECK(plain.files == std::vector<std::string>{"run"});
    CHECK_FALSE(plain.model.has_value());
    CHECK_FALSE(plain.now.has_value());
    CHECK_FALSE(plain.each);
    CHECK(plain.serial.empty());

    CHECK(contains(mistake({"decode"}), "FILE"));
    CHECK(contains(mistake({"decode", "--now", "yesterday", "a"}),
                   "expected a time like 2026-01-31T18:00:00Z"));
    CHECK(contains(mistake({"decode", "--serial", "?", "a"}), "expected 8 to 24 letters and digits"));
    CHECK(contains(mistake({"decode", "--markdown", "a"}), "--markdown"));
}

TEST_CASE("a wrong model lists the models") {
    for (const auto* const command : {"decode", "discovery", "entities"}) {
        const auto text = mistake({command, "--model", "X9", "a"});
        for (const auto& row : models()) {
            CHECK(contains(text, row.code));
        }
        CHECK(contains(text, "found \"X9\", expected one of"));
    }
}

TEST_CASE("discovery") {
    const auto options = good({"discovery", "--model", "A1", "--serial", "03900A123456789", "--id", "garage",
                               "--name", "My printer", "--developer-mode", "on", "a.json"});
    CHECK(options.task == Task::discovery);
    CHECK(options.model == Model::a1);
    CHECK(options.serial == "03900A123456789");
    CHECK(options.id == "garage");
    CHECK(options.name == "My printer");
    CHECK(options.developer_mode == true);
    CHECK(options.files == std::vector<std::string>{"a.json"});
    CHECK(good({"discovery", "--developer-mode", "off", "-"}).developer_mode == false);
    CHECK_FALSE(good({"discovery", "-"}).developer_mode.has_value());
    CHECK(contains(mistake({"discovery", "--developer-mode", "maybe", "-"}), "expected \"on\" or \"off\""));
    CHECK(
        contains(mistake({"discovery", "--id", "bridge", "-"}), "not \"bridge\", \"group\" or \"response\""));
    CHECK(contains(mistake({"discovery"}), "FILE"));
}

TEST_CASE("encode") {
    const auto options =
        good({"encode", "--model", "p1s", "--serial", "01P00A123456789", "--state", "state.jsonl",
              "--developer-mode", "off", "set_bed_temp_target", "{\"value\":60}"});
    CHECK(options.task == Task::encode);
    CHECK(options.model == Model::p1s);
    CHECK(options.serial == "01P00A123456789");
    CHECK(options.files == std::vector<std::string>{"state.jsonl"});
    CHECK(options.developer_mode == false);
    CHECK(options.name_of_command == "set_bed_temp_target");
    CHECK(options.arguments == "{\"value\":60}");
    const auto as_documented = good(
        {"encode", "--model", "P1S", "--state", "report.json", "set_bed_temp_target", "{\"value\": 60}"});
    CHECK(as_documented.files == std::vector<std::string>{"report.json"});
    CHECK(as_documented.name_of_command == "set_bed_temp_target");
    CHECK(as_documented.arguments == "{\"value\": 60}");
    CHECK(good({"encode", "pause_printing"}).arguments.empty());
}

TEST_CASE("entities and pin") {
    const auto options = good({"entities", "--model", "x1c", "--markdown"});
    CHECK(options.model == Model::x1c);
    CHECK(options.markdown);
    const auto pin = good({"pin", "garage"});
    CHECK(pin.task == Task::pin);
    CHECK(pin.printer == "garage");
    CHECK_FALSE(pin.yes);
    CHECK_FALSE(pin.force);
    CHECK(good({"pin", "--yes", "garage"}).yes);
    CHECK(good({"pin", "garage", "--force"}).force);
    CHECK(contains(mistake({"pin"}), "PRINTER"));
    CHECK(contains(mistake({"pin", ""}), "PRINTER"));
}

TEST_CASE("help and version exit with 0") {
    const auto version = parse_line({"--version"});
    CHECK(version.exit_code == 0);
    CHECK(version.output == "bambu2mqtt " BAMBU2MQTT_VERSION "\n");
    CHECK(version.diagnostics.empty());

    const auto help = parse_line({"--help"});
    CHECK(help.exit_code == 0);
    CHECK(help.diagnostics.empty());
    for (const auto* const word : {"run", "check", "decode", "discovery", "entities", "pin", "health",
                                   "--config", "--log-level", "BAMBU2MQTT_CONFIG", "Exit codes"}) {
        CAPTURE(word);
        CHECK(contains(help.output, word));
    }

    const auto decode = parse_line({"decode", "--help"});
    CHECK(decode.exit_code == 0);
    CHECK(contains(decode.output, "--each"));
    CHECK(contains(parse_line({"pin", "--help"}).output, "--config"));
    CHECK(contains(parse_line({"discover", "--help"}).output, "bound to an account"));
}

TEST_CASE("mistakes exit with 2") {
    CHECK(contains(mistake({"fly"}), "fly"));
    CHECK(contains(mistake({"discovr"}), "Did you mean \"discover\"?"));
    CHECK_FALSE(contains(mistake({"zzzzzzzz"}), "Did you mean"));
    CHECK(contains(mistake({"--bogus"}), "--bogus"));
    CHECK(contains(mistake({"check", "health"}), "health"));
    CHECK(contains(mistake({"check", "extra"}), "extra"));
    CHECK(contains(mistake({"encode"}), "COMMAND"));
    CHECK(contains(mistake({"encode", "pause_printing", "{}", "{}"}), "{}"));
}
