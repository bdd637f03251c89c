// Messages about more than one value: unknown names, sections, pairs of keys, syntax.
#include "unit/config/config_text.hpp"
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/config/config_table.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <support/files.hpp>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

TEST_CASE("a configuration without a printer is reported with the smallest valid file") {
    for (const auto* const text : {"", "\n# nothing\n", "[broker]\nurl = \"mqtt://nas\"\n"}) {
        check_wrong({{text, 0, "printer", "no printer, expected at least one; the smallest file is:"}});
    }
    check_wrong(
        {{"printer = []", 1, "printer", "no printer, expected at least one"},
         {"[printer]\nserial = \"x\"", 1, "printer", "found one table [printer], expected each printer"},
         {"printer = 5", 1, "printer", "found a whole number, expected each printer"},
         {"printer = [ 5 ]", 1, "printer[1]", "expected a table that begins with [[printer]]"}});
    const auto text = parse("").problems.at(0).text;
    CHECK(all(parse(text.substr(text.find('\n'))).problems) == "");
}

TEST_CASE("unknown keys and sections are reported with suggestions") {
    check_wrong({
        {before("state_dir = \"/x\""), 1, "state_dir", "is unknown here, did you mean \"state_directory\"?"},
        {after("[brokr]"), 7, "brokr", "did you mean \"broker\"?"},
        {after("[homeassistant]"), 7, "homeassistant", "did you mean \"home_assistant\"?"},
        {after("[[printers]]"), 7, "printers", "did you mean \"printer\"?"},
        {after("[zzzzzz]"), 7, "zzzzzz", "expected one of \"state_directory\", \"broker\""},
        {after("[log]\nlevl = \"info\""), 8, "log.levl", "did you mean \"level\"?"},
        {after("[log]\nFormat = \"text\""), 8, "log.Format", "did you mean \"format\"?"},
        {after("[log]\nqqqq = 1"), 8, "log.qqqq", "expected one of \"level\" or \"format\""},
        {after("hostname = \"x\""), 7, "printer[1].hostname", "did you mean \"host\"?"},
        {after("acess-code = \"x\""), 7, "printer[1].acess-code", "did you mean \"access_code\"?"},
        {after("state_directory = \"x\""), 7, "printer[1].state_directory",
         "expected before the first section"},
        {after("base_topic = \"x\""), 7, "printer[1].base_topic", "expected in the section [broker]"},
        {after("[log]\nmqtt_port = 1"), 8, "log.mqtt_port", "expected in the section [[printer]]"},
        {after("[broker.tls]"), 7, "broker.tls", "expected in the section [[printer]]"},
        {before("\"a\\u001bb\" = 1"), 1, "a?b", "is unknown here"},
    });
}

TEST_CASE("names of other programs are answered with what says the same here") {
    check_wrong({
        {with_line(2, "host = \"nas\""), 2, "broker.host",
         "is unknown here, expected url = \"mqtt://HOST[:PORT]\""},
        {with_line(2, "port = 1883"), 2, "broker.port", "url = \"mqtt://HOST:PORT\""},
        {after("ip = \"192.0.2.1\""), 7, "printer[1].ip", "expected host = "},
    });
}

TEST_CASE("a text without quotes is reported with the advice to put it in quotes") {
    for (const auto* const line :
         {"access_code = abc45678", "access_code = 01234567", "serial = 01S00C123456789"}) {
        CAPTURE(line);
        const auto loaded = parse(with_line(6, line));
        REQUIRE(loaded.problems.size() == 1);
        CHECK_MESSAGE(loaded.problems[0].text.ends_with(" is a text: put it in quotes"),
                      loaded.problems[0].text);
        CHECK(loaded.problems[0].text.find("45678") == std::string::npos);
    }
    check_wrong({{with_line(2, "url = mqtt://nas"), 2, "", "; url is a text: put it in quotes"}});
    const auto number = parse(with_line(2, "url = \"mqtt://nas\"\n[files]\ninline_limit = 12x"));
    REQUIRE(number.problems.size() == 1);
    CHECK(number.problems[0].text.find("quotes") == std::string::npos);
}

TEST_CASE("values that are as good as certainly mistyped cause warnings") {
    const auto warnings = [](const std::string& text) {
        const auto loaded = parse(text);
        CHECK(all(loaded.problems) == "");
        return all(loaded.warnings);
    };
    CHECK(warnings(std::string{smallest}) == "");
    CHECK(warnings(with_line(5, "host = \"192.168.1.500\"")) ==
          "test.toml:5: printer[1].host: found \"192.168.1.500\", which is no address: expected four numbers "
          "from "
          "0 to 255\n");
    CHECK(warnings(with_line(2, "url = \"mqtt://192.168.1:1883\"")).find("broker.url: found \"192.168.1\"") !=
          std::string::npos);
    CHECK(warnings(with_line(6, "access_code = \"1234567\"")).find("expected the 8 characters") !=
          std::string::npos);
    const auto serial = warnings(with_line(4, "serial = \"O1S00C123456789\""));
    CHECK_MESSAGE(serial.find("printer[1].serial: begins with \"O1S\" as no known model does") !=
                      std::string::npos,
                  serial);
    CHECK(warnings(with_line(4, "serial = \"99X00C123456789\"\nmodel = \"P1S\"")) == "");
    CHECK(warnings(with_line(2, "url = \"mqtt://nas\"\npassword = \"secret\"")) ==
          "test.toml:3: broker.password: has no effect, expected broker.username too\n");
    CHECK(warnings(with_line(2, "url = \"mqtt://nas\"\nusername = \"me\"\npassword = \"secret\"")) == "");
}

TEST_CASE("sections of the wrong type") {
    check_wrong(
        {{before("log = \"info\""), 1, "log", "found a text, expected a section that begins with [log]"},
         {after("[[files]]"), 7, "files", "found a list, expected a section that begins with [files]"}});
}

TEST_CASE("all problems are reported together, in file order, with printers counted from one") {
    const auto loaded = parse("stat = 1\n"
                              "[broker]\n"
                              "url = \"nas\"\n"
                              "[[printer]]\n"
                              "serial = \"01S00C123456789\"\n"
                              "access_code = \"x\"\n"
                              "mqtt_port = 0\n"
                              "host = \"a\"\n"
                              "[[printer]]\n"
                              "serial = \"01S00C123456780\"\n"
                              "access_code = \"x\"\n"
                              "tls = \"ca\"\n");
    std::vector<std::string> keys;
    for (const auto& problem : loaded.problems) {
        keys.push_back(fmt::format("{} {}", problem.line, problem.key));
    }
    CHECK(keys ==
          std::vector<std::string>{"1 stat", "3 broker.url", "7 printer[1].mqtt_port", "12 printer[2].tls"});
    CHECK(loaded.problems.at(2).to_string() ==
          "test.toml:7: printer[1].mqtt_port: found 0, expected a whole number from 1 to 65535");
}

TEST_CASE("keys that belong together") {
    const test_support::TemporaryDirectory folder;
    test_support::write_file(folder / "a.pem", "a");
    const std::string path = (folder / "a.pem").string();
    const auto broker = [&](std::string_view name) {
        return with_line(2, fmt::format("url = \"mqtts://nas\"\n{} = \"{}\"", name, path));
    };
    check_wrong({
        {broker("cert_file"), 3, "broker.cert_file", "found without broker.key_file, expected both or none"},
        {broker("key_file"), 3, "broker.key_file", "found without broker.cert_file, expected both or none"},
        {after("tls = \"ca\""), 7, "printer[1].tls",
         "found \"ca\" without a certificate, expected printer[1].ca_file too"},
    });
    CHECK(good(after(fmt::format("tls = \"ca\"\nca_file = \"{}\"", path))).printers[0].tls == TlsMode::ca);

    const auto plain = parse(with_line(2, fmt::format("ca_file = \"{}\"", path)));
    CHECK(all(plain.problems) == "");
    CHECK(all(plain.warnings) == "test.toml:2: broker.ca_file: has no effect with mqtt://, expected "
                                 "broker.url to begin with mqtts://\n");
    CHECK(all(parse(with_line(2, fmt::format("url = \"nas\"\nca_file = \"{}\"", path))).warnings) == "");
    CHECK(all(parse(after(fmt::format("tls = \"of\"\nca_file = \"{}\"", path))).warnings) == "");
    const auto pinned = parse(after(fmt::format("ca_file = \"{}\"", path)));
    CHECK(all(pinned.warnings) ==
          "test.toml:7: printer[1].ca_file: has no effect, expected printer[1].tls = \"ca\" too\n");
}

TEST_CASE("serials and ids are unique") {
    const auto second = [](std::string_view serial, std::string_view more = "") {
        return after(
            fmt::format("[[printer]]\nserial = \"{}\"\nhost = \"b\"\naccess_code = \"x\"\n{}", serial, more));
    };
    check_wrong({
        {second("01s00c123456789"), 8, "printer[2].serial", "which is the serial of printer[1] too"},
        {second("01S00C123456780", "id = \"p1p_6789\""), 11, "printer[2].id",
         "which is the id of printer[1] too, expected a different one for each printer"},
        {"[[printer]]\nserial = \"01S00C123456780\"\nhost = \"b\"\naccess_code = \"x\"\nid = "
         "\"p1p_6789\"\n" +
             std::string{smallest},
         9, "printer[2].serial",
         "found the id \"p1p_6789\", which is the id of printer[1] too, expected a key such as id = "
         "\"p1p_456789\" for this printer"},
    });
    CHECK(good(second("01S00C123456780", "id = \"a_b-1\"")).printers.at(1).id == "a_b-1");
}

TEST_CASE("of two printers with the same default id the later one needs its own, and one is suggested") {
    const auto second = [](std::string_view serial, std::string_view more = "") {
        return after(
            fmt::format("[[printer]]\nserial = \"{}\"\nhost = \"b\"\naccess_code = \"x\"\n{}", serial, more));
    };
    check_wrong({
        {second("01S00D999996789"), 8, "printer[2].serial",
         "found the id \"p1p_6789\", which is the id of printer[1] too, expected a key such as id = "
         "\"p1p_996789\" for this printer"},
        {"[[printer]]\nserial = \"01P00C000000001\"\nhost = \"c\"\naccess_code = \"x\"\nid = "
         "\"p1p_456789\"\n" +
             second("01S00D999456789"),
         13, "printer[3].serial", "id = \"01s00d999456789\" for this printer"},
    });
    const auto both = good(second("01S00D999996789", "id = \"p1p_996789\""));
    CHECK(both.printers.at(0).id == "p1p_6789");
    CHECK(both.printers.at(1).id == "p1p_996789");
    CHECK(good(second("01P00D999996789")).printers.at(1).id == "p1s_6789");
}

TEST_CASE("the area is a text of at most 64 characters") {
    std::string longest;
    for (int i = 0; i < 64; ++i) {
        longest += "ü";
    }
    CHECK(good(after("area = \"" + longest + "\"")).printers[0].area == longest);
    CHECK(good(std::string{smallest}).printers[0].area.empty());
    check_wrong({{after("area = \"" + longest + "x\""), 7, "printer[1].area", "at most 64 characters"},
                 {after("area = \"a\\u0007\""), 7, "printer[1].area", "without control characters"}});
}

TEST_CASE("groups are a list of names that can be topic levels; the group of all printers is reserved") {
    const auto groups = [](const std::string& line) { return good(after(line)).printers[0].groups; };
    CHECK(groups("groups = [\"upstairs\", \"pla-2_x\"]") == std::vector<std::string>{"upstairs", "pla-2_x"});
    CHECK(groups("groups = []").empty());
    CHECK(good(std::string{smallest}).printers[0].groups.empty());
    const std::string reserved = "\"all\" and \"command\" are reserved";
    for (const auto* const list : {"[\"all\"]", "[\"a\", \"all\"]", "[\"command\"]", "[\"Big\"]", "[\"a/b\"]",
                                   "[\"\"]", "\"a\"", "[1]"}) {
        check_wrong({{after(fmt::format("groups = {}", list)), 7, "printer[1].groups", reserved}});
    }
    check_wrong(
        {{after("groups = [\"" + std::string(65, 'g') + "\"]"), 7, "printer[1].groups", "at most 64"}});
}

TEST_CASE("reserved topic levels are not valid ids") {
    for (const auto* const id : {"bridge", "group", "response", "Big", "a b"}) {
        check_wrong({{after(fmt::format("id = \"{}\"", id)), 7, "printer[1].id",
                      "not \"bridge\", \"group\" or \"response\""}});
    }
}

TEST_CASE("a syntax error is reported with the line and the parser's message") {
    check_wrong({{"[broker]\nurl = \"mqtt://a", 2, "", "is not valid TOML: "},
                 {after("[log"), 7, "", "is not valid TOML: Error while parsing table header"},
                 {after("host = \"b\""), 7, "", "cannot redefine existing string 'host'"},
                 {"\xff\xfe", 1, "", "is not valid TOML: "}});
}

TEST_CASE("oversized files and deeply nested keys are refused early") {
    std::string deep;
    for (int level = 0; level < 40000; ++level) {
        deep += "a.";
    }
    check_wrong({{deep + "a = 1", 0, "", "is too large to be a configuration"},
                 {std::string(1048577, '#'), 0, "", "expected at most 1048576 bytes"}});
    CHECK(parse("# " + deep + "\n" + std::string{smallest}).problems.empty());
}

TEST_CASE("a suggestion needs a similar name") {
    constexpr std::array<std::string_view, 3> known{"serial", "host", "access_code"};
    CHECK(edit_distance("serial", "Serial") == 0);
    CHECK(edit_distance("seiral", "serial") == 1);
    CHECK(edit_distance("", "host") == 4);
    CHECK(nearest_name("serail", known) == "serial");
    CHECK(nearest_name("hosts", known) == "host");
    CHECK(nearest_name("acces_cod", known) == "access_code");
    CHECK(nearest_name("code", known) == "access_code");
    CHECK(nearest_name("zebra", known).empty());
}

TEST_CASE("foreign text is sanitized for messages") {
    CHECK(sanitize_for_log("a\x1b[31mb\n") == "a?[31mb?");
    CHECK(sanitize_for_log("mqtt://user:canary@nas") == "mqtt://***@nas");
    CHECK(sanitize_for_log(R"("mqtt://user:canary@nas")") == R"("mqtt://***@nas")");
    CHECK(sanitize_for_log("user:canary@nas:1883") == "***@nas:1883");
    CHECK(sanitize_for_log("user:canary@mqtt://nas") == "***@mqtt://nas");
    CHECK(sanitize_for_log("user:can://ary@nas") == "***@nas");
    CHECK(sanitize_for_log("mqtt://user:can@ary@nas") == "mqtt://***@nas");
    CHECK(sanitize_for_log(std::string(100, 'x')) == std::string(80, 'x') + "...");
    CHECK(sanitize_for_log(std::string(79, 'x') + "\xc3\xa4") == std::string(79, 'x') + "...");
    CHECK(sanitize_for_log("csi \xc2\x9b, no UTF-8 \x9b\xff, \xc3\xa4") == "csi ?, no UTF-8 ??, \xc3\xa4");
    CHECK(sanitize_for_log(std::string(80, 'x')) == std::string(80, 'x'));
    CHECK(printable(std::string_view{"mqtt://user:canary@nas\0x", 24}, 23) == "mqtt://user:canary@nas?...");
}

TEST_CASE("the table has one row per key, and every row describes the expected value") {
    std::vector<std::string> names;
    for (const auto& key : config_keys()) {
        CAPTURE(key.name);
        names.push_back(fmt::format("{}.{}", key.section, key.name));
        CHECK_FALSE(key.allowed.in_words.empty());
        CHECK_FALSE(key.doc.empty());
        CHECK(find_config_key(key.section, key.name) == &key);
        if (key.allowed.type == KeyType::secret_file) {
            const auto secret = key.name.substr(0, key.name.size() - secret_file_suffix.size());
            const auto* const row = find_config_key(key.section, secret);
            REQUIRE(row != nullptr);
            CHECK(row->allowed.type == KeyType::secret);
        }
    }
    std::ranges::sort(names);
    CHECK(std::ranges::adjacent_find(names) == names.end());
}
