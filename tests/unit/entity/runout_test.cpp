// Which errors mean a filament runout, its place, and which tray is awaited.
#include "unit/state/fed_printer.hpp"
#include <bambu2mqtt/entity/runout.hpp>

namespace bambu2mqtt::test {

namespace {

constexpr std::string_view units_of_all_modules =
    R"("ams":{"ams":[{"id":"0"},{"id":"1"},{"id":"128"}],"tray_now":"255"})";

/// The runouts in a report, as "code unit/slot", followed by "!" if they pause the printer.
std::vector<std::string> runouts_of(std::string_view members, Model model = Model::p1s) {
    FedPrinter printer(Given{.model = model});
    printer.full(std::string{units_of_all_modules} + "," + std::string{members});
    std::vector<std::string> result;
    for (const auto& runout : runouts(printer.printer().report_state(), printer.facts())) {
        result.push_back(runout.code + " " + runout.unit + "/" +
                         (runout.slot ? std::to_string(*runout.slot) : "") + (runout.waits ? "!" : ""));
    }
    return result;
}

std::vector<std::string> runouts_of_error(std::uint32_t code, Model model = Model::p1s) {
    return runouts_of(R"("print_error":)" + std::to_string(code), model);
}

std::vector<std::string> runouts_of_message(std::uint32_t attr, std::uint32_t code) {
    return runouts_of(R"("hms":[{"attr":)" + std::to_string(attr) + R"(,"code":)" + std::to_string(code) +
                      "}]");
}

using Codes = std::vector<std::string>;

} // namespace

TEST_CASE("runout: print_error of AMS units, external spools and the motion controller") {
    CHECK(runouts_of_error(0x07008011) == Codes{"0700-8011 ams_1/!"});
    CHECK(runouts_of_error(0x07018011) == Codes{"0701-8011 ams_2/!"});
    CHECK(runouts_of_error(0x12008011) == Codes{"1200-8011 ams_1/!"});
    CHECK(runouts_of_error(0x18008011) == Codes{"1800-8011 ams_ht_1/!"});
    CHECK(runouts_of_error(0x07FF8011) == Codes{"07FF-8011 external_spool/!"});
    CHECK(runouts_of_error(0x12FF8011) == Codes{"12FF-8011 external_spool/!"});
    CHECK(runouts_of_error(0x07FF8011, Model::h2d) == Codes{"07FF-8011 external_spool_right/!"});
    CHECK(runouts_of_error(0x18FE8011, Model::h2d) == Codes{"18FE-8011 external_spool_left/!"});
    CHECK(runouts_of_error(0x03008004) == Codes{"0300-8004 /!"});
    CHECK(runouts_of_error(0x03008015) == Codes{"0300-8015 /!"});
    for (const std::uint32_t other : {0x07008010U, 0x07008012U, 0x05008011U, 0x03008011U, 0x03008001U, 0U}) {
        CHECK(runouts_of_error(other).empty());
    }
}

TEST_CASE("runout: HMS messages name unit and slot, and whether the printer continues by itself") {
    CHECK(runouts_of_message(0x07002200, 0x00020001) == Codes{"0700-2200-0002-0001 ams_1/3!"});
    CHECK(runouts_of_message(0x07012000, 0x00030001) == Codes{"0701-2000-0003-0001 ams_2/1"});
    CHECK(runouts_of_message(0x12002300, 0x00030002) == Codes{"1200-2300-0003-0002 ams_1/4"});
    CHECK(runouts_of_message(0x18002000, 0x00020001) == Codes{"1800-2000-0002-0001 ams_ht_1/1!"});
    CHECK(runouts_of_message(0x07FF2000, 0x00020001) == Codes{"07FF-2000-0002-0001 external_spool/!"});
    CHECK(runouts_of_message(0x07002200, 0x00020002).empty()); // an empty slot
    CHECK(runouts_of_message(0x07002400, 0x00020001).empty());
    CHECK(runouts_of_message(0x07003200, 0x00020001).empty());
    CHECK(runouts_of_message(0x03002200, 0x00020001).empty());
}

TEST_CASE("waiting_for_tray appears with the first pause that names one") {
    FedPrinter printer(Given{.model = Model::p1s});
    printer.full(R"("gcode_state":"RUNNING","print_error":0,"ams":{"ams":[{"id":"0"}],"tray_now":"1",)"
                 R"("tray_pre":"1","tray_tar":"1"})");
    CHECK_FALSE(printer.has("waiting_for_tray"));
    printer.partial(R"("gcode_state":"PAUSE","print_error":83918878)"); // another reason
    CHECK_FALSE(printer.has("waiting_for_tray"));
    // As reported by a P1S: slot 2 has run out, the printer waits for slot 3.
    printer.partial(R"("gcode_state":"PAUSE","print_error":117473297,"ams_status":261,)"
                    R"("hms":[{"attr":117449216,"code":131073}],)"
                    R"("ams":{"tray_now":"255","tray_pre":"1","tray_tar":"2"})");
    CHECK(printer["waiting_for_tray"] == "ams_1_tray_3");
    printer.partial(R"("gcode_state":"RUNNING","print_error":0,"ams":{"tray_now":"2"})");
    CHECK(printer["waiting_for_tray"] == "none");
    printer.full(R"("gcode_state":"RUNNING","print_error":0,"hms":[])");
    CHECK(printer["waiting_for_tray"] == "none");
}

TEST_CASE("waiting_for_tray without AMS, and on printers that pack unit and slot") {
    FedPrinter a1(Given{.model = Model::a1});
    a1.full(R"("gcode_state":"RUNNING","ams":{"ams":[],"tray_now":"254","tray_tar":"254"})");
    a1.partial(R"("gcode_state":"PAUSE","print_error":50364437,"hw_switch_state":0)");
    CHECK(a1["waiting_for_tray"] == "external_spool");

    FedPrinter h2d(Given{.model = Model::h2d});
    h2d.full(R"("gcode_state":"PAUSE","print_error":117538833,"ams":{"ams":[{"id":"0"},{"id":"1"}]},)"
             R"("device":{"extruder":{"info":[{"id":0,"snow":65535,"spre":256,"star":258},)"
             R"({"id":1,"snow":0,"spre":0,"star":0}],"state":2}})");
    CHECK(h2d["waiting_for_tray"] == "ams_2_tray_3");
    h2d.partial(R"("device":{"extruder":{"info":[{"id":0,"star":65535}]}})"); // it has none: the code does
    CHECK(h2d["waiting_for_tray"] == "ams_2_tray_1");
}

} // namespace bambu2mqtt::test
