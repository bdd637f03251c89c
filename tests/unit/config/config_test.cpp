// Accepted values of each key, and the problems reported for others.
#include "unit/config/config_text.hpp"
#include <bambu2mqtt/config/config.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <sstream>
#include <support/files.hpp>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

/// A key after the smallest file's last one, i.e. in line 7 of the printer's section.
WrongText wrong_printer(std::string_view name, std::string_view value, std::string message) {
    return {after(fmt::format("{} = {}", name, value)), 7, fmt::format("printer[1].{}", name),
            std::move(message)};
}

/// A key of a section after the smallest file, i.e. in line 8.
WrongText wrong_key(std::string_view section, std::string_view name, std::string_view value,
                    std::string message) {
    return {after(fmt::format("[{}]\n{} = {}", section, name, value)), 8, fmt::format("{}.{}", section, name),
            std::move(message)};
}

/// A key of [broker] in line 2, in place of the URL.
WrongText wrong_broker(std::string_view name, std::string_view value, std::string message) {
    return {with_line(2, fmt::format("{} = {}", name, value)), 2, fmt::format("broker.{}", name),
            std::move(message)};
}

} // namespace

TEST_CASE("the smallest file is sufficient, and everything else has its default") {
    const auto config = good(smallest);
    CHECK(config.state_directory == "/var/lib/bambu2mqtt");
    CHECK(config.broker.host == "127.0.0.1");
    CHECK(config.broker.port == 1883);
    CHECK_FALSE(config.broker.tls);
    CHECK(config.broker.client_id == "bambu2mqtt");
    CHECK(config.broker.base_topic == "bambu2mqtt");
    CHECK(config.broker.response_topics.empty());
    CHECK(config.broker.password.empty());
    CHECK(config.home_assistant.enabled);
    CHECK(config.home_assistant.discovery_prefix == "homeassistant");
    CHECK(config.home_assistant.status_topic == "homeassistant/status");
    CHECK(config.home_assistant.discovery == DiscoveryForm::device);
    CHECK(config.control.allow == ControlLevel::full);
    CHECK_FALSE(config.control.raw_commands);
    CHECK_FALSE(config.control.trust_commands);
    CHECK_FALSE(config.control.raw_topics);
    CHECK(config.files.directory == "/var/lib/bambu2mqtt/files");
    CHECK_FALSE(config.files.allow_urls);
    CHECK(config.files.inline_limit == 1048576);
    CHECK(config.files.url_limit == 536870912);
    CHECK(config.log.level == "info");
    CHECK(config.log.format == LogFormat::text);
    REQUIRE(config.printers.size() == 1);
    const auto& printer = config.printers[0];
    CHECK(printer.serial == "01S00C123456789");
    CHECK(printer.host == "192.0.2.1");
    CHECK(printer.access_code.reveal() == "12345678");
    CHECK(printer.id == "p1p_6789");
    CHECK(printer.name.empty());
    CHECK_FALSE(printer.allow.has_value());
    CHECK_FALSE(printer.model.has_value());
    CHECK(printer.tls == TlsMode::pin);
    CHECK(printer.username == "bblp");
    CHECK(printer.mqtt_port == 8883);
    CHECK(printer.ftps_port == 990);
    CHECK(printer.url_scheme.empty());
    CHECK(printer.usage_hours == 0);
}

TEST_CASE("every key is stored in its field") {
    const test_support::TemporaryDirectory folder;
    test_support::write_file(folder / "ca.pem", "ca");
    test_support::write_file(folder / "cert.pem", "cert");
    test_support::write_file(folder / "key.pem", "key");
    std::filesystem::create_directory(folder / "templates");
    const auto loaded = parse_config(R"(
state_directory = "state"
[broker]
url = "mqtts://broker.example:18883/"
username = "user"
password = "canary"
client_id = "second"
base_topic = "home/printers"
response_topics = ["answers/#", "+/mine"]
ca_file = "ca.pem"
cert_file = "cert.pem"
key_file = "key.pem"
[home_assistant]
enabled = false
discovery_prefix = "ha"
status_topic = "ha/status"
discovery = "component"
templates = "templates"
[control]
allow = "safe"
raw_commands = true
raw_topics = true
trust_commands = true
[files]
directory = "/srv/files"
allow_urls = true
inline_limit = 0
url_limit = 1000000
[texts]
language = "de"
[log]
level = "debug"
format = "json"
[[printer]]
serial = " 01p00a123456789 "
host = "printer.local"
access_code = "canary12"
id = "garage"
name = "Garage"
groups = ["upstairs", "pla"]
allow = "none"
model = "p1s"
tls = "ca"
ca_file = "ca.pem"
username = "other"
mqtt_port = 18884
ftps_port = 1990
url_scheme = "sdcard"
usage_hours = 12.5
)",
                                     folder / "bambu2mqtt.toml");
    REQUIRE(all(loaded.problems) == "");
    CHECK(all(loaded.warnings) == "");
    const auto& config = loaded.config;
    CHECK(config.state_directory == folder / "state");
    CHECK(config.broker.tls);
    CHECK(config.broker.host == "broker.example");
    CHECK(config.broker.port == 18883);
    CHECK(config.broker.username == "user");
    CHECK(config.broker.password.reveal() == "canary");
    CHECK(config.broker.client_id == "second");
    CHECK(config.broker.base_topic == "home/printers");
    CHECK(config.broker.response_topics == std::vector<std::string>{"answers/#", "+/mine"});
    CHECK(config.broker.ca_file == folder / "ca.pem");
    CHECK(config.broker.cert_file == folder / "cert.pem");
    CHECK(config.broker.key_file == folder / "key.pem");
    CHECK_FALSE(config.home_assistant.enabled);
    CHECK(config.home_assistant.discovery_prefix == "ha");
    CHECK(config.home_assistant.status_topic == "ha/status");
    CHECK(config.home_assistant.discovery == DiscoveryForm::component);
    CHECK(config.home_assistant.templates == folder / "templates");
    CHECK(config.control.allow == ControlLevel::safe);
    CHECK(config.control.raw_commands);
    CHECK(config.control.trust_commands);
    CHECK(config.control.raw_topics);
    CHECK(config.files.directory == "/srv/files");
    CHECK(config.files.allow_urls);
    CHECK(config.files.inline_limit == 0);
    CHECK(config.files.url_limit == 1000000);
    CHECK(config.texts.language == Language::de);
    CHECK(config.log.level == "debug");
    CHECK(config.log.format == LogFormat::json);
    REQUIRE(config.printers.size() == 1);
    const auto& printer = config.printers[0];
    CHECK(printer.serial == "01P00A123456789");
    CHECK(printer.host == "printer.local");
    CHECK(printer.access_code.reveal() == "canary12");
    CHECK(printer.id == "garage");
    CHECK(printer.name == "Garage");
    CHECK(printer.groups == std::vector<std::string>{"upstairs", "pla"});
    CHECK(printer.allow == ControlLevel::none);
    CHECK(printer.model == Model::p1s);
    CHECK(printer.tls == TlsMode::ca);
    CHECK(printer.ca_file == folder / "ca.pem");
    CHECK(printer.username == "other");
    CHECK(printer.mqtt_port == 18884);
    CHECK(printer.ftps_port == 1990);
    CHECK(printer.url_scheme == "sdcard");
    CHECK(printer.usage_hours == 12.5);
}

TEST_CASE("each word of an enumeration is stored as the enumerator with that name") {
    const auto tls = [](std::string_view word) {
        return good(after(fmt::format("tls = \"{}\"\nca_file = \"/etc/passwd\"", word))).printers[0].tls;
    };
    CHECK(tls("pin") == TlsMode::pin);
    CHECK(tls("ca") == TlsMode::ca);
    CHECK(tls("insecure") == TlsMode::insecure);
    const auto section = [](std::string_view name, std::string_view key, std::string_view word) {
        return good(after(fmt::format("[{}]\n{} = \"{}\"", name, key, word)));
    };
    CHECK(section("control", "allow", "full").control.allow == ControlLevel::full);
    CHECK(section("control", "allow", "safe").control.allow == ControlLevel::safe);
    CHECK(section("control", "allow", "none").control.allow == ControlLevel::none);
    const auto allow = [](std::string_view word) {
        const auto config = good(after(fmt::format("allow = \"{}\"\n[control]\nallow = \"safe\"", word)));
        return control_level(config.printers[0], config.control);
    };
    CHECK(allow("full") == ControlLevel::full);
    CHECK(allow("none") == ControlLevel::none);
    CHECK(allow("") == ControlLevel::safe);
    CHECK(section("home_assistant", "discovery", "device").home_assistant.discovery == DiscoveryForm::device);
    CHECK(section("home_assistant", "discovery", "component").home_assistant.discovery ==
          DiscoveryForm::component);
    CHECK(section("texts", "language", "en").texts.language == Language::en);
    CHECK(section("texts", "language", "de").texts.language == Language::de);
    CHECK(section("log", "format", "text").log.format == LogFormat::text);
    CHECK(section("log", "format", "json").log.format == LogFormat::json);
}

TEST_CASE("broker addresses") {
    const auto broker = [](std::string_view url) {
        return good(with_line(2, fmt::format("url = \"{}\"", url))).broker;
    };
    CHECK(broker("mqtt://nas.lan:1884").port == 1884);
    CHECK(broker("mqtts://nas.lan").port == 8883);
    CHECK(broker("mqtts://nas.lan").tls);
    CHECK(broker("mqtt://[fe80::1%eth0]:1885").host == "fe80::1%eth0");
    CHECK(broker("mqtt://[::1]").port == 1883);
    const std::string_view expected = "expected mqtt://HOST[:PORT] or mqtts://HOST[:PORT]";
    for (const auto* const url :
         {"", "127.0.0.1", "http://nas", "mqtt:/nas", "mqtt://", "mqtt://:1883", "mqtt://nas:0",
          "mqtt://nas:70000", "mqtt://nas:", "mqtt://nas:x", "mqtt://nas:1883x", "mqtt://nas/path",
          "mqtt://na s", "mqtt://::1", "mqtt://[::1", "mqtt://[nas]", "mqtt://[::1]1883", "mqtt://nas:-1"}) {
        check_wrong({wrong_broker("url", fmt::format("\"{}\"", url), std::string{expected})});
    }
}

TEST_CASE("a list of broker addresses: the nodes of one cluster, all with TLS or none") {
    const auto cluster = good(with_line(2, R"(url = ["mqtt://a", "mqtt://b:1884", "mqtt://[::1]"])")).broker;
    CHECK(cluster.nodes() == 3);
    CHECK(cluster.host == "a");
    CHECK(cluster.more_nodes ==
          std::vector{BrokerAddress{.host = "b", .port = 1884}, BrokerAddress{.host = "::1", .port = 1883}});
    CHECK(cluster.node(0).host == "a");
    CHECK(cluster.node(1).port == 1884);
    CHECK(cluster.node(2).host == "::1");
    CHECK(cluster.node(2).nodes() == 1);
    CHECK(good(smallest).broker.nodes() == 1);
    const std::string expected = "expected mqtt://HOST[:PORT]";
    check_wrong({wrong_broker("url", R"(["mqtt://a", "nas"])", "found [\"mqtt://a\", \"nas\"], " + expected),
                 wrong_broker("url", "[]", "found [], " + expected),
                 wrong_broker("url", "[1883]", "found a list, " + expected),
                 wrong_broker("url", R"(["mqtt://a", "mqtts://b"])", "found mqtt:// beside mqtts://")});
}

TEST_CASE("type errors name the found and the expected type") {
    check_wrong({
        {before("state_directory = 5"), 1, "state_directory", "found 5, expected the path of a folder"},
        wrong_broker("url", "1883", "found 1883, expected mqtt://"),
        wrong_broker("username", "true", "found true, expected a text"),
        wrong_broker("ca_file", "[\"a\"]", "found [\"a\"], expected the path of a file"),
        wrong_key("home_assistant", "enabled", "\"yes\"", "found \"yes\", expected true or false"),
        wrong_key("home_assistant", "discovery", "true", "found true, expected \"device\" or \"component\""),
        wrong_key("home_assistant", "templates", "1", "found 1, expected the path of a folder that exists"),
        wrong_key("control", "raw_commands", "1", "found 1, expected true or false"),
        wrong_key("control", "raw_topics", "\"\"", "found an empty text, expected true or false"),
        wrong_key("files", "allow_urls", "\"yes\"", "found \"yes\", expected true or false"),
        wrong_key("files", "inline_limit", "1.5", "found 1.5, expected a whole number of bytes"),
        wrong_key("log", "level", "2024-01-01", "found a date or time, expected \"trace\""),
        {with_line(4, "serial = 5"), 4, "printer[1].serial", "found 5, expected the printer's serial number"},
        {with_line(5, "host = {}"), 5, "printer[1].host", "found a table, expected the printer's address"},
        wrong_printer("id", "5", "found 5, expected small letters"),
        wrong_printer("name", "false", "found false, expected a text"),
        wrong_printer("model", "1", "found 1, expected one of A1"),
        wrong_printer("mqtt_port", "\"8883\"", "found \"8883\", expected a whole number from 1 to 65535"),
        wrong_printer("ftps_port", "990.0", "expected a whole number from 1 to 65535"),
        wrong_printer("usage_hours", "\"5\"", "found \"5\", expected a number of hours"),
    });
}

TEST_CASE("values out of range") {
    const std::string topic = "expected a topic without";
    check_wrong({
        {before("state_directory = \"\""), 1, "state_directory", "found an empty text, expected the path"},
        wrong_broker("client_id", "\"\"", "found an empty text"),
        wrong_key("files", "directory", "\"\"", "found an empty text, expected the path of a folder"),
        wrong_key("files", "inline_limit", "-1", "found -1, expected a whole number of bytes from 0"),
        wrong_key("files", "inline_limit", "134217729", "found 134217729"),
        wrong_key("files", "url_limit", "0", "found 0, expected a whole number of bytes from 1"),
        wrong_key("files", "url_limit", "4294967296", "found 4294967296"),
        wrong_key("control", "trust_commands", "\"yes\"", "found \"yes\", expected true or false"),
        wrong_key("log", "level", "\"loud\"",
                  R"(found "loud", expected "trace", "debug", "info", "warn", "error" or "off")"),
        wrong_key("texts", "language", "\"fr\"", "found \"fr\", expected \"en\" or \"de\""),
        wrong_key("log", "format", "\"xml\"", "expected \"text\" or \"json\""),
        wrong_key("home_assistant", "discovery", "\"Device\"", "expected \"device\" or \"component\""),
        wrong_key("home_assistant", "templates", "\"/nonexistent/folder\"",
                  "\"/nonexistent/folder\": does not exist"),
        wrong_key("home_assistant", "templates", "\"/dev/null\"", "\"/dev/null\": is not a folder"),
        wrong_key("control", "allow", "\"all\"", "found \"all\", expected \"full\", \"safe\" or \"none\""),
        wrong_printer("tls", "\"none\"", "found \"none\", expected \"pin\", \"ca\" or \"insecure\""),
        wrong_printer("url_scheme", "\"http\"", R"(expected "", "ftp" or "sdcard")"),
        wrong_printer("mqtt_port", "0", "found 0, expected a whole number from 1 to 65535"),
        wrong_printer("ftps_port", "70000", "found 70000, expected a whole number from 1 to 65535"),
        wrong_printer("usage_hours", "-0.5", "found -0.5, expected a number of hours from 0"),
        wrong_printer("usage_hours", "nan", "expected a number of hours from 0"),
        wrong_printer("usage_hours", "inf", "expected a number of hours from 0"),
        wrong_printer("username", "\"\"", "found an empty text"),
        wrong_printer("name", R"("a\u0007b")", "found \"a?b\", expected a text of at most 128 characters"),
        wrong_printer("model", "\"X9\"", "found \"X9\", expected one of A1, "),
        wrong_printer("id", "\"\"", "found an empty text, expected small letters"),
        wrong_printer("id", "\"Garage\"", "found \"Garage\", expected small letters"),
        wrong_printer("id", "\"a/b\"", "found \"a/b\", expected small letters"),
        wrong_printer("id", "\"bridge\"", "found \"bridge\", expected small letters"),
        wrong_printer("ca_file", "\"/nonexistent.pem\"", "\"/nonexistent.pem\": no such file or directory"),
        wrong_printer("ca_file", "\"/usr\"", "\"/usr\": is a folder"),
        wrong_printer("ca_file", "\"/dev/zero\"", "\"/dev/zero\": is not a regular file"),
        {with_line(5, "host = \"http://192.0.2.1\""), 5, "printer[1].host", "without scheme and port"},
        {with_line(5, "host = \"192.0.2.1:8883\""), 5, "printer[1].host", "without scheme and port"},
        {with_line(5, "host = \"\""), 5, "printer[1].host", "found an empty text, expected"},
        {with_line(4, "serial = \"\""), 4, "printer[1].serial", "found an empty text"},
        {with_line(4, "serial = \"01S-00C\""), 4, "printer[1].serial", "mostly 15 letters and digits"},
        {with_line(4, "serial = \"0123456\""), 4, "printer[1].serial", "the label on the printer"},
        {with_line(4, "serial = \"0123456789012345678901234\""), 4, "printer[1].serial", "8 to 24"},
        {with_line(6, "access_code = \"\""), 6, "printer[1].access_code",
         "found an empty text, expected the access code"},
    });
    for (const auto* const value : {"", "a/+", "a/#", "/a", "a/", "$SYS"}) {
        const std::string quoted = fmt::format("\"{}\"", value);
        check_wrong({wrong_broker("base_topic", quoted, topic),
                     wrong_key("home_assistant", "discovery_prefix", quoted, topic),
                     wrong_key("home_assistant", "status_topic", quoted, topic)});
    }
}

TEST_CASE("texts are limited in length and topics in levels, up to what brokers and printers take") {
    const auto quoted = [](const std::string& text) { return fmt::format("\"{}\"", text); };
    const auto times = [](std::size_t count, std::string_view text) {
        std::string result;
        for (std::size_t i = 0; i < count; ++i) {
            result += text;
        }
        return result;
    };
    const std::string too_long_secret =
        "found a text that is too long or has control characters, expected the";
    check_wrong({
        wrong_broker("client_id", quoted(std::string(257, 'c')), "expected a text of 1 to 256 characters"),
        wrong_broker("username", quoted(std::string(257, 'u')), "expected a text of at most 256 characters"),
        wrong_broker("base_topic", quoted(std::string(257, 't')), "of at most 256 bytes and 16 levels"),
        wrong_broker("base_topic", quoted(times(16, "t/") + "t"), "of at most 256 bytes and 16 levels"),
        wrong_printer("id", quoted(std::string(65, 'i')), "at most 64, and not \"bridge\""),
        wrong_printer("name", quoted(times(129, "ü")), "expected a text of at most 128 characters"),
        {with_line(6, "access_code = " + quoted(std::string(65, '1'))), 6, "printer[1].access_code",
         too_long_secret},
        {with_line(6, R"(access_code = "1234\n5678")"), 6, "printer[1].access_code", too_long_secret},
    });
    CHECK(good(with_line(2, "client_id = " + quoted(times(256, "ü")))).broker.client_id.size() == 512);
    CHECK(good(with_line(2, "base_topic = " + quoted(times(15, "t/") + "t"))).broker.base_topic.size() == 31);
    CHECK(good(after("name = " + quoted(times(128, "ü")))).printers.at(0).name.size() == 256);
    CHECK(good(with_line(6, "access_code = " + quoted(std::string(64, '1')))).printers.size() == 1);
}

TEST_CASE("response topics are MQTT filters") {
    const std::string expected = "expected a list of MQTT topic filters";
    for (const auto* const filter :
         {"a+", "a/#/b", "#a", "", "$SYS/#", "a\\u0000b", "a\\u001fb", "a/\\uFFFF"}) {
        check_wrong(
            {wrong_broker("response_topics", fmt::format("[\"answers/#\", \"{}\"]", filter), expected)});
    }
    check_wrong({
        wrong_broker("response_topics", R"(["a+b"])", R"(found ["a+b"], expected a list)"),
        wrong_broker("response_topics", R"("answers/#")", "found \"answers/#\", " + expected),
        wrong_broker("response_topics", "[1]", "found a list, " + expected),
        wrong_broker("response_topics", "true", "found true, " + expected),
        wrong_broker("base_topic", R"(["a"])", "found [\"a\"], expected a topic"),
        wrong_broker("username", R"(["a"])", "found [\"a\"], expected a text"),
        wrong_broker("password", R"(["canary"])", "found a list, expected a text"),
    });
    CHECK(good(with_line(2, "response_topics = []")).broker.response_topics.empty());
    CHECK(good(with_line(2, R"(response_topics = ["#", "+", "/", "a//b", "a/+/c/#"])"))
              .broker.response_topics.size() == 5);
    check_wrong({wrong_printer("id", "\"response\"", "not \"bridge\", \"group\" or \"response\"")});
}

TEST_CASE("missing keys are reported at the printer's header") {
    check_wrong({
        {with_line(4, ""), 3, "printer[1].serial", "is missing, expected the printer's serial number"},
        {with_line(5, "tls = \"insecure\""), 5, "printer[1].tls",
         "found \"insecure\" without printer[1].host, expected both"},
        {with_line(6, ""), 3, "printer[1].access_code", "is missing, expected the access code"},
        {with_line(6, "access_code_file = \"\""), 3, "printer[1].access_code", "is missing"},
    });
    const auto found = good("[[printer]]\nserial=\"01S00C123456789\"\naccess_code=\"x\"").printers.at(0);
    CHECK(found.host.empty());
    CHECK(follows_announcements(found));
    CHECK(good("[[printer]]\nserial=\"01S00C123456789\"\nhost=\"::1\"\naccess_code=\"x\"").broker.host ==
          "127.0.0.1");
}
