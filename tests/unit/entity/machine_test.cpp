// Door, storage, network, firmware, settings and detectors.
#include "unit/state/fed_printer.hpp"

namespace bambu2mqtt::test {

namespace {

constexpr std::string_view get_version =
    R"({"info":{"command":"get_version","module":[{"name":"ota","sw_ver":")";

void version(FedPrinter& printer, std::string_view number) {
    printer.feed(std::string{get_version} + std::string{number} + R"("}]}})");
}

/// One entity after a full status on new firmware: all four words are there.
std::string with_words(std::string_view id, std::string_view cfg, std::string_view more,
                       Model model = Model::h2d) {
    FedPrinter printer(Given{.model = model});
    printer.full(R"("cfg":")" + std::string{cfg} + R"(","fun":"0","aux":"0","stat":"0",)" +
                 std::string{more});
    return printer[id];
}

} // namespace

TEST_CASE("the door is in home_flag on the X1 family and in stat everywhere else") {
    FedPrinter x1c(Given{.model = Model::x1c});
    version(x1c, "01.09.00.00");
    x1c.full(R"("home_flag":0,"stat":"800000")");
    CHECK(x1c["door"] == "OFF");
    x1c.partial(R"("home_flag":8388608,"stat":"0")");
    CHECK(x1c["door"] == "ON");
    x1c.partial("\"home_flag\":-2139095040");
    CHECK(x1c["door"] == "ON");
    FedPrinter h2d(Given{.model = Model::h2d});
    h2d.full(R"("home_flag":8388608,"stat":"1600000000")");
    CHECK(h2d["door"] == "OFF");
    h2d.partial(R"("home_flag":0,"stat":"16008000000")");
    CHECK(h2d["door"] == "OFF");
    h2d.partial("\"stat\":\"1600800000\"");
    CHECK(h2d["door"] == "ON");
    h2d.partial("\"stat\":\"open\"");
    CHECK(h2d["door"] == "None");
}

TEST_CASE("the door sensor of the X1 family requires a firmware version") {
    for (const auto& [model, number, has] : {std::tuple{Model::x1c, "01.06.99.99", false},
                                             {Model::x1c, "01.07.00.00", true},
                                             {Model::x1e, "01.01.01.99", false},
                                             {Model::x1e, "01.01.02.00", true},
                                             {Model::x1, "99.00.00.00", true},
                                             {Model::p1s, "01.09.00.00", false}}) {
        FedPrinter printer(Given{.model = model});
        printer.full("\"home_flag\":0");
        CHECK_FALSE(printer.has("door"));
        version(printer, number);
        CHECK(printer.has("door") == has);
    }
}

TEST_CASE("storage: aux on new firmware, home_flag on old, the plain flag else") {
    FedPrinter printer;
    for (const auto& [flag, name] :
         {std::pair{0, "missing"}, {0x100, "normal"}, {0x200, "abnormal"}, {0x300, "readonly"}}) {
        printer.full("\"sdcard\":true,\"home_flag\":" + std::to_string(flag));
        CHECK(printer["sdcard_status"] == name);
    }
    FedPrinter plain;
    plain.full("\"sdcard\":true");
    CHECK(plain["sdcard_status"] == "normal");
    plain.full("\"sdcard\":false");
    CHECK(plain["sdcard_status"] == "missing");
    FedPrinter fresh;
    fresh.full(R"("cfg":"0","fun":"0","stat":"0","aux":"3004","home_flag":256)");
    CHECK(fresh["sdcard_status"] == "readonly");
}

TEST_CASE("free storage: the external store if present, else the internal one; none without a size") {
    FedPrinter x2d(Given{.model = Model::x2d});
    x2d.full(R"("ipcam":{"timelapse":"disable","tl_external_total_kb":0,"tl_external_free_kb":0})");
    CHECK_FALSE(x2d.has("storage_free"));
    x2d.partial(R"("ipcam":{"tl_internal_free_kb":881996,"tl_internal_total_kb":962560})");
    CHECK(x2d["storage_free"] == "903");
    CHECK(x2d.attribute("storage_free", "store") == "\"internal\"");
    CHECK(x2d.attribute("storage_free", "total") == "986");
    x2d.partial(R"("ipcam":{"tl_external_total_kb":31250000,"tl_external_free_kb":1953125})");
    CHECK(x2d["storage_free"] == "2000");
    CHECK(x2d.attribute("storage_free", "store") == "\"external\"");
    CHECK(x2d.attribute("storage_free", "total") == "32000");
    x2d.partial(R"("ipcam":{"tl_external_total_kb":0,"tl_internal_free_kb":-1})");
    CHECK(x2d["storage_free"] == "None");

    FedPrinter h2d(Given{.model = Model::h2d});
    h2d.full(R"("device":{"cam":{"tl_internal_free_kb":"976563","tl_internal_total_kb":"1953125"}})");
    CHECK(h2d["storage_free"] == "1000");
    FedPrinter p1s(Given{.model = Model::p1s});
    p1s.full(R"("ipcam":{"timelapse":"disable"})");
    CHECK_FALSE(p1s.has("storage_free"));
}

TEST_CASE("Wi-Fi strength is read with and without its unit; impossible values are unknown") {
    FedPrinter printer;
    for (const auto& [text, shown] : {std::pair{"\"-46dBm\"", "-46"},
                                      {"\"-90dBm\"", "-90"},
                                      {"\"-61\"", "-61"},
                                      {"-55", "-55"},
                                      {"\"\"", "None"},
                                      {"\"dBm\"", "None"},
                                      {"\"5dBm\"", "None"},
                                      {"\"-999dBm\"", "None"},
                                      {"\"weak\"", "None"},
                                      {"0", "None"}}) {
        printer.full("\"wifi_signal\":" + std::string{text});
        const std::string at{text};
        INFO(at);
        CHECK(printer["wifi_signal"] == shown);
    }
}

TEST_CASE("addresses: the first one set, in little-endian byte order") {
    FedPrinter printer(Given{.model = Model::x1e});
    printer.full(R"("net":{"conf":1,"info":[{"ip":0,"mask":0},{"ip":117440522,"mask":0}]})");
    printer.check({{"ip_address", "10.0.0.7"}, {"wired_network", "ON"}});
    printer.full(R"("net":{"conf":16,"info":[{"ip":3607496970}]})");
    printer.check({{"ip_address", "10.9.6.215"}, {"wired_network", "OFF"}});
    printer.full(R"("net":{"info":[{"ip":0},5,{"ip":"x"},{"ip":4294967296}]})");
    CHECK(printer["ip_address"] == "None");
    FedPrinter redacted;
    redacted.full(R"("net":{"info":"secret"})");
    CHECK(redacted["ip_address"] == "(absent)");
}

TEST_CASE(
    "firmware: the installed version from get_version, the newest from the list or the X1's own field") {
    FedPrinter printer;
    printer.full("\"mc_percent\":1");
    CHECK_FALSE(printer.has("firmware"));
    version(printer, "01.05.00.00");
    const auto latest = [&] { return payload_of(printer.printer().latest(*printer.find("firmware"))); };
    CHECK(printer["firmware"] == "01.05.00.00");
    CHECK(latest() == "01.05.00.00");
    printer.partial(R"("upgrade_state":{"ota_new_version_number":"01.06.00.00"})");
    CHECK(latest() == "01.06.00.00");
    printer.partial(
        R"("upgrade_state":{"new_ver_list":[{"name":"ams","new_ver":"9"},{"name":"ota","cur_ver":"01.05.00.00","new_ver":"01.07.00.00"}]})");
    CHECK(latest() == "01.07.00.00");
    printer.partial(R"("upgrade_state":{"new_ver_list":[],"ota_new_version_number":""})");
    CHECK(latest() == "01.05.00.00");
}

TEST_CASE("Developer Mode exists only where fun is reported: bit 29 clear") {
    for (const auto model : {Model::a1, Model::p1s, Model::x1c, Model::h2d}) {
        FedPrinter printer(Given{.model = model});
        printer.full("\"mc_percent\":1");
        CHECK_FALSE(printer.has("developer_mode"));
        printer.partial("\"fun\":\"3EC1AFFF9CFF\"");
        CHECK(printer["developer_mode"] == "OFF");
        printer.partial("\"fun\":\"3EC18FFF9CFF\"");
        CHECK(printer["developer_mode"] == "ON");
    }
    FedPrinter odd;
    odd.full("\"fun\":\"none\"");
    CHECK_FALSE(odd.has("developer_mode"));
}

TEST_CASE("the tool module: mounted and of a known kind") {
    FedPrinter printer(Given{.model = Model::h2d});
    for (const auto& [tool, name] : {std::pair{R"({"mount":0,"type":"LB00"})", "none"},
                                     {R"({"mount":1,"type":"LB00"})", "laser10"},
                                     {R"({"mount":1,"type":"LB01"})", "laser40"},
                                     {R"({"mount":1,"type":"CP00"})", "cutter"},
                                     {R"({"mount":1,"type":"F000"})", "None"},
                                     {R"({"mount":2,"type":"LB00"})", "None"}}) {
        printer.full(R"("device":{"ext_tool":)" + std::string{tool} + "}");
        const std::string at{tool};
        INFO(at);
        CHECK(printer["tool_module"] == name);
    }
}

TEST_CASE("the filament sensor: anything but 0 is loaded") {
    FedPrinter printer;
    for (const auto& [text, shown] :
         {std::pair{"0", "OFF"}, {"1", "ON"}, {"2", "ON"}, {"-1", "None"}, {"\"x\"", "None"}}) {
        printer.full("\"hw_switch_state\":" + std::string{text});
        CHECK(printer["filament_loaded"] == shown);
    }
}

TEST_CASE("settings: bits of cfg on new firmware, of home_flag on old firmware") {
    CHECK(with_words("auto_recovery", "10000", "\"home_flag\":0") == "ON");
    CHECK(with_words("auto_recovery", "0", "\"home_flag\":16") == "OFF");
    CHECK(with_words("nozzle_blob_detection", "1000000", "\"home_flag\":33554432") == "ON");
    CHECK(with_words("filament_tangle_detection", "800000", "\"home_flag\":524288") == "ON");
    CHECK(with_words("prompt_sound", "400000", "\"home_flag\":262144") == "ON");
    CHECK(with_words("timelapse", "20", R"("ipcam":{"timelapse":"disable"})") == "ON");
    CHECK(with_words("camera_recording", "0", R"("ipcam":{"ipcam_record":"enable"})") == "OFF");
    CHECK(with_words("first_layer_inspection", "0", R"("xcam":{"first_layer_inspector":true})") == "OFF");
    CHECK(with_words("first_layer_inspection", "1000", R"("xcam":{"first_layer_inspector":false})") == "ON");
    CHECK(with_words("ams_tray_read", "1", R"("ams":{"ams":[{"id":"0"}],"insert_flag":false})") == "ON");
    CHECK(with_words("ams_startup_read", "1", R"("ams":{"ams":[{"id":"0"}],"power_on_flag":true})") == "OFF");
    CHECK(with_words("ams_remaining_estimate", "20000", R"("ams":{"ams":[{"id":"0"}]},"home_flag":0)") ==
          "ON");
    FedPrinter old(Given{.model = Model::a1});
    old.full(
        R"("home_flag":892536976,"cfg":"0","ipcam":{"timelapse":"enable","ipcam_record":"other"},"ams":{"ams":[{"id":"0"}],"insert_flag":true})");
    // 892536976 = 0x35330090: bits 4, 7, 16, 17, 20, 21, 24, 26, 28, 29
    old.check({{"auto_recovery", "ON"},
               {"ams_remaining_estimate", "ON"},
               {"auto_switch_filament", "OFF"},
               {"air_print_detection", "ON"},
               {"filament_tangle_detection", "(absent)"},
               {"timelapse", "ON"},
               {"camera_recording", "None"},
               {"ams_tray_read", "ON"},
               {"ams_startup_read", "None"}});
}

TEST_CASE("AMS settings exist only with an AMS, the prompt sound only on models that have it") {
    FedPrinter printer(Given{.model = Model::p1s});
    printer.full(R"("home_flag":262144,"ams":{"insert_flag":true,"power_on_flag":true})");
    for (const char* const id : {"ams_startup_read", "ams_tray_read", "ams_remaining_estimate",
                                 "auto_switch_filament", "prompt_sound"}) {
        CHECK_FALSE(printer.has(id));
    }
    printer.full(R"("ams":{"ams":[{"id":"0"}]})");
    CHECK(printer["ams_startup_read"] == "ON");
}

TEST_CASE("detectors: bits and levels of xcam.cfg, else plain fields of older firmware") {
    FedPrinter printer(Given{.model = Model::h2d});
    printer.full(
        R"("fun":"3C0000000000","xcam":{"cfg":0,"spaghetti_detector":true,"halt_print_sensitivity":"high"})");
    printer.check({{"spaghetti_detection", "OFF"},
                   {"spaghetti_sensitivity", "low"},
                   {"airprinting_detection", "OFF"},
                   {"airprinting_sensitivity", "low"},
                   {"buildplate_marker_detection", "(absent)"}});
    // spaghetti on, level 1; pile-up level 2; clump on; air printing on, level 2
    printer.partial("\"xcam\":{\"cfg\":" +
                    std::to_string((1 << 7) | (1 << 8) | (2 << 11) | (1 << 13) | (1 << 16) | (2 << 17)) +
                    "}");
    printer.check({{"spaghetti_detection", "ON"},
                   {"spaghetti_sensitivity", "medium"},
                   {"pileup_detection", "OFF"},
                   {"pileup_sensitivity", "high"},
                   {"clump_detection", "ON"},
                   {"clump_sensitivity", "low"},
                   {"airprinting_detection", "ON"},
                   {"airprinting_sensitivity", "high"}});
    FedPrinter x1c(Given{.model = Model::x1c});
    for (const char* const level : {"never_halt", "low", "medium", "high"}) {
        x1c.full(
            R"("xcam":{"spaghetti_detector":true,"first_layer_inspector":false,"halt_print_sensitivity":")" +
            std::string{level} + "\"}");
        x1c.check({{"spaghetti_detection", "ON"},
                   {"spaghetti_sensitivity", level},
                   {"first_layer_inspection", "OFF"},
                   {"pileup_detection", "(absent)"}});
    }
    x1c.full(R"("xcam":{"halt_print_sensitivity":"extreme"})");
    CHECK(x1c["spaghetti_sensitivity"] == "None");
}

TEST_CASE("live view: an address, None when switched off, no entity where not offered") {
    FedPrinter printer;
    printer.full(R"("ipcam":{"ipcam_dev":"1"})");
    CHECK_FALSE(printer.has("rtsp_url"));
    printer.full(R"("ipcam":{"rtsp_url":"disable"})");
    CHECK(printer["rtsp_url"] == "None");
    printer.full(R"("ipcam":{"rtsp_url":"rtsps://192.0.2.1:322/streaming/live/1"})");
    CHECK(printer["rtsp_url"] == "rtsps://192.0.2.1:322/streaming/live/1");
}

TEST_CASE("nozzles: the list takes precedence over the plain fields, a diameter may be text") {
    FedPrinter printer;
    printer.full(R"("nozzle_diameter":"0.4","nozzle_type":"stainless_steel")");
    printer.check({{"nozzle_diameter", "0.4"}, {"nozzle_type", "stainless_steel"}});
    printer.partial(R"("nozzle_type":"","nozzle_diameter":0.6)");
    printer.check({{"nozzle_diameter", "0.6"}, {"nozzle_type", "None"}});
    printer.partial(R"("device":{"nozzle":{"info":[{"id":0,"type":"HH00","diameter":0.8}]}})");
    printer.check({{"nozzle_diameter", "0.8"}, {"nozzle_type", "high_flow_stainless_steel"}});
    FedPrinter odd;
    odd.full(R"("nozzle_diameter":"big","nozzle_type":"HS77")");
    odd.check({{"nozzle_diameter", "None"}, {"nozzle_type", "None"}});
}

} // namespace bambu2mqtt::test
