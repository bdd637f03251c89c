// Every JSON type at every source of every entity: nothing fails, and the results are valid.
#include "unit/state/fed_printer.hpp"

#include <cmath>
#include <set>

namespace bambu2mqtt::test {

namespace {

constexpr std::array<std::string_view, 20> values{"null",
                                                  "true",
                                                  "false",
                                                  "0",
                                                  "-1",
                                                  "5",
                                                  "9223372036854775808",
                                                  "18446744073709551615",
                                                  "-9223372036854775808",
                                                  "1e308",
                                                  "-1e308",
                                                  "0.5",
                                                  "\"\"",
                                                  "\"x\"",
                                                  "\"-1\"",
                                                  "\"9223372036854775808\"",
                                                  "[]",
                                                  "{}",
                                                  "[[{\"id\":{}}],null]",
                                                  "{\"id\":[{\"a\":{\"b\":[]}}]}"};

/// Members that decoders read below the sources.
constexpr std::array<std::string_view, 58> every_member{"id",
                                                        "tray",
                                                        "ams",
                                                        "temp",
                                                        "info",
                                                        "humidity",
                                                        "humidity_raw",
                                                        "dry_time",
                                                        "dry_setting",
                                                        "dry_temperature",
                                                        "dry_duration",
                                                        "dry_filament",
                                                        "state",
                                                        "tray_type",
                                                        "tray_info_idx",
                                                        "tray_sub_brands",
                                                        "tray_color",
                                                        "cols",
                                                        "remain",
                                                        "k",
                                                        "nozzle_temp_min",
                                                        "nozzle_temp_max",
                                                        "bed_temp",
                                                        "drying_temp",
                                                        "drying_time",
                                                        "tray_temp",
                                                        "tray_time",
                                                        "tray_weight",
                                                        "tag_uid",
                                                        "tray_uuid",
                                                        "snow",
                                                        "type",
                                                        "diameter",
                                                        "exist",
                                                        "tar_id",
                                                        "parts",
                                                        "modeCur",
                                                        "modeList",
                                                        "modeId",
                                                        "mount",
                                                        "conf",
                                                        "ip",
                                                        "timelapse",
                                                        "ipcam_record",
                                                        "rtsp_url",
                                                        "cfg",
                                                        "halt_print_sensitivity",
                                                        "spaghetti_detector",
                                                        "mode",
                                                        "attr",
                                                        "code",
                                                        "new_ver_list",
                                                        "new_ver",
                                                        "ota_new_version_number",
                                                        "pos",
                                                        "stat",
                                                        "layer_num",
                                                        "_id"};

bool is_sane(const Printer& printer, std::size_t index) {
    const auto& value = printer.value(index);
    const auto& instance = printer.layout().instances()[index];
    if (const auto* const number = std::get_if<double>(&value)) {
        return std::isfinite(*number);
    }
    const auto options = Layout::options(instance, printer.facts());
    if (const auto* const text = std::get_if<std::string>(&value); text != nullptr && !options.empty()) {
        return std::ranges::find(options, *text) != options.end();
    }
    const auto& quantity = instance.entity->quantity;
    if (const auto* const whole = std::get_if<std::int64_t>(&value)) {
        const bool percent = quantity.unit == "%" && instance.entity->id != "print_speed_percent";
        return (!percent || (*whole >= 0 && *whole <= 100)) &&
               (quantity.unit != "°C" || std::abs(*whole) <= 500);
    }
    return true;
}

void check_sane(const FedPrinter& fed) {
    const auto& printer = fed.printer();
    for (std::size_t i = 0; i < printer.layout().instances().size(); ++i) {
        if (!is_sane(printer, i)) {
            FAIL_CHECK(printer.layout().instances()[i].id, " shows ", payload_of(printer.value(i)));
        }
        static_cast<void>(printer.attributes(i).dump());
        static_cast<void>(printer.latest(i));
    }
}

/// Every path of a report, as a list of keys; elements of lists by their index.
void paths_of(const OrderedJson& value, const OrderedJson::json_pointer& here,
              std::vector<OrderedJson::json_pointer>& out) {
    if (!here.empty()) {
        out.push_back(here);
    }
    if (value.is_object()) {
        for (const auto& item : value.items()) {
            paths_of(item.value(), here / item.key(), out);
        }
    } else if (value.is_array()) {
        for (std::size_t i = 0; i < value.size(); ++i) {
            paths_of(value[i], here / i, out);
        }
    }
}

} // namespace

TEST_CASE("every JSON type in the place of every value of a report") {
    for (const auto model : {"x1c", "h2c", "a1mini", "p1s"}) {
        const auto text = fixture(model);
        const auto messages = split_messages(text);
        const auto report = OrderedJson::parse(messages[1].text);
        std::vector<OrderedJson::json_pointer> paths;
        paths_of(report["print"], OrderedJson::json_pointer{}, paths);
        std::size_t turn = 0;
        for (const auto& path : paths) {
            auto changed = report;
            changed["print"][path] = OrderedJson::parse(values[turn++ % values.size()]);
            changed["print"]["command"] = "push_status";
            FedPrinter printer;
            printer.feed(messages[0].text);
            printer.feed(changed.dump());
            check_sane(printer);
        }
    }
}

TEST_CASE("every JSON type at every source of the entity table, on a known printer") {
    std::set<std::string> sources;
    for (const auto& entity : catalogue()) {
        for (const auto source : entity.from) {
            if (!source.empty()) {
                sources.insert(source == "ams/{unit}" || source == "ams/*" ? "ams/ams" : std::string{source});
            }
        }
    }
    for (const char* const more : {"print_type", "stg_cur", "home_flag", "fun", "device/nozzle",
                                   "device/holder", "ams/ams_exist_bits"}) {
        sources.insert(more);
    }
    FedPrinter printer;
    printer.feed_lines(fixture("h2c"));
    for (const auto& source : sources) {
        const auto slash = source.find('/');
        for (const auto value : values) {
            const auto key = "\"" + source.substr(0, slash) + "\":";
            printer.partial(slash == std::string::npos
                                ? key + std::string{value}
                                : key + "{\"" + source.substr(slash + 1) + "\":" + std::string{value} + "}");
            check_sane(printer);
        }
    }
}

TEST_CASE("every JSON type in every member that decoders read") {
    for (const auto member : every_member) {
        FedPrinter printer;
        printer.feed_lines(fixture("h2c"));
        for (const auto value : values) {
            const auto field = "\"" + std::string{member} + "\":" + std::string{value};
            const auto listed = "[{\"id\":0," + field + "},{\"id\":\"128\"," + field + "},{" + field + "}]";
            printer.partial("\"ams\":{\"ams\":[{\"id\":\"0\"," + field + ",\"tray\":[{\"id\":\"0\"," + field +
                            "}]}]},\"vir_slot\":[{\"id\":\"255\"," + field +
                            "}],\"device\":{\"extruder\":{\"info\":" + listed + "},\"nozzle\":{\"info\":" +
                            listed + "," + field + "},\"airduct\":{" + field + "},\"ext_tool\":{" + field +
                            "},\"holder\":{" + field + "},\"bed\":{\"info\":{" + field +
                            "}},\"ctc\":{\"info\":{" + field + "}}},\"net\":{\"info\":" + listed + "," +
                            field + "},\"hms\":" + listed + ",\"ipcam\":{" + field + "},\"xcam\":{" + field +
                            "},\"upgrade_state\":{" + field + ",\"new_ver_list\":[{\"name\":\"ota\"," +
                            field + "}]},\"lights_report\":[{\"node\":\"work_light\"," + field +
                            "}],\"3D\":{" + field + "},\"stage\":{" + field + "}," + field);
            check_sane(printer);
        }
    }
}

TEST_CASE("modules of every JSON type") {
    FedPrinter printer;
    printer.feed_lines(fixture("h2d"));
    for (const auto value : values) {
        const auto text = std::string{value};
        printer.feed("{\"info\":{\"command\":\"get_version\",\"module\":" + text + "}}");
        printer.feed("{\"info\":{\"command\":\"get_version\",\"module\":[" + text + ",{\"name\":" + text +
                     ",\"sw_ver\":" + text + "},{\"name\":\"ota\",\"sw_ver\":" + text + ",\"product_name\":" +
                     text + "},{\"name\":\"n3f/0\",\"sn\":" + text + "},{\"hw_ver\":" + text + "}]}}");
        check_sane(printer);
    }
    CHECK(printer.facts().model == Model::h2d);
}

} // namespace bambu2mqtt::test
