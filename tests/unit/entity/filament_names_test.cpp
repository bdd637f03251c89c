// Names of filament ids.
#include "unit/state/fed_printer.hpp"
#include <bambu2mqtt/entity/filament_names.hpp>

namespace bambu2mqtt::test {

TEST_CASE("filament ids of the vendor's profiles have names and types") {
    for (const auto& known : {std::array<std::string_view, 3>{"GFA00", "Bambu PLA Basic", "PLA"},
                              {"GFA10", "Bambu PLA Tough+", "PLA"},
                              {"GFA17", "Bambu PLA Translucent", "PLA"},
                              {"GFA18", "Bambu PLA Lite", "PLA"},
                              {"GFA19", "Bambu PLA Pure", "PLA"},
                              {"GFG03", "Bambu PETG Matte", "PETG"},
                              {"GFL03", "eSUN PLA+", "PLA"},
                              {"GFPM001", "Panchroma PLA", "PLA"},
                              {"GFPM017", "Polymaker HT-PLA", "PLA"},
                              {"GFS02", "Bambu Support For PLA", ""},
                              {"GFSNL04", "SUNLU PLA+ 2.0", "PLA"},
                              {"GFU03", "Bambu TPU 90A", "TPU"},
                              {"GFU99", "Generic TPU", "TPU"},
                              {"GFA99", "", ""},
                              {"", "", ""}}) {
        const auto id = known[0];
        const auto name = known[1];
        const auto type = known[2];
        INFO("id: ", std::string{id});
        CHECK(filament_name(id) == name);
        CHECK(filament_type(id) == type);
    }
}

TEST_CASE("a spool has the name of its filament id, or its type when the id is unknown") {
    FedPrinter printer;
    printer.full(R"("ams":{"ams":[{"id":"0","tray":[{"id":"0","tray_type":"PLA","tray_info_idx":"GFA18"},
        {"id":"1","tray_type":"PLA","tray_info_idx":"P1a2b3c4"},{"id":"2","tray_type":"TPU","tray_info_idx":"GFU04"}]}],
        "ams_exist_bits":"1","tray_exist_bits":"7"})");
    printer.check({{"ams_1_tray_1", "Bambu PLA Lite"},
                   {"ams_1_tray_2", "PLA"},
                   {"ams_1_tray_2_type", "PLA"},
                   {"ams_1_tray_3", "Bambu TPU 85A"}});
}

} // namespace bambu2mqtt::test
