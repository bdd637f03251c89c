// Merging messages into one state: what merges by id, what is replaced, what is removed.
#include <bambu2mqtt/printer/report.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <doctest/doctest.h>

#include <string>

namespace bambu2mqtt {

namespace {

class Merged {
  public:
    /// A full status of these members.
    Merged& full(std::string_view members) { return message(0, members); }

    Merged& partial(std::string_view members) { return message(1, members); }

    Merged& raw(std::string_view text) {
        const auto report = parser_.parse(text);
        REQUIRE(report.has_value());
        changes_.clear();
        document.merge(*report, changes_);
        last_written_.clear();
        for (const auto& change : changes_) {
            last_written_ += std::string{change.key} + "/" + std::string{change.child} + " ";
        }
        return *this;
    }

    /// The value at a path as JSON text; "-" where there is none.
    [[nodiscard]] std::string at(std::string_view path) const {
        const Json* const value = document.find(path);
        return value == nullptr ? "-" : value->dump();
    }

    /// What the last message changed: "key/child key/ ".
    [[nodiscard]] const std::string& known_state() const { return last_written_; }

    ReportState document;

  private:
    Merged& message(int msg, std::string_view members) {
        return raw(R"({"print":{"command":"push_status","msg":)" + std::to_string(msg) + "," +
                   std::string{members} + "}}");
    }

    ReportParser parser_;
    Changes changes_;
    std::string last_written_;
};

constexpr std::string_view two_units =
    R"("ams":{"ams":[{"id":"0","temp":"20.0","tray":[{"id":"0","tray_type":"PLA","k":0.02},
    {"id":"1","tray_type":"ABS"}]},{"id":"128","temp":"30.0","tray":[{"id":"0","tray_type":"PA"}]}],
    "ams_exist_bits":"11","tray_exist_bits":"10003"})";

} // namespace

TEST_CASE("keys absent from a full report are unchanged") {
    Merged report;
    report.full(R"("mc_percent":5,"subtask_name":"Vase","upgrade_state":{"status":"IDLE","progress":"3"})");
    report.full(R"("mc_percent":6,"upgrade_state":{"status":"FLASHING"})");
    CHECK(report.at("mc_percent") == "6");
    CHECK(report.at("subtask_name") == "\"Vase\"");
    CHECK(report.at("upgrade_state/progress") == "\"3\"");
    CHECK(report.at("upgrade_state/status") == "\"FLASHING\"");
}

TEST_CASE("the known state is exported in the form of a report, and can be merged as one") {
    Merged report;
    report.full(two_units);
    report.partial(R"("ams":{"ams":[{"id":"2","temp":"1.0"}],"ams_exist_bits":"15"},"mc_percent":5,)"
                   R"("lights_report":[{"node":"chamber_light","mode":"on"}],"hms":[{"attr":1,"code":2}],)"
                   R"("device":{"extruder":{"info":[{"id":1,"temp":7},{"id":0,"temp":8}]}})");
    const auto known_state = report.document.as_reported();
    REQUIRE(known_state["ams"]["ams"].is_array());
    CHECK(known_state["ams"]["ams"][1]["id"] == "2");
    CHECK(known_state["ams"]["ams"][2]["id"] == "128");
    CHECK(known_state["ams"]["ams"][0]["tray"][1]["tray_type"] == "ABS");
    CHECK(known_state["device"]["extruder"]["info"][0]["temp"] == 8);
    Merged again;
    const auto text = known_state.dump();
    again.full(text.substr(1, text.size() - 2));
    CHECK(again.document.as_reported() == known_state);
}

TEST_CASE("null leaves a value unchanged") {
    Merged report;
    report.full(R"("mc_percent":5,"device":{"fila_switch":null,"type":1})");
    report.partial(R"("mc_percent":null,"device":null)");
    CHECK(report.at("mc_percent") == "5");
    CHECK(report.at("device/type") == "1");
    CHECK(report.at("device/fila_switch") == "-");
    CHECK(report.known_state().empty());
}

TEST_CASE("only a full report makes the state complete") {
    Merged report;
    report.partial(R"("mc_percent":5)");
    CHECK_FALSE(report.document.complete());
    report.raw(R"({"print":{"command":"push_status","mc_percent":6}})");
    CHECK(report.document.complete());
    report.partial(R"("mc_percent":7)");
    CHECK(report.document.complete());
}

TEST_CASE("AMS units and trays merge by id, key by key") {
    Merged report;
    report.full(two_units);
    report.partial(R"("ams":{"ams":[{"id":"0","tray":[{"id":"1","tray_type":"ASA"}]}]})");
    CHECK(report.at("ams/ams/0/tray/1/tray_type") == "\"ASA\"");
    CHECK(report.at("ams/ams/0/tray/0/tray_type") == "\"PLA\"");
    CHECK(report.at("ams/ams/0/temp") == "\"20.0\"");
    CHECK(report.at("ams/ams/128/tray/0/tray_type") == "\"PA\"");
    CHECK(report.known_state() == "ams/0 ");
}

TEST_CASE("ids are read from text and from numbers") {
    Merged report;
    report.full(two_units);
    report.partial(R"("ams":{"ams":[{"id":128,"temp":"31.0"}]})");
    CHECK(report.at("ams/ams/128/temp") == "\"31.0\"");
    CHECK(report.at("ams/ams/128/tray/0/tray_type") == "\"PA\"");
}

TEST_CASE("a tray with nothing but its id clears nothing") {
    Merged report;
    report.full(two_units);
    report.partial(R"("ams":{"ams":[{"id":"0","tray":[{"id":"0"}]}]})");
    CHECK(report.at("ams/ams/0/tray/0/tray_type") == "\"PLA\"");
    CHECK(report.at("ams/ams/0/tray/0/k") == "0.02");
}

TEST_CASE("a tray whose exist bit is cleared loses its data") {
    Merged report;
    report.full(two_units);
    report.partial(R"("ams":{"tray_exist_bits":"10002"})");
    CHECK(report.at("ams/ams/0/tray/0") == R"({"id":"0"})");
    CHECK(report.at("ams/ams/0/tray/1/tray_type") == "\"ABS\"");
    CHECK(report.document.tray_present(0, 0) == false);
    report.partial(R"("ams":{"tray_exist_bits":"10003"})");
    CHECK(report.at("ams/ams/0/tray/0/tray_type") == "-");
    CHECK(report.document.tray_present(0, 0) == true);
}

TEST_CASE("units missing from a full ams.ams are absent, from a partial one they are not") {
    Merged report;
    report.full(two_units);
    report.partial(R"("ams":{"ams":[{"id":"0"}]})");
    CHECK(report.document.unit_present(128));
    report.full(R"("ams":{"ams":[{"id":"0"}],"ams_exist_bits":"11"})");
    CHECK_FALSE(report.document.unit_present(128));
    CHECK(report.document.unit_present(0));
    CHECK(report.at("ams/ams/128") == "-");
    report.full(R"("mc_percent":1)");
    CHECK(report.document.unit_present(0));
    report.full(R"("ams":{"ams":[],"ams_exist_bits":"0"})");
    CHECK_FALSE(report.document.unit_present(0));
}

TEST_CASE("a unit whose exist bit is cleared is absent, and returns without its old data") {
    Merged report;
    report.full(two_units);
    report.partial(R"("ams":{"ams_exist_bits":"1","tray_exist_bits":"3"})");
    CHECK_FALSE(report.document.unit_present(128));
    report.partial(R"("ams":{"ams":[{"id":"128","temp":"25.0"}],"ams_exist_bits":"11"})");
    CHECK(report.document.unit_present(128));
    CHECK(report.at("ams/ams/128/tray") == "-");
}

TEST_CASE("a unit that changes in the message that unplugs it is absent") {
    Merged report;
    report.full(two_units);
    report.partial(
        R"("ams":{"ams":[{"id":"128","temp":"99.0"},{"id":"0","temp":"21.0"}],"ams_exist_bits":"1"})");
    CHECK_FALSE(report.document.unit_present(128));
    CHECK(report.at("ams/ams/0/temp") == "\"21.0\"");
    CHECK(report.at("ams/ams/128") == "-");
}

TEST_CASE("exist bits are hexadecimal: own bit for 0-3, 4 + n for AMS HT, none for unit 16") {
    Merged report;
    report.full(
        R"("ams":{"ams":[{"id":"1"},{"id":"3"},{"id":"16"},{"id":"129"},{"id":"131"}],"ams_exist_bits":"2a",
        "tray_exist_bits":"5022001"})");
    CHECK(report.document.unit_present(1));
    CHECK(report.document.unit_present(3));
    CHECK(report.document.unit_present(16));
    CHECK(report.document.unit_present(129));
    CHECK_FALSE(report.document.unit_present(131));
    CHECK_FALSE(report.document.unit_present(0));
    CHECK(report.document.tray_present(3, 1) == true);
    CHECK(report.document.tray_present(3, 0) == false);
    CHECK(report.document.tray_present(0, 0) == true);
    CHECK(report.document.tray_present(129, 0) == true);
    CHECK(report.document.tray_present(128, 0) == false);
    CHECK(report.document.tray_present(16, 0) == true);
    CHECK(report.document.tray_present(16, 1) == false);
    CHECK(report.document.tray_present(16, 2) == true);
    CHECK(report.document.tray_present(99, 0) == std::nullopt);
}

TEST_CASE("without exist bits a unit is present once reported, a tray is unknown") {
    Merged report;
    report.full(R"("ams":{"ams":[{"id":"0"}]})");
    CHECK(report.document.unit_present(0));
    CHECK_FALSE(report.document.unit_present(1));
    CHECK(report.document.tray_present(0, 0) == std::nullopt);
}

TEST_CASE("parts of the air duct merge by id, its modes are replaced as a list") {
    Merged report;
    report.full(R"("device":{"airduct":{"modeCur":0,"modeList":[{"modeId":0},{"modeId":1}],
        "parts":[{"func":0,"id":16,"state":30,"range":6553600},{"func":6,"id":160,"state":50}]}})");
    report.partial(R"("device":{"airduct":{"parts":[{"func":0,"id":16,"state":70}]}})");
    CHECK(report.at("device/airduct/parts/16") == R"({"func":0,"id":16,"range":6553600,"state":70})");
    CHECK(report.at("device/airduct/parts/160/state") == "50");
    CHECK(report.known_state() == "device/airduct ");
    CHECK(report.document.as_reported()["device"]["airduct"]["parts"].dump() ==
          R"([{"func":0,"id":16,"range":6553600,"state":70},{"func":6,"id":160,"state":50}])");
    report.partial(R"("device":{"airduct":{"modeList":[{"modeId":2}]}})");
    CHECK(report.at("device/airduct/modeList") == R"([{"modeId":2}])");
}

TEST_CASE("lamps, extruders, nozzles and virtual slots merge by id") {
    Merged report;
    report.full(R"("lights_report":[{"node":"chamber_light","mode":"on"},{"node":"work_light","mode":"off"}],
        "vir_slot":[{"id":"255","tray_type":"PLA"},{"id":"254","tray_type":"TPU"}],
        "device":{"extruder":{"info":[{"id":0,"temp":20},{"id":1,"temp":30}],"state":2},"nozzle":{"info":[{"id":0,"type":"HS01"}]}})");
    report.partial(
        R"("lights_report":[{"node":"work_light","mode":"on"}],"vir_slot":[{"id":"254","tray_type":"PA"}],
        "device":{"extruder":{"info":[{"id":1,"temp":31}]},"nozzle":{"info":[{"id":0,"diameter":0.4}]}})");
    CHECK(report.at("lights_report/chamber_light/mode") == "\"on\"");
    CHECK(report.at("lights_report/work_light/mode") == "\"on\"");
    CHECK(report.at("vir_slot/255/tray_type") == "\"PLA\"");
    CHECK(report.at("vir_slot/254/tray_type") == "\"PA\"");
    CHECK(report.at("device/extruder/info/0/temp") == "20");
    CHECK(report.at("device/extruder/info/1/temp") == "31");
    CHECK(report.at("device/extruder/state") == "2");
    CHECK(report.at("device/nozzle/info/0/type") == "\"HS01\"");
    CHECK(report.known_state() == "lights_report/ vir_slot/ device/extruder device/nozzle ");
}

TEST_CASE("other lists are replaced completely") {
    Merged report;
    report.full(
        R"("hms":[{"attr":1,"code":2},{"attr":3,"code":4}],"s_obj":[1,2,3],"stg":[2,14],"upgrade_state":{"new_ver_list":[{"name":"ota"}]})");
    report.partial(R"("hms":[{"attr":5,"code":6}],"s_obj":[],"upgrade_state":{"new_ver_list":[]})");
    CHECK(report.at("hms") == R"([{"attr":5,"code":6}])");
    CHECK(report.at("s_obj") == "[]");
    CHECK(report.at("stg") == "[2,14]");
    CHECK(report.at("upgrade_state/new_ver_list") == "[]");
}

TEST_CASE("unchanged values are not reported as changes") {
    Merged report;
    report.full(
        R"("mc_percent":5,"bed_temper":20.0,"sdcard":true,"hms":[],"net":{"conf":1},"ams":{"tray_now":"255"})");
    report.partial(
        R"("mc_percent":5,"bed_temper":20.0,"sdcard":true,"hms":[],"net":{"conf":1},"ams":{"tray_now":"255"})");
    CHECK(report.known_state().empty());
    report.partial(R"("sdcard":false,"ams":{"tray_now":"1"})");
    CHECK(report.known_state() == "sdcard/ ams/tray_now ");
}

TEST_CASE("a field of a wrong type is skipped and the rest is merged") {
    Merged report;
    report.full(R"("net":{"conf":1},"ams":{"ams":[{"id":"0","temp":"20.0"}]},"mc_percent":3,"hms":[])");
    report.partial(R"("net":5,"ams":"x","hms":{"a":1},"mc_percent":4)");
    CHECK(report.at("net/conf") == "1");
    CHECK(report.at("ams/ams/0/temp") == "\"20.0\"");
    CHECK(report.at("mc_percent") == "4");
    report.partial(R"("ams":{"ams":5},"device":[],"mc_percent":5)");
    CHECK(report.at("ams/ams/0/temp") == "\"20.0\"");
    CHECK(report.at("mc_percent") == "5");
    report.partial(R"("ams":{"ams":[5,null,{"id":null},{"temp":"1"},[],{"id":"0","temp":"21.0"}]})");
    CHECK(report.at("ams/ams/0/temp") == "\"21.0\"");
}

TEST_CASE("text with invalid UTF-8 is skipped") {
    Merged report;
    report.full(R"("gcode_file":"plate.gcode","mc_percent":1)");
    report.raw("{\"print\":{\"command\":\"push_status\",\"msg\":1,\"gcode_file\":\"\xF0\x34\xCB\x3F\",\"mc_"
               "percent\":2,\"b\xBE\":3}}");
    CHECK(report.at("gcode_file") == "\"plate.gcode\"");
    CHECK(report.at("mc_percent") == "2");
    CHECK(report.document.root().size() == 2);
}

TEST_CASE("numbers of more than 63 bits are kept unchanged") {
    Merged report;
    report.full(R"("home_flag":-2147483648,"a":9223372036854775808,"b":-9223372036854775808,"c":1e308)");
    CHECK(report.at("home_flag") == "-2147483648");
    CHECK(report.at("a") == "9223372036854775808");
    CHECK(report.at("b") == "-9223372036854775808");
}

TEST_CASE("a number may become text and vice versa; a boolean is not a number") {
    Merged report;
    report.full(R"("bed_temper":20,"aux_part_fan":true)");
    report.partial(R"("bed_temper":"21.5","aux_part_fan":1)");
    CHECK(report.at("bed_temper") == "\"21.5\"");
    CHECK(report.at("aux_part_fan") == "1");
    CHECK(report.known_state() == "bed_temper/ aux_part_fan/ ");
}

TEST_CASE("keys that some firmware sends beside print are merged, the envelope is not") {
    Merged report;
    report.raw(
        R"({"print":{"command":"push_status","msg":0,"sequence_id":"9","mc_percent":1},"fun":"20000000",
        "wifi_signal":"-60dBm","ams":{"tray_now":"2"},"xcam":{"first_layer_inspector":true},"t_utc":17,"other":1})");
    CHECK(report.at("fun") == "\"20000000\"");
    CHECK(report.at("wifi_signal") == "\"-60dBm\"");
    CHECK(report.at("ams/tray_now") == "\"2\"");
    CHECK(report.at("xcam/first_layer_inspector") == "true");
    for (const char* const key : {"command", "msg", "sequence_id", "t_utc", "other"}) {
        CHECK(report.at(key) == "-");
    }
}

TEST_CASE("a hostile report cannot grow without limit") {
    Merged report;
    std::string many = "\"k0\":0";
    for (int i = 1; i < 3000; ++i) {
        many += ",\"k" + std::to_string(i) + "\":1";
    }
    report.full(many);
    CHECK(report.document.root().size() <= 512);
    std::string deep;
    for (int i = 0; i < 200; ++i) {
        deep += "\"d\":{";
    }
    report.full(deep + "\"e\":1" + std::string(200, '}') + ",\"mc_percent\":9");
    std::string list = "0";
    for (int i = 1; i < 3000; ++i) {
        list += ",1";
    }
    Merged other;
    other.full("\"s_obj\":[" + list + "]");
    REQUIRE(other.document.find("s_obj") != nullptr);
    CHECK(other.document.find("s_obj")->size() == 512);
    other.partial("\"s_obj\":[" + list + "]");
    CHECK(other.known_state().empty());
}

TEST_CASE("texts are limited to 256 bytes and have no control characters, also in lists and keys") {
    Merged report;
    const std::string text = "a\\u0000\\n" + std::string(300, 'b');
    report.full("\"name\":\"" + text + "\",\"list\":[{\"deep\":\"" + text + "\"}],\"" +
                std::string(257, 'k') + "\":1,\"k\\n\":2");
    const std::string kept = "\"a" + std::string(255, 'b') + "\"";
    CHECK(report.at("name") == kept);
    CHECK(report.at("list") == "[{\"deep\":" + kept + "}]");
    CHECK(report.document.root().size() == 2);
    report.partial("\"name\":\"" + text + "\",\"list\":[{\"deep\":\"" + text + "\"}]");
    CHECK(report.known_state().empty());
}

} // namespace bambu2mqtt
