// AMS units that are plugged in, unplugged, and forgotten.
#include "unit/state/fed_printer.hpp"

namespace bambu2mqtt::test {

namespace {

bool present(const FedPrinter& printer, std::string_view id) {
    const auto index = printer.find(id);
    REQUIRE(index.has_value());
    return printer.printer().present(*index);
}

} // namespace

TEST_CASE("an unplugged unit keeps its entities and their values, and is not present") {
    FedPrinter printer;
    printer.feed_lines(fixture("x1c"));
    CHECK(present(printer, "ams_2_tray_2"));
    const auto update = printer.partial(R"("ams":{"ams_exist_bits":"11","tray_exist_bits":"1000f"})");
    CHECK(update.layout_changed);
    CHECK_FALSE(present(printer, "ams_2_tray_2"));
    CHECK(present(printer, "ams_1_tray_1"));
    CHECK(present(printer, "print_status"));
    printer.check({{"ams_2_tray_2", "ABS"}, {"ams_2_humidity", "41"}});
}

TEST_CASE("a unit missing from a full list is absent, too") {
    FedPrinter printer;
    printer.feed_lines(fixture("x1c"));
    printer.full(
        R"("ams":{"ams":[{"id":"0"},{"id":"128"}],"ams_exist_bits":"11","tray_exist_bits":"1000f"})");
    CHECK_FALSE(present(printer, "ams_2_tray_2"));
    CHECK(present(printer, "ams_ht_1_tray_1"));
}

TEST_CASE("a unit that returns has its new trays, not the old ones") {
    FedPrinter printer;
    printer.feed_lines(fixture("x1c"));
    printer.partial(R"("ams":{"ams_exist_bits":"11","tray_exist_bits":"1000f"})");
    printer.partial(
        R"("ams":{"ams":[{"id":"1","humidity_raw":"20","tray":[{"id":"0","tray_type":"TPU","state":11}]}],"ams_exist_bits":"13","tray_exist_bits":"1001f"})");
    CHECK(present(printer, "ams_2_tray_1"));
    printer.check({{"ams_2_tray_1", "TPU"},
                   {"ams_2_humidity", "20"},
                   {"ams_2_temperature", "None"},
                   {"ams_2_tray_2", "empty"},
                   {"ams_2_drying", "None"}});
}

TEST_CASE("absence is counted in connected time, and a unit absent long enough is forgotten") {
    FedPrinter printer;
    printer.feed_lines(fixture("x1c"));
    auto& core = printer.printer();
    CHECK_FALSE(printer.forget(0));
    printer.partial(R"("ams":{"ams_exist_bits":"11"})");
    core.count_absence(600);
    CHECK_FALSE(printer.forget(601));
    CHECK(printer.has("ams_2_tray_1"));
    core.count_absence(1);
    CHECK(printer.forget(601));
    CHECK_FALSE(printer.has("ams_2_tray_1"));
    CHECK(printer.has("ams_1_tray_1"));
    CHECK(printer.has("ams_ht_1_tray_1"));
    CHECK(core.facts().units.size() == 2);
    CHECK_FALSE(printer.forget(0));
    printer.partial("\"mc_percent\":64");
    printer.check({{"print_progress", "64"}, {"ams_1_tray_1", "PLA Matte"}, {"ams_ht_1_tray_1", "PAHT-CF"}});
}

TEST_CASE("a unit that returns in time resets its absence") {
    FedPrinter printer;
    printer.feed_lines(fixture("x1c"));
    auto& core = printer.printer();
    printer.partial(R"("ams":{"ams_exist_bits":"11"})");
    core.count_absence(600);
    printer.partial(R"("ams":{"ams":[{"id":"1"}],"ams_exist_bits":"13"})");
    core.count_absence(600);
    printer.partial(R"("ams":{"ams_exist_bits":"11"})");
    core.count_absence(10);
    CHECK_FALSE(printer.forget(600));
    CHECK(printer.forget(10));
}

TEST_CASE("no unit counts as absent before a full report") {
    FedPrinter before;
    before.feed_lines(fixture("x1c"));
    FedPrinter after(Given{.remembered = before.facts()});
    after.partial(R"("ams":{"ams":[{"id":"0","humidity_raw":"9"}]})");
    CHECK(present(after, "ams_2_tray_1"));
    after.full(R"("ams":{"ams":[{"id":"0"}],"ams_exist_bits":"1"})");
    CHECK_FALSE(present(after, "ams_2_tray_1"));
}

TEST_CASE("units known from get_version alone wait for a report that shows them plugged in") {
    FedPrinter printer;
    printer.full(R"("ams":{"ams":[{"id":"0"}],"ams_exist_bits":"1"})");
    printer.feed(
        R"({"info":{"command":"get_version","module":[{"name":"ams/0","sn":"A"},{"name":"n3s/128","sn":"B"}]}})");
    CHECK(present(printer, "ams_1_tray_1"));
    CHECK_FALSE(present(printer, "ams_ht_1_tray_1"));
    printer.partial(R"("ams":{"ams":[{"id":"128","humidity_raw":"12"}],"ams_exist_bits":"11"})");
    CHECK(present(printer, "ams_ht_1_tray_1"));
    CHECK(printer["ams_ht_1_humidity"] == "12");
    CHECK(printer.facts().units.at(1).serial == "B");
}

TEST_CASE("a removed spool leaves no values behind for the next one") {
    FedPrinter printer;
    printer.feed_lines(fixture("p1s"));
    printer.partial(R"("ams":{"tray_exist_bits":"c"})");
    printer.check(
        {{"ams_1_tray_1", "empty"}, {"ams_1_tray_1_color", "None"}, {"ams_1_tray_1_remaining", "None"}});
    printer.partial(R"("ams":{"tray_exist_bits":"d"})");
    CHECK(printer["ams_1_tray_1"] == "unidentified");
    printer.partial(
        R"("ams":{"ams":[{"id":"0","tray":[{"id":"0","tray_type":"ABS","tray_color":"101010FF"}]}]})");
    printer.check(
        {{"ams_1_tray_1", "ABS"}, {"ams_1_tray_1_color", "#101010"}, {"ams_1_tray_1_remaining", "None"}});
}

TEST_CASE("a spool without a description takes no values from the previous one") {
    const auto tray = [](std::string_view members, std::string_view bits = R"(,"tray_exist_bits":"4")") {
        return R"("ams":{"ams":[{"id":"0","tray":[{"id":"2",)" + std::string{members} +
               R"(}]}],"ams_exist_bits":"1")" + std::string{bits} + "}";
    };
    constexpr auto described = R"("state":11,"tray_type":"PLA","tray_color":"101010FF")";
    FedPrinter printer;
    printer.full(tray(described));
    printer.partial(tray(R"("state":11)"));
    printer.check({{"ams_1_tray_3", "PLA"}, {"ams_1_tray_3_color", "#101010"}});
    printer.full(tray(R"("state":9)")); // changed while disconnected: no cleared bit was received
    printer.check({{"ams_1_tray_3", "unidentified"}, {"ams_1_tray_3_color", "None"}});
    printer.partial(tray(described));
    printer.check({{"ams_1_tray_3", "PLA"}});

    FedPrinter without_bits;
    without_bits.full(tray(described, ""));
    without_bits.partial(tray(R"("state":10)", ""));
    without_bits.check({{"ams_1_tray_3", "empty"}});
    without_bits.partial(tray(R"("state":9)", ""));
    without_bits.check({{"ams_1_tray_3", "unidentified"}});
}

TEST_CASE("empty lists of AMS units do no harm") {
    FedPrinter printer;
    printer.feed_lines(fixture("x1c"));
    printer.partial(
        R"("ams":{"ams":[{"id":"7","temp":"1"},{"id":"abc"},{"id":""},{"id":"00"},{"id":"999"}],"ams_exist_bits":"13"})");
    CHECK(printer.facts().units.size() == 3);
    printer.full(R"("ams":{"ams":[{"id":"7"}],"ams_exist_bits":"13"})");
    CHECK_FALSE(present(printer, "ams_1_tray_1"));
}

} // namespace bambu2mqtt::test
