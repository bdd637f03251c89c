// Whole degrees without flapping, and the time of a target's change.
#include "unit/state/fed_printer.hpp"

namespace bambu2mqtt::test {

namespace {

std::string after(FedPrinter& printer, std::string_view degrees) {
    printer.partial("\"bed_temper\":" + std::string{degrees});
    return printer["bed_temperature"];
}

} // namespace

TEST_CASE("plain rounding shows the nearest degree") {
    FedPrinter printer(Given{.rounding = Rounding::plain});
    printer.full("\"bed_temper\":20.49");
    CHECK(printer["bed_temperature"] == "20");
    CHECK(after(printer, "20.5") == "21");
    CHECK(after(printer, "20.4") == "20");
    CHECK(after(printer, "-0.4") == "0");
}

TEST_CASE("banded rounding keeps the shown value until the real one is three quarters of a degree away") {
    FedPrinter printer(Given{.rounding = Rounding::banded});
    printer.full("\"bed_temper\":20.4");
    CHECK(printer["bed_temperature"] == "20");
    for (const char* const degrees : {"20.6", "20.74", "19.26", "20.5", "20.7"}) {
        CHECK(after(printer, degrees) == "20");
    }
    CHECK(after(printer, "20.75") == "21");
    CHECK(after(printer, "20.4") == "21");
    CHECK(after(printer, "20.25") == "20");
    CHECK(after(printer, "60.2") == "60");
}

TEST_CASE("targets are not banded: the set value is shown") {
    FedPrinter printer(Given{.rounding = Rounding::banded});
    printer.full("\"bed_target_temper\":60");
    printer.partial("\"bed_target_temper\":60.6");
    CHECK(printer["bed_target_temperature"] == "61");
}

TEST_CASE("temperature and humidity of an AMS do not flicker") {
    FedPrinter printer(Given{.rounding = Rounding::banded});
    const auto unit = [&](const std::string& members) {
        return R"("ams":{"ams":[{"id":"0",)" + members + R"(}],"ams_exist_bits":"1"})";
    };
    printer.full(unit(R"("temp":"26.2","humidity_raw":"32","humidity":"4")"));
    for (const char* const degrees : {"26.3", "26.1", "26.4", "26.0"}) {
        printer.partial(
            unit(R"("temp":")" + std::string{degrees} + R"(","humidity_raw":"33","humidity":"4")"));
        CHECK(printer["ams_1_temperature"] == "26.2");
        CHECK(printer["ams_1_humidity"] == "32");
    }
    printer.partial(unit(R"("temp":"26.5","humidity_raw":"34","humidity":"4")"));
    CHECK(printer["ams_1_temperature"] == "26.5");
    CHECK(printer["ams_1_humidity"] == "34");
}

TEST_CASE("a shown degree survives a new layout") {
    FedPrinter printer(Given{.rounding = Rounding::banded});
    printer.full("\"bed_temper\":20.4");
    after(printer, "20.7");
    CHECK(printer.partial("\"ams\":{\"ams\":[{\"id\":\"0\"}]}").layout_changed);
    CHECK(printer["bed_temperature"] == "20");
}

TEST_CASE("the time of a target's change is recorded; the first value is not a change") {
    const auto at = [](std::int64_t seconds) {
        return Now{.instant = Instant{std::chrono::seconds{seconds}},
                   .wall = WallTime{std::chrono::seconds{1767600000 + seconds}}};
    };
    FedPrinter printer;
    printer.full("\"bed_target_temper\":0,\"nozzle_target_temper\":0", at(0));
    CHECK(printer.attribute("bed_target_temperature", "changed_at") == "null");
    printer.partial("\"bed_target_temper\":60", at(30));
    CHECK(printer.attribute("bed_target_temperature", "changed_at") == "\"" + rfc3339(at(30).wall) + "\"");
    CHECK(printer.attribute("nozzle_target_temperature", "changed_at") == "null");
    printer.partial("\"bed_target_temper\":60,\"mc_percent\":3", at(90));
    printer.partial("\"bed_temper\":59.5", at(95));
    CHECK(printer.attribute("bed_target_temperature", "changed_at") == "\"" + rfc3339(at(30).wall) + "\"");
    printer.partial("\"cooling_fan_speed\":\"0\"", at(100));
    CHECK(printer.attribute("part_fan", "changed_at") == "null");
    printer.partial("\"cooling_fan_speed\":\"15\"", at(110));
    CHECK(printer.attribute("part_fan", "changed_at") == "\"" + rfc3339(at(110).wall) + "\"");
    CHECK(printer.attribute("chamber_fan", "changed_at") == "(absent)");
    printer.partial("\"bed_target_temper\":0", at(120));
    CHECK(printer.attribute("bed_target_temperature", "changed_at") == "\"" + rfc3339(at(120).wall) + "\"");
}

} // namespace bambu2mqtt::test
