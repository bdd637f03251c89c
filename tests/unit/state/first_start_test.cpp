// A new printer: entities before the first report, remembered ones, and the effect of partial reports.
#include "unit/state/fed_printer.hpp"

namespace bambu2mqtt::test {

namespace {

std::vector<std::string> ids_of(const FedPrinter& printer) {
    std::vector<std::string> ids;
    for (const auto& instance : printer.printer().layout().instances()) {
        ids.push_back(instance.id);
    }
    std::ranges::sort(ids);
    return ids;
}

const std::vector<std::string> from_the_start{"connection", "last_command"};

} // namespace

TEST_CASE("the first start has only connection and last_command") {
    FedPrinter printer(Given{.model = Model::x1c, .serial = "00MTEST"});
    CHECK(ids_of(printer) == from_the_start);
    printer.check({{"connection", "None"}, {"last_command", "None"}});
    printer.set_connection(
        {.state = "connecting", .since = parse_rfc3339("2026-01-01T00:00:00Z"), .hint = "wait"});
    CHECK(printer["connection"] == "connecting");
    CHECK(printer.attribute("connection", "since") == "\"2026-01-01T00:00:00Z\"");
    CHECK(printer.attribute("connection", "hint") == "\"wait\"");
    CHECK(printer.attribute("connection", "error") == "null");
}

TEST_CASE("partial reports, get_version and replies alone create no entities") {
    FedPrinter printer;
    printer.partial(R"("mc_percent":5,"ams":{"ams":[{"id":"0"}]},"fun":"0")");
    printer.feed(
        R"({"info":{"command":"get_version","module":[{"name":"ota","sw_ver":"1"},{"name":"ams/0"}]}})");
    printer.feed(R"({"print":{"command":"pause","result":"success"}})");
    printer.feed("{}");
    CHECK(ids_of(printer) == from_the_start);
    CHECK(printer.full("\"mc_remaining_time\":3").layout_changed);
    CHECK(printer["print_progress"] == "5");
    CHECK(printer.has("ams_1_tray_1"));
}

TEST_CASE("the model: configured, else from get_version, else from the serial") {
    CHECK(FedPrinter(Given{.model = Model::h2c, .serial = "094TEST"}).facts().model == Model::h2c);
    FedPrinter printer(Given{.serial = "094TEST"});
    CHECK(printer.facts().model == Model::h2d);
    printer.feed(
        R"({"info":{"command":"get_version","module":[{"name":"ota","product_name":"Bambu Lab H2C"}]}})");
    CHECK(printer.facts().model == Model::h2c);
    FedPrinter configured(Given{.model = Model::h2d, .serial = "31BTEST"});
    configured.feed(
        R"({"info":{"command":"get_version","module":[{"name":"ota","product_name":"Bambu Lab H2C"}]}})");
    CHECK(configured.facts().model == Model::h2d);
    CHECK(FedPrinter(Given{.serial = "ZZZTEST"}).facts().model == Model::unknown);
}

TEST_CASE("an unknown model has only entities proved by its own reports") {
    FedPrinter printer(Given{.serial = "ZZZTEST"});
    printer.full(
        R"("gcode_state":"IDLE","chamber_temper":5,"big_fan1_speed":"0","big_fan2_speed":"0","stat":"0","home_flag":0)");
    for (const char* const id : {"chamber_temperature", "aux_fan", "chamber_fan", "door", "developer_mode",
                                 "airduct_mode", "heatbed_light", "left_nozzle_temperature", "tool_module",
                                 "timelapse", "work_light", "plate", "wired_network", "external_spool"}) {
        INFO(id);
        CHECK_FALSE(printer.has(id));
    }
    printer.partial(
        R"("device":{"extruder":{"info":[{"id":0},{"id":1}]},"airduct":{"modeCur":0,"parts":[{"id":32}]}},"plate_idx":1)");
    for (const char* const id : {"left_nozzle_temperature", "airduct_mode", "aux_fan", "plate"}) {
        INFO(id);
        CHECK(printer.has(id));
    }
}

TEST_CASE("remembered entities exist while the printer is offline, without values") {
    FedPrinter before;
    before.feed_lines(fixture("x1c"));
    const auto facts = facts_from_json(to_json(before.facts()));
    FedPrinter after(Given{.remembered = facts});
    CHECK(ids_of(after) == ids_of(before));
    for (const auto& [id, payload] : after.states()) {
        const std::string at{id};
        INFO(at);
        CHECK((payload == "None" || id == "firmware"));
    }
    CHECK(after["firmware"] == "01.09.01.00");
}

TEST_CASE("facts of another serial are ignored") {
    FedPrinter before;
    before.feed_lines(fixture("x1c"));
    FedPrinter after(Given{.serial = "OTHER", .remembered = before.facts()});
    CHECK(ids_of(after) == from_the_start);
}

TEST_CASE("a remembered printer accepts partial reports immediately; cleared exist bits are followed") {
    FedPrinter before;
    before.feed_lines(fixture("x1c"));
    FedPrinter after(Given{.remembered = before.facts()});
    after.partial(
        R"("ams":{"ams":[{"id":"1","humidity_raw":"41","tray":[{"id":"0","tray_type":"PLA","state":11}]}],"ams_exist_bits":"13","tray_exist_bits":"f0"})");
    CHECK(after["ams_2_tray_1"] == "PLA");
    after.partial(R"("ams":{"ams_exist_bits":"11"})");
    after.partial(R"("ams":{"ams_exist_bits":"13"})");
    after.partial(R"("gcode_state":"RUNNING")");
    CHECK(after["print_status"] == "running");
}

TEST_CASE("the first full report decides which units are present, also when it changes nothing") {
    FedPrinter before;
    before.feed_lines(fixture("x1c"));
    FedPrinter after(Given{.remembered = before.facts()});
    constexpr std::string_view one_unit = R"("ams":{"ams":[{"id":"0"}],"ams_exist_bits":"1"})";
    after.partial(one_unit);
    CHECK(after.printer().present(*after.find("ams_2_tray_1")));
    after.full(one_unit);
    CHECK_FALSE(after.printer().present(*after.find("ams_2_tray_1")));
}

TEST_CASE("the feed follows when get_version reports another kind of printer") {
    FedPrinter printer(Given{.serial = "094TEST"});
    printer.full(
        R"("ams":{"ams":[{"id":"0"},{"id":"1"}]},"device":{"extruder":{"info":[{"id":0,"snow":1},{"id":1,"snow":258}],"state":18}})");
    CHECK(printer["active_tray"] == "ams_2_tray_3");
    printer.feed(
        R"({"info":{"command":"get_version","module":[{"name":"ota","product_name":"Bambu Lab H2S"}]}})");
    CHECK(printer["active_tray"] == "ams_1_tray_2");
    printer.partial(R"("device":{"extruder":{"info":[{"id":0,"snow":258}]}})");
    CHECK(printer["active_tray"] == "ams_2_tray_3");
}

TEST_CASE("an update has the kind of message and what may have changed") {
    FedPrinter printer;
    const auto first = printer.full(R"("gcode_state":"IDLE","mc_percent":1)");
    CHECK(first.kind == ReportKind::status);
    CHECK(first.full);
    CHECK(first.layout_changed);
    CHECK(first.changed.size() == printer.printer().layout().instances().size());
    const auto second = printer.partial("\"mc_percent\":2");
    CHECK_FALSE(second.full);
    CHECK_FALSE(second.layout_changed);
    REQUIRE(second.changed.size() == 1);
    CHECK(second.changed[0] == *printer.find("print_progress"));
    CHECK(printer.partial("\"mc_percent\":2").changed.empty());
    CHECK(printer.feed("{}").kind == ReportKind::empty);
}

} // namespace bambu2mqtt::test
