// Answers of printers, in every recorded shape.
#include "unit/state/captures.hpp"
#include <bambu2mqtt/printer/reply.hpp>
#include <bambu2mqtt/printer/text.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

using namespace bambu2mqtt;

namespace {

std::optional<Reply> reply_read_from(std::string_view message) {
    static ReportParser parser;
    const auto report = parser.parse(message);
    INFO("message: ", std::string{message});
    REQUIRE(report.has_value());
    return reply_of(*report);
}

Reply reply(std::string_view message) {
    const auto result = reply_read_from(message);
    INFO("message: ", std::string{message});
    REQUIRE(result.has_value());
    return *result;
}

/// The recorded answers: line of the file (from 0), and the expected values. Lines that are not listed have
/// no answer.
struct Recorded {
    std::size_t line = 0;
    Verdict verdict{};
    std::string_view space{};
    std::string_view command{};
    std::string_view sequence{};
    std::int64_t code = 0;
    std::string_view reason{};
    bool wants_signature = false;
};

// clang-format off
constexpr std::array recorded{
    Recorded{0, Verdict::accepted, "print", "project_file", "20007", 0, "", false},
    Recorded{1, Verdict::accepted, "print", "gcode_file", "", 0, "", false},
    Recorded{2, Verdict::accepted, "print", "", "1", 0, "", false},
    Recorded{3, Verdict::refused, "print", "", "", 0, "", false},
    Recorded{4, Verdict::accepted, "print", "", "N", 0, "", false},
    Recorded{7, Verdict::accepted, "info", "get_version", "0", 0, "", false},
    Recorded{8, Verdict::accepted, "system", "get_access_code", "20003", 0, "", false},
    Recorded{9, Verdict::refused, "print", "extrusion_cali", "20040", 0, "invalid nozzle_diameter", false},
    Recorded{10, Verdict::accepted, "print", "extrusion_cali_get", "20040", 0, "Not find", false}, // an empty list
    Recorded{11, Verdict::refused, "print", "extrusion_cali_get_result", "20041", 0, "Don't exist", false},
    Recorded{12, Verdict::accepted, "print", "extrusion_cali_get", "9004", 0, "", false},
    Recorded{13, Verdict::refused, "print", "extrusion_cali_get_result", "9100", 0, "Don't exist", false},
    Recorded{14, Verdict::accepted, "camera", "ipcam_get_media_info", "20021", 0, "", false},
    Recorded{15, Verdict::accepted, "print", "gcode_line", "20014", 0, "", false},
    Recorded{16, Verdict::accepted, "info", "get_version", "20002", 0, "", false},
    Recorded{17, Verdict::accepted, "security", "app_cert_install", "26819", 0, "", false},
    Recorded{18, Verdict::accepted, "print", "extrusion_cali_get_result", "", 0, "", false},
    Recorded{19, Verdict::refused, "print", "extrusion_cali_get_result", "", 0, "Unsupport", false},
    Recorded{20, Verdict::accepted, "print", "gcode_file", "2", 0, "", false},
    Recorded{21, Verdict::refused, "print", "gcode_file", "2", 1, "file not found", false},
    Recorded{22, Verdict::refused, "print", "gcode_line", "", 84033543, "mqtt message verify failed", true},
    Recorded{23, Verdict::accepted, "print", "gcode_line", "0", 0, "", false},
    Recorded{24, Verdict::refused, "print", "ams_change_filament", "0", 83935311, "", false},
    Recorded{25, Verdict::refused, "print", "ams_change_filament", "", 0, "", false},
    Recorded{26, Verdict::accepted, "print", "ams_control", "", 0, "", false},
    Recorded{27, Verdict::accepted, "xcam", "", "", 0, "", false},
    Recorded{28, Verdict::accepted, "update", "", "", 0, "", false},
    Recorded{29, Verdict::accepted, "print", "gcode_line", "5001", 0, "", false},
    Recorded{30, Verdict::refused, "print", "gcode_line", "5002", 84033543, "mqtt message verify failed", true},
    Recorded{31, Verdict::accepted, "print", "project_file", "", 0, "", false},
    Recorded{32, Verdict::accepted, "print", "ams_filament_setting", "", 0, "", false},
    Recorded{33, Verdict::refused, "print", "ams_filament_setting", "", 0, "", false},
    Recorded{34, Verdict::refused, "print", "extrusion_cali_set", "N", 0, "invalid tray_id", false},
    Recorded{35, Verdict::accepted, "print", "extrusion_cali_del", "N", 0, "", false},
    Recorded{36, Verdict::accepted, "info", "get_version", "0", 0, "", false},
    Recorded{37, Verdict::accepted, "info", "get_version", "20016", 0, "", false},
    Recorded{38, Verdict::accepted, "upgrade", "get_history", "0", 0, "", false},
    Recorded{39, Verdict::accepted, "print", "ams_get_rfid", "0", 0, "", false},
    Recorded{40, Verdict::accepted, "print", "ams_filament_setting", "20205", 0, "", false},
    Recorded{41, Verdict::accepted, "print", "extrusion_cali_sel", "20206", 0, "", false},
    Recorded{42, Verdict::accepted, "print", "extrusion_cali_get", "20313", 0, "", false},
    Recorded{43, Verdict::echoed, "print", "extrusion_cali_get", "48", 0, "", false},
    Recorded{44, Verdict::accepted, "system", "ledctrl", "1", 0, "", false},
    Recorded{45, Verdict::accepted, "print", "ams_filament_setting", "20024", 0, "", false},
    Recorded{46, Verdict::accepted, "print", "ams_user_setting", "20013", 0, "", false},
    Recorded{48, Verdict::accepted, "print", "resume", "", 0, "", false},
    Recorded{49, Verdict::accepted, "print", "pause", "", 0, "", false},
    Recorded{50, Verdict::refused, "print", "", "", 84033543, "mqtt message verify failed", true},
    Recorded{51, Verdict::refused, "print", "resume", "2008", 84033543, "", true},
    Recorded{52, Verdict::refused, "print", "ams_filament_setting", "3", 0, "mqtt message verify failed", true},
    Recorded{55, Verdict::accepted, "print", "project_file", "", 0, "", false},
    Recorded{56, Verdict::accepted, "print", "ams_filament_drying", "", 0, "", false},
};
// clang-format on

} // namespace

TEST_CASE("every recorded answer is recognised") {
    const auto folder = test::captures();
    if (!folder) {
        return;
    }
    const auto text = test::text_of(*folder / "acks.jsonl");
    const auto lines = split_messages(text);
    std::size_t answers = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto line = Json::parse(lines[i].text);
        INFO("line ", i, ": ", line["reply"].dump());
        const auto* const row = std::ranges::find(recorded, i, &Recorded::line);
        REQUIRE(line["reply"].is_null() == (row == recorded.end()));
        if (row == recorded.end()) {
            continue;
        }
        const auto found = reply(line["reply"].dump());
        CHECK(found.verdict == row->verdict);
        CHECK(found.space == row->space);
        CHECK(found.command == row->command);
        CHECK(found.sequence == row->sequence);
        CHECK(found.code == row->code);
        CHECK(found.reason == row->reason);
        CHECK(found.wants_signature == row->wants_signature);
        ++answers;
    }
    CHECK(answers == recorded.size());
}

TEST_CASE("success has several spellings") {
    for (const auto* const result :
         {R"("success")", R"("SUCCESS")", R"("Success")", R"("ok")", "0", R"("0")"}) {
        const auto answer =
            reply(fmt::format(R"({{"print":{{"command":"x","sequence_id":"7","result":{}}}}})", result));
        CHECK(answer.verdict == Verdict::accepted);
        CHECK(answer.sequence == "7");
        CHECK(answer.reason.empty());
        CHECK_FALSE(answer.wants_signature);
    }
    CHECK(reply(R"({"print":{"command":"project_file","result":"SUCCESS","sequence_id":"9"}})").verdict ==
          Verdict::accepted);
    CHECK(reply(R"({"system":{"command":"ledctrl","result":"success","sequence_id":"9"}})").verdict ==
          Verdict::accepted);
    CHECK(reply(R"({"info":{"command":"get_version","sequence_id":"9","module":[]}})").verdict ==
          Verdict::accepted);
}

TEST_CASE("refusals come with a result, a code, or both") {
    for (const auto* const body :
         {R"("result":"fail")", R"("result":"FAIL","reason":"")", R"("result":"failed")",
          R"("result":"error")", R"("result":-1)", R"("result":1)", R"("err_code":84033543)", R"("errno":-2)",
          R"("result":"","err_code":83935311)"}) {
        const auto answer = reply(fmt::format(R"({{"print":{{"command":"x","sequence_id":"7",{}}}}})", body));
        INFO("answer: ", std::string{body});
        CHECK(answer.verdict == Verdict::refused);
    }
    CHECK(reply(R"({"print":{"command":"project_file","result":"fail","sequence_id":"9"}})").verdict ==
          Verdict::refused);
    CHECK(reply(R"({"system":{"command":"ledctrl","result":"fail","sequence_id":"9"}})").verdict ==
          Verdict::refused);
}

TEST_CASE("an answer without a result is only an acknowledgement") {
    for (const auto* const message :
         {R"({"print":{"command":"ams_filament_setting","sequence_id":"3"}})",
          R"({"print":{"command":"pause","sequence_id":"3","err_code":0,"errno":0}})",
          R"({"camera":{"command":"ipcam_timelapse","control":"enable","sequence_id":"3"}})",
          R"({"system":{"command":"ledctrl","led_node":"chamber_light","sequence_id":"3"}})"}) {
        const auto answer = reply(message);
        CHECK(answer.verdict == Verdict::echoed);
        CHECK(answer.sequence == "3");
        CHECK(answer.code == 0);
    }
}

TEST_CASE("the sequence id may be missing, a number, or spelt differently") {
    CHECK(reply(R"({"print":{"command":"x","result":"success"}})").sequence.empty());
    CHECK(reply(R"({"print":{"command":"x","result":"success","sequence_id":12}})").sequence == "12");
    CHECK(reply(R"({"print":{"command":"x","result":"success","sequenceId":"12"}})").sequence == "12");
    CHECK(reply(R"({"print":{"result":"success","sequence_id":"12"}})").command.empty());
    CHECK(reply(R"({"update":{"name":"x","result":"success"}})").command.empty());
}

TEST_CASE("a missing signature is recognised by its code or by its reason") {
    for (const auto code : {84033543, 84033544, 84033545, 84033548}) {
        CHECK(reply(fmt::format(R"({{"print":{{"command":"x","err_code":{}}}}})", code)).wants_signature);
    }
    CHECK(reply(R"({"print":{"command":"x","result":"failed","reason":"mqtt message verify failed"}})")
              .wants_signature);
    for (const auto* const body : {R"("err_code":84033542)", R"("err_code":84033549)", R"("result":"fail")",
                                   R"("result":"success","reason":"mqtt message verify failed")"}) {
        CHECK_FALSE(reply(fmt::format(R"({{"print":{{"command":"x",{}}}}})", body)).wants_signature);
    }
}

TEST_CASE("a refusal has the printer's text, and its code in the printer's format") {
    const auto words = [](std::string_view body) {
        return words_of(reply(fmt::format(R"({{"print":{{"command":"x",{}}}}})", body)));
    };
    CHECK(words(R"("result":"fail")") == "the printer refused the command");
    CHECK(words(R"("result":"fail","reason":"fail")") == "the printer refused the command");
    CHECK(words(R"("result":"fail","reason":"error string")") == "the printer refused the command");
    CHECK(words(R"("result":"fail","reason":"invalid tray_id")") ==
          "the printer refused the command: invalid tray_id");
    CHECK(words(R"("err_code":84033543)") == "the printer refused the command (0502-4007)");
    CHECK(words(R"("result":"fail","reason":"drying","err_code":83935311,"errno":-9)") ==
          "the printer refused the command: drying (0500-C04F)");
    CHECK(words(R"("result":"fail","errno":-2)") == "the printer refused the command (errno -2)");
    const auto foreign = words(R"("result":"fail","reason":"a\u001b[2J\nb)" + std::string(500, 'x') + "\"");
    CHECK(foreign.starts_with("the printer refused the command: a?[2J?bxxx"));
    CHECK(foreign.size() < 120);
}

TEST_CASE("reports, logs and unknown messages are not answers") {
    for (const auto* const message :
         {R"({"print":{"command":"push_status","msg":1,"sequence_id":"2021"}})",
          R"({"print":{"mc_percent":5}})", R"({"mc_print":{"command":"push_info","param":"[BMC] x"}})", "{}",
          R"({"liveview":{"command":"x"}})", R"({"print":5})"}) {
        INFO("message: ", std::string{message});
        CHECK_FALSE(reply_read_from(message).has_value());
    }
}

TEST_CASE("profiles are read as recorded, and an empty list is not a refusal") {
    const auto one = reply(
        R"({"print":{"command":"extrusion_cali_get","sequence_id":"9004","result":"success","reason":"",
            "is_from_mqtt":true,"filament_id":"P3507b3f","extruder_id":0,"nozzle_id":"HS00-0.4",
            "nozzle_diameter":"0.4","filaments":[{"cali_idx":1,"extruder_id":0,"filament_id":"P3507b3f",
            "k_value":"0.035000","name":"AzureFilm PETG Original","nozzle_diameter":"0.4",
            "nozzle_id":"HS00-0.4","nozzle_pos":0,"nozzle_sn":"N/A","is_history_setting":false,"x":{}}]}})");
    CHECK(one.verdict == Verdict::accepted);
    REQUIRE(one.data.size() == 1);
    CHECK(one.data[0]["cali_idx"] == 1);
    CHECK(one.data[0]["k_value"] == "0.035000");
    CHECK(one.data[0]["is_history_setting"] == false);
    CHECK_FALSE(one.data[0].contains("x"));
    const auto none = reply(
        R"({"print":{"command":"extrusion_cali_get","sequence_id":"20040","filament_id":"GFA00",
            "nozzle_diameter":"0.4","filaments":[],"result":"fail","reason":"Not find","is_from_mqtt":true}})");
    CHECK(none.verdict == Verdict::accepted);
    CHECK(none.data.is_array());
    CHECK(none.data.empty());
    CHECK(
        reply(R"({"print":{"command":"extrusion_cali_get","result":"fail","reason":"busy","filaments":[]}})")
            .verdict == Verdict::refused);
    CHECK(
        reply(
            R"({"print":{"command":"extrusion_cali_set","result":"fail","reason":"Not find","filaments":[]}})")
            .verdict == Verdict::refused);
}

TEST_CASE("texts, keys and lists in answers are bounded and free of control characters") {
    const auto list_of = [](std::string_view command, std::string_view list, const std::string& items) {
        return reply(fmt::format(R"({{"{}":{{"command":"{}","result":"success","{}":[{}]}}}})",
                                 list == "module" ? "info" : "print", command, list, items))
            .data;
    };
    const std::string longer(5000, 'x');
    for (const std::string list : {"module", "filaments"}) {
        INFO(list);
        const std::string command = list == "module" ? "get_version" : "extrusion_cali_get";
        const auto odd =
            list_of(command, list,
                    fmt::format(R"({{"name":"a\u001b[2J\u0000b","sw_ver":"{0}","k\u0007{0}":"1"}})", longer));
        REQUIRE(odd.size() == 1);
        REQUIRE(odd[0].size() == 3);
        CHECK(odd[0]["name"] == printer_text(std::string_view{"a\x1b[2J\0b", 7}));
        CHECK(odd[0]["sw_ver"] == std::string(longest_text, 'x'));
        for (const auto& [key, value] : odd[0].items()) {
            CHECK(key.size() <= longest_text);
            for (const auto& text : {key, value.get<std::string>()}) {
                CHECK(std::ranges::none_of(text, [](unsigned char c) { return c < 0x20; }));
            }
        }
        std::string items = R"({"n":"0"})";
        std::string members = R"("a":"0")";
        for (int i = 1; i < 1000; ++i) {
            items += fmt::format(R"(,{{"n":"{}"}})", i);
            members += fmt::format(R"(,"a{}":"0")", i);
        }
        CHECK(list_of(command, list, items).size() <= 500);
        CHECK(list_of(command, list, "{" + members + "}")[0].size() <= 32);
    }
}

TEST_CASE("an answer is kept in full up to a limit") {
    const auto answer = reply(R"({"print":{"command":"x","list":[1,{"a":"b"}],"sequence_id":"7"}})");
    CHECK(whole_of(answer) ==
          OrderedJson::parse(R"({"print":{"command":"x","list":[1,{"a":"b"}],"sequence_id":"7"}})"));
    const auto longer = [](std::size_t length) {
        return reply(fmt::format(R"({{"print":{{"command":"x","text":"{}"}}}})", std::string(length, 'a')));
    };
    CHECK(whole_of(longer(longest_whole_reply - 100)).is_object());
    CHECK(whole_of(longer(longest_whole_reply)).is_null());
}
