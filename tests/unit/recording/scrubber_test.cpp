// What identifies a printer, its owner and their files does not stay in a recording; what decodes to states
// does.
#include "unit/state/captures.hpp"
#include <bambu2mqtt/recording/recorded_line.hpp>
#include <bambu2mqtt/recording/scrubber.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace bambu2mqtt::test {

namespace {

const std::vector<std::string> own_secrets{"01P00C412345678", "48151623", "192.168.178.93"};

OrderedJson scrubbed(const std::string& text) {
    Scrubber scrubber{own_secrets};
    auto message = parse_recordable(text);
    REQUIRE(message.is_object());
    scrubber.scrub(message);
    return message;
}

std::string scrubbed_member(const std::string& key, const std::string& value) {
    return scrubbed(OrderedJson{{"print", {{key, value}}}}.dump())["print"].front().get<std::string>();
}

/// Entities whose values are names, addresses, tags or serials.
bool is_private(const std::string& id) {
    static const std::set<std::string> ids{"task_name", "gcode_file", "ip_address", "rtsp_url"};
    return ids.contains(id);
}

} // namespace

TEST_CASE("states stay: words, numbers, versions, colours and bit fields") {
    for (const auto& member :
         std::vector<std::pair<std::string, std::string>>{{"command", "push_status"},
                                                          {"gcode_state", "RUNNING"},
                                                          {"wifi_signal", "-49dBm"},
                                                          {"nozzle_diameter", "0.4"},
                                                          {"tray_color", "FF6A13FF"},
                                                          {"tray_type", "PLA"},
                                                          {"tray_sub_brands", "PLA Basic"},
                                                          {"tray_id_name", "A00-K0"},
                                                          {"tray_info_idx", "GFA00"},
                                                          {"fun", "29FD1A30F9CB3"},
                                                          {"info", "10001103"},
                                                          {"ams_exist_bits", "1ffff"},
                                                          {"sequence_id", "20059"},
                                                          {"mc_print_line_number", "232003"},
                                                          {"sw_ver", "01.07.02.00"},
                                                          {"ota_new_version_number", "01.07.02.00"},
                                                          {"product_name", "Bambu Lab X1-Carbon"},
                                                          {"task_id", "0"},
                                                          {"tag_uid", "0000000000000000"},
                                                          {"tray_uuid", "00000000000000000000000000000000"},
                                                          {"sn", "N/A"},
                                                          {"rtsp_url", "disable"},
                                                          {"unheard_of", "idle"},
                                                          {"unheard_of", "12.5"},
                                                          {"reason", "printer is busy"},
                                                          {"message", "0%, 0B/s"}}) {
        CAPTURE(member.first);
        CHECK(scrubbed_member(member.first, member.second) == member.second);
    }
}

TEST_CASE("identifying texts become stand-ins of the same shape, whatever their key") {
    struct Row {
        std::string key{};
        std::string original{};
        std::string shape{};
    };

    const std::vector<Row> rows{
        {"sn", "01P00C412345678", "01P00A\\d{9}"},
        {"unheard_of", "01P00C412345678", "01P00A\\d{9}"},
        {"sn", "03900A123456789", "03900A\\d{9}"},
        {"unheard_of", "03900A123456789", "[0A]+\\d+"},
        {"task_id", "702384465", "1\\d{8}"},
        {"unheard_of", "702384465", "1\\d{8}"},
        {"unheard_of", "48151623", "1\\d{7}"},
        {"tag_uid", "976622BA00000100", "[0A]*\\d+"},
        {"unheard_of", "5dc33b4e1c0230103034", "[0a]*\\d+"},
        {"subtask_name", "Grandma's lamp", "name-1"},
        {"subtask_name", "2024", "name-1"},
        {"gcode_file", "/data/Metadata/plate_1.gcode", "/data/Metadata/plate_1\\.gcode"},
        {"gcode_file", "/sdcard/secret/W\u00fcrfel.gcode.3mf", "/sdcard/name-1/name-2\\.gcode\\.3mf"},
        {"unheard_of", "lamp.stl", "name-1"},
        {"url", "ftp:///model/lamp.gcode.3mf", "ftp:///model/name-1\\.gcode\\.3mf"},
        {"unheard_of", "https://me:pw@cloud.example/u/7?token=x", "https://host-1\\.invalid/name-2/name-3"},
        {"unheard_of", "192.168.178.93", "192\\.0\\.2\\.1"},
        {"unheard_of", "10.10.10.10:6000", "192\\.0\\.2\\.1"},
        {"unheard_of", "aa:bb:cc:dd:ee:0f", "02:00:00:00:00:01"},
        {"unheard_of", "fe80::1234", "2001:db8::1"},
        {"ssid", "FRITZ!Box 7590", "name-1"},
        {"unheard_of", "FRITZ!Box", "text-1"},
        {"unheard_of", "aGVsbG8gd29ybGQhIQ==", "text-1"},
        {"tray_info_idx", "P3a4d8cf", "P0a0a0a1"},
        {"setting_id", "PFUS636b01849d1403", "PAAA000a00000a0001"},
        {"access_code", "a1b2c3d4", "a0a0a0a1"},
        // a key whose words stay
        {"gcode_state", "01P00C412345678", "01P00A\\d{9}"},
        {"status", "at 192.168.178.93", "text-1"},
        {"message", "see https://cloud.example/u", "text-1|.*host-1.*"},
        {"reason", "no file lamp.gcode.3mf", "text-1|name-1\\.gcode\\.3mf"},
        {"project_name", "code 48151623", "text-1"},
        {"tray_type", "me@example.org", "text-1|name-1"},
        {"fun", "01P00C412345678", "01P00A\\d{9}"},
    };
    for (const auto& row : rows) {
        const auto result = scrubbed_member(row.key, row.original);
        INFO(row.key, ": ", row.original, " became ", result);
        CHECK(std::regex_match(result, std::regex{row.shape}));
    }
}

TEST_CASE("equal originals get equal stand-ins, and others get other ones") {
    Scrubber scrubber{{}};
    auto first = parse_recordable(
        R"({"print":{"task_id":"702384465","subtask_id":"702384466","subtask_name":"Lamp","gcode_file":"Lamp.gcode.3mf"}})");
    auto second = parse_recordable(R"({"other":{"x":["702384465"],"file":"Lamp"}})");
    scrubber.scrub(first);
    scrubber.scrub(second);
    const auto& print = first["print"];
    CHECK(print["task_id"] != print["subtask_id"]);
    CHECK(second["other"]["x"][0] == print["task_id"]);
    CHECK(second["other"]["file"] == print["subtask_name"]);
    CHECK(print["gcode_file"].get<std::string>() == print["subtask_name"].get<std::string>() + ".gcode.3mf");
    std::set<std::string> all;
    for (int i = 0; i < 1000; ++i) {
        auto message = OrderedJson{{"ip", 0x01000000 + i}, {"task_id", std::to_string(i + 1)}};
        message["tag_uid"] = "AB" + std::to_string(10000000 + i);
        scrubber.scrub(message);
        all.insert(message["ip"].dump());
        all.insert(message["task_id"].get<std::string>());
        all.insert(message["tag_uid"].get<std::string>());
    }
    CHECK(all.size() == 3000);
}

TEST_CASE("addresses and ids as numbers, and identifying keys, are replaced, too") {
    const auto message = scrubbed(
        R"({"print":{"net":{"info":[{"ip":1571989696,"mask":16777215},{"ip":0}]},"task_id":702384465,"x":48151623,)"
        R"("home_flag":847070611,"devices":{"01P00C412345678":{"on":true}},"ams":{"0":1}}})");
    const auto& print = message["print"];
    CHECK(print["net"]["info"][0]["ip"].get<std::uint32_t>() % 0x1000000U == 0x0200C0U); // 192.0.2.N
    CHECK(print["net"]["info"][0]["mask"] == 16777215);
    CHECK(print["net"]["info"][1]["ip"] == 0);
    CHECK(print["task_id"] != 702384465);
    CHECK(print["task_id"].is_number_integer());
    CHECK(print["x"] != 48151623);
    CHECK(print["home_flag"] == 847070611);
    CHECK(print["devices"].begin().key().starts_with("01P00A"));
    CHECK(print["ams"]["0"] == 1);
}

TEST_CASE("canary: nothing that identifies survives in any text field of any fixture") {
    const std::vector<std::string> canaries{"01P00C412345678",
                                            "192.168.178.93",
                                            "canary lamp.gcode.3mf",
                                            "976622BA00CAFE01",
                                            "48151623",
                                            "rtsps://192.168.178.93:322/x",
                                            "/sdcard/canary/x",
                                            "3c:84:27:aa:bb:cc",
                                            "canary@example.org",
                                            "Y2FuYXJ5IGlzIGEgYmlyZA==",
                                            "5dc33b4e1c023010cafe",
                                            "U3812904417"};
    const std::regex leaked{"412345678|178\\.93|canary|CAFE|48151623|aa:bb:cc|Y2FuYXJ5|3812904417",
                            std::regex::icase};
    for (const auto model : fixture_models) {
        const auto text = fixture(model);
        for (const auto& canary : canaries) {
            CAPTURE(canary);
            Scrubber scrubber{own_secrets};
            for (const auto& fragment : split_messages(text)) {
                auto message = OrderedJson::parse(fragment.text);
                const std::function<void(OrderedJson&)> plant = [&](OrderedJson& value) {
                    if (value.is_string()) {
                        value = canary;
                    } else if (value.is_structured()) {
                        for (auto& item : value) {
                            plant(item);
                        }
                    }
                };
                plant(message);
                scrubber.scrub(message);
                std::smatch found;
                const auto written = message.dump();
                CHECK_MESSAGE(!std::regex_search(written, found, leaked), found.str());
            }
        }
    }
}

namespace {

/// Values of a recording, without those that identify.
std::vector<std::string> public_values(const std::string& text, bool scrub) {
    Scrubber scrubber{{}};
    Printer printer{"TEST", std::nullopt, Rounding::plain};
    ReportParser parser;
    std::vector<std::string> values;
    for (const auto& fragment : split_messages(text)) {
        auto message = parse_recordable(fragment.text);
        if (scrub) {
            scrubber.scrub(message);
        }
        const auto update = printer.take(recorded_line(message, {}, 0), parser, std::nullopt);
        REQUIRE(update.has_value());
        const auto& instances = printer.layout().instances();
        for (std::size_t i = 0; i < instances.size(); ++i) {
            if (!is_private(instances[i].id)) {
                values.push_back(instances[i].id + "=" + json_of(printer.value(i)).dump());
            }
        }
    }
    return values;
}

void check_same_states(const std::string& name, const std::string& text) {
    CAPTURE(name);
    const auto raw = public_values(text, false);
    const auto scrubbed = public_values(text, true);
    REQUIRE(raw.size() == scrubbed.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        CHECK(raw[i] == scrubbed[i]);
    }
}

} // namespace

TEST_CASE("a scrubbed recording decodes to the same states: the fixtures of all models") {
    for (const auto model : fixture_models) {
        check_same_states(std::string{model}, fixture(model));
    }
}

TEST_CASE("a scrubbed recording decodes to the same states: recorded prints and reports") {
    const auto folder = captures();
    if (!folder) {
        return;
    }
    for (const auto* const part : {"reports", "prints"}) {
        for (const auto& file : files_in(*folder / part)) {
            check_same_states(file.string(), text_of(file));
        }
    }
}

TEST_CASE("a line has the time first, and readers of report files take it as the message") {
    using namespace std::chrono;
    const RecordedTime time{milliseconds{1'764'525'600'125}};
    CHECK(recorded_time_text(time) == "2025-11-30T18:00:00.125Z");
    const auto line =
        recorded_line(parse_recordable(R"({"print":{"command":"push_status","msg":1},"at":5})"), time, 0);
    CHECK(line == R"({"at":"2025-11-30T18:00:00.125Z","print":{"command":"push_status","msg":1}})");
    CHECK(recorded_time(line) == time);
    CHECK_FALSE(recorded_time(R"({"print":{"at":"2025-11-30T18:00:00.125Z"}})").has_value());
    CHECK_FALSE(recorded_time("").has_value());
    CHECK(recorded_time(R"({"at":"2025-11-30T18:00:00Z"})") == RecordedTime{seconds{1'764'525'600}});

    ReportParser parser;
    const auto report = parser.parse(line);
    REQUIRE(report.has_value());
    CHECK(report->kind == ReportKind::status);
    CHECK(recorded_line(parse_recordable("no json"), time, 7) ==
          R"({"at":"2025-11-30T18:00:00.125Z","unreadable_bytes":7})");
    CHECK(parse_recordable("{\"print\":{\"gcode_file\":\"\xff\"}}")["print"]["gcode_file"] == "\xEF\xBF\xBD");
    CHECK(
        recorded_header({.program = "bambu2mqtt 1", .serial = "01P00A000000001", .model = "P1S"}, time) ==
        R"({"at":"2025-11-30T18:00:00.125Z","recording":{"format":1,"program":"bambu2mqtt 1","serial":"01P00A000000001","model":"P1S","scrubbed":true}})");
}

} // namespace bambu2mqtt::test
