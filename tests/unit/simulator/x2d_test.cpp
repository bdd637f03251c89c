// Reports of a simulated X2D that no other simulated model sends, compared with a recorded one.

#include "simulator/simulated_printer.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace bambu2mqtt::simulator;
using namespace std::chrono_literals;
using nlohmann::json;

TEST_SUITE("simulated X2D") {
    TEST_CASE("X2D: two nozzles, a heated chamber, and the parts of its air duct as recorded") {
        const auto* const model = find_model("X2D");
        REQUIRE(model != nullptr);
        SimulatedPrinter printer{{.model = model, .serial = serial_of(*model, 1)}};
        const auto& device = printer.state().at("device");
        CHECK(device.at("nozzle").at("exist") == 3);
        CHECK(device.at("extruder").at("info").size() == 2);
        CHECK(printer.state().at("vir_slot").size() == 2);
        CHECK(device.at("airduct").at("modeList") ==
              json::parse(R"([{"ctrl":[16,32,160,48],"modeId":0,"off":[]},
                              {"ctrl":[16,160,48],"modeId":1,"off":[]}])"));
        std::map<int, int> functions;
        for (const auto& part : device.at("airduct").at("parts"))
            functions[part.at("id")] = part.at("func");
        CHECK(functions == std::map<int, int>{{16, 0}, {32, 5}, {48, 2}, {160, 6}});
        printer.heat_chamber(80);
        static_cast<void>(printer.advance(1s));
        CHECK(device.at("ctc").at("info").at("temp").get<int>() / 65536 == 65); // the high half: the target
        printer.select_extruder(1);
        static_cast<void>(printer.advance(60s));
        CHECK(device.at("extruder").at("state") == 0x112); // two, the left one active and selected
    }
}
