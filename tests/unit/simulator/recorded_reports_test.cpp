// The simulated printers report the keys of recorded full reports of their model, with values of the same
// types. Recordings: tests/fixtures/reports, and those below BAMBU2MQTT_CAPTURES if set.

#include "simulator/replay.hpp"
#include "support/files.hpp"
#include "test_printer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace bambu2mqtt;
using namespace bambu2mqtt::simulator;
using nlohmann::json;

/// Value types by path; elements of a list share the path "list[]".
using Shape = std::map<std::string, std::set<std::string>>;

std::string kind_of(const json& value) {
    return value.is_number_float() ? "float" : value.is_number() ? "integer" : value.type_name();
}

void add_shape(Shape& shape, const json& value, const std::string& path) {
    shape[path].insert(kind_of(value));
    for (const auto& [key, below] : value.items()) {
        if (value.is_object())
            add_shape(shape, below, path + "/" + key);
        else if (value.is_array())
            add_shape(shape, below, path + "[]");
    }
}

/// An intended difference, at a path and all below it.
struct Difference {
    std::string_view model{};
    std::string_view path{};
    std::string_view why{};
};

// clang-format off
constexpr std::array differences{
    Difference{"A1MINI", "/net/_redacted", "written by its publisher"},
    Difference{"A1MINI", "/upgrade_state/mc_for_ams_firmware", "one kind of AMS is enough"},
    Difference{"A1MINI", "/upgrade_state/new_ver_list[]", "no update is offered"},
    Difference{"P1S", "/filam_bak[]", "no two spools of the same filament"},
    Difference{"P1S", "/hms[]", "the recorded lists are empty"},
    Difference{"P1S", "/nozzle_temper", "a whole number when it is one, as recorded of bed_temper"},
    Difference{"X1C", "/filam_bak", "sent by one firmware only"},
    Difference{"X1C", "/gcode_start_time", "older firmware"},
    Difference{"X1C", "/lifecycle", "older firmware"},
    Difference{"X1C", "/maintain", "older firmware"},
    Difference{"X1C", "/mess_production_state", "older firmware"},
    Difference{"X1C", "/online/rfid", "older firmware"},
    Difference{"X1C", "/t_utc", "older firmware"},
    Difference{"X1C", "/job/stage[]", "no plan of a job"},
    Difference{"X1C", "/upgrade_state/sn", "masked in most recordings"},
    Difference{"X1C", "/ams/ams[]/dry_setting", "sent by later firmware for units that dry"},
    Difference{"X1C", "/ams/ams[]/dry_sf_reason", "sent by later firmware for units that dry"},
    Difference{"X1C", "/hms[]", "the recorded lists are empty"},
    Difference{"H2D", "/2D", "no laser and no cutter"},
    Difference{"H2D", "/device/extruder/info[]/filam_bak[]", "no two spools of the same filament"},
    Difference{"H2D", "/job/stage[]", "no plan of a job"},
    Difference{"H2D", "/upgrade_state/sn", "masked in most recordings"},
    Difference{"H2D", "/ams/ams[]/dry_setting", "sent by later firmware for units that dry"},
    Difference{"H2D", "/ams/ams[]/dry_sf_reason", "sent by later firmware for units that dry"},
    Difference{"H2D", "/hms[]", "the recorded list is empty"},
    Difference{"H2D", "/msg", "left out in that recording"},
    Difference{"H2D", "/xcam/cfg", "sent by later firmware"},
    Difference{"X2D", "/2D", "no laser and no cutter"},
    Difference{"X2D", "/job/stage[]", "no plan of a job"},
    Difference{"X2D", "/upgrade_state/sn", "masked in the recording"},
    Difference{"X2D", "/ams/ams[]/dry_setting", "sent by later firmware for units that dry"},
    Difference{"X2D", "/ams/ams[]/dry_sf_reason", "sent by later firmware for units that dry"},
    Difference{"X2D", "/hms[]", "the recorded list is empty"},
};

// clang-format on

/// The simulated model for a recorded one, by the prefix of the file's name; nothing for others.
std::string model_of(const std::string& file) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 14> begins{
        {{"A1mini", "A1MINI"},
         {"A1", "A1MINI"},
         {"a1", "A1MINI"},
         {"filabridge-A1", "A1MINI"},
         {"P1", "P1S"},
         {"p1p", "P1S"},
         {"p1s", "P1S"},
         {"vena-bambino-P1S", "P1S"},
         {"rdiger36-P1S", "P1S"},
         {"X1C", "X1C"},
         {"x1c", "X1C"},
         {"h2d", "H2D"},
         {"H2D", "H2D"},
         {"X2D", "X2D"}}};
    const auto* const found = std::find_if(
        begins.begin(), begins.end(), [&file](const auto& begin) { return file.starts_with(begin.first); });
    return found == begins.end() ? "" : std::string{found->second};
}

/// Adds the full reports in a file; returns their number.
int add_recorded(Shape& shape, const std::filesystem::path& file) {
    constexpr std::size_t fewest_keys = 40;
    int added = 0;
    for (const auto& message : split_messages(test_support::read_file(file))) {
        const auto whole = json::parse(message, nullptr, false);
        const auto print = whole.is_object() ? whole.value("print", whole) : json();
        if (!print.is_object() || print.value("msg", json(0)) != 0 || print.size() < fewest_keys)
            continue;
        add_shape(shape, print, "");
        ++added;
    }
    return added;
}

/// The reports of a simulated printer through a whole job with a pause.
Shape simulated(std::string_view model) {
    Shape shape;
    TestPrinter asked{model};
    const auto add = [&] { add_shape(shape, json::parse(asked.printer.full_report()).at("print"), ""); };
    add();
    asked.print();
    add();
    asked.printer.run_out_of_filament();
    asked.live(1);
    add();
    asked.printer.resume();
    asked.printer.finish();
    asked.live(1);
    add();
    return shape;
}

/// Paths that only one of them has, or with value types that no recording has.
std::map<std::string, std::string> compared(const Shape& recorded, const Shape& ours) {
    std::map<std::string, std::string> found;
    for (const auto& [path, kinds] : recorded) {
        if (!ours.contains(path))
            found[path] = "missing";
    }
    for (const auto& [path, kinds] : ours) {
        const auto known = recorded.find(path);
        if (known == recorded.end())
            found[path] = "never recorded";
        else if (!std::includes(known->second.begin(), known->second.end(), kinds.begin(), kinds.end()))
            found[path] = "of another kind than recorded";
    }
    return found;
}

} // namespace

TEST_SUITE("recorded reports") {
    TEST_CASE(
        "simulated models report the keys and value types of all recordings, except for the listed ones") {
        const char* const folder = std::getenv("BAMBU2MQTT_CAPTURES");
        if (folder == nullptr || *folder == '\0') {
            MESSAGE("skipped: BAMBU2MQTT_CAPTURES is not set");
            return;
        }
        std::map<std::string, Shape> recorded;
        int reports = 0;
        for (const auto* const part : {"full", "reports", "deltas", "prints"}) {
            for (const auto& file :
                 std::filesystem::directory_iterator{std::filesystem::path{folder} / part}) {
                const auto model = model_of(file.path().filename().string());
                if (!model.empty())
                    reports += add_recorded(recorded[model], file.path());
            }
        }
        CHECK(reports >= 30);
        CHECK(recorded.size() == 5);
        std::set<const Difference*> seen;
        for (const auto& of_model : recorded) {
            const auto& model = of_model.first;
            for (const auto& found : compared(of_model.second, simulated(model))) {
                const auto& path = found.first;
                const auto& what = found.second;
                const auto* const meant =
                    std::find_if(differences.begin(), differences.end(), [&](const Difference& difference) {
                        return difference.model == model && path.starts_with(difference.path);
                    });
                CHECK_MESSAGE(meant != differences.end(), model, " ", path, ": ", what);
                if (meant != differences.end())
                    seen.insert(meant);
            }
        }
        for (const auto& difference : differences)
            CHECK_MESSAGE(seen.contains(&difference), std::string{difference.model}, " ",
                          std::string{difference.path}, ": no difference any more");
    }
}
