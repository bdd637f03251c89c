// From the bytes of a report to the messages that change on the broker; for comparison, what nlohmann::json
// needs only to parse the same bytes. The report is the X1C capture with four AMS units if
// BAMBU2MQTT_CAPTURES names the folder, else one of the simulated X1C.
#include "simulator/simulated_printer.hpp"
#include <bambu2mqtt/gateway/outbox.hpp>
#include <bambu2mqtt/gateway/state_messages.hpp>
#include <bambu2mqtt/state/printer.hpp>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdlib>
#include <fstream>
#include <new>
#include <string>
#include <vector>

namespace {

std::size_t allocations = 0; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

} // namespace

// Counted; everything else as usual. Benchmarks have one thread.
void* operator new(std::size_t size) {
    ++allocations;
    if (void* const memory = std::malloc(size)) {
        return memory;
    }
    throw std::bad_alloc{};
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}

namespace {

using namespace bambu2mqtt;

struct Material {
    std::string modules;
    std::string full;
    std::string later;   ///< the same printer a while later: everything that moves while printing has moved
    std::string strange; ///< every value differs, down to the last field of every tray
    std::string partial; ///< about 130 bytes
    std::string partial_later;
};

/// Changes every number and every tray, so that all rows have something to publish.
void move_everything(Json& json) {
    for (auto& value : json) {
        if (value.is_structured()) {
            move_everything(value);
        } else if (value.is_number_integer()) {
            value = value.get<std::int64_t>() + 1;
        } else if (value.is_number_float()) {
            value = value.get<double>() + 1.5;
        }
    }
}

Json strange_report(Json report) {
    auto& print = report["print"];
    move_everything(print);
    print["msg"] = 0;
    for (auto& unit : print["ams"]["ams"]) {
        unit["temp"] = "31.4";
        unit["humidity_raw"] = "17";
        unit["humidity"] = "3";
        for (auto& tray : unit["tray"]) {
            tray["tray_sub_brands"] = "PLA Silk";
            tray["tray_type"] = "PLA+";
            tray["tray_color"] = "12345678";
        }
    }
    return report;
}

/// Job, temperatures, fans, Wi-Fi, lamp, and the climate of every AMS; spools and settings stay the same.
Json later_report(Json report) {
    auto& print = report["print"];
    print.merge_patch(
        Json{{"gcode_state", "RUNNING"},
             {"stg_cur", 4},
             {"mc_percent", 41},
             {"percent", 41},
             {"mc_remaining_time", 83},
             {"remain_time", 83},
             {"layer_num", 77},
             {"subtask_name", "another job"},
             {"print_type", "local"},
             {"nozzle_temper", 220.5},
             {"nozzle_target_temper", 220.0},
             {"bed_temper", 60.5},
             {"bed_target_temper", 60.0},
             {"cooling_fan_speed", "12"},
             {"big_fan1_speed", "9"},
             {"big_fan2_speed", "6"},
             {"heatbreak_fan_speed", "15"},
             {"wifi_signal", "-51dBm"},
             {"hw_switch_state", 1},
             {"spd_lvl", 3},
             {"spd_mag", 124},
             {"print_error", 50364437},
             {"hms", Json::array({Json{{"attr", 50331904}, {"code", 65543}}})},
             {"lights_report", Json::array({Json{{"node", "chamber_light"}, {"mode", "off"}}})},
             {"device",
              {{"bed", {{"info", {{"temp", 3932220}}}}},
               {"ctc", {{"info", {{"temp", 38}}}}},
               {"extruder", {{"info", Json::array({Json{{"id", 0}, {"temp", 14418140}, {"snow", 1}}})}}}}}});
    for (auto& unit : print["ams"]["ams"]) {
        unit["temp"] = "31.4";
        unit["humidity_raw"] = "17";
        unit["humidity"] = "3";
    }
    print["ams"]["tray_now"] = "1";
    return report;
}

std::vector<std::string> lines_of(const char* folder) {
    std::ifstream file{std::string{folder} + "/reports/x1c-01.09.00.01-four-ams.jsonl"};
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        lines.push_back(line);
    }
    return lines;
}

Material make_material() {
    Material material;
    const char* const folder = std::getenv("BAMBU2MQTT_CAPTURES");
    auto lines = folder != nullptr ? lines_of(folder) : std::vector<std::string>{};
    if (lines.size() == 2) {
        material.modules = lines[0];
        material.full = lines[1];
    } else {
        simulator::SimulatedPrinter printer{
            {.model = simulator::find_model("X1C"), .serial = "00M00A000000001"}};
        using namespace std::chrono_literals;
        material.modules =
            printer.answer(R"({"info":{"command":"get_version","sequence_id":"1"}})", 1s).answers.at(0);
        material.full =
            printer.answer(R"({"pushing":{"command":"pushall","sequence_id":"2"}})", 2s).answers.at(0);
    }
    const auto report = Json::parse(material.full);
    material.later = later_report(report).dump();
    material.strange = strange_report(report).dump();
    material.partial =
        R"({"print":{"nozzle_temper":220.5,"bed_temper":60.25,"wifi_signal":"-44dBm","mc_percent":41,"command":"push_status","msg":1,"sequence_id":"7"}})";
    material.partial_later =
        R"({"print":{"nozzle_temper":230.5,"bed_temper":62.25,"wifi_signal":"-54dBm","mc_percent":42,"command":"push_status","msg":1,"sequence_id":"8"}})";
    return material;
}

const Material& material() {
    static const Material made = make_material();
    return made;
}

/// A printer with its publishing side: changes become messages.
class Bench {
  public:
    Bench() : printer_("00M00A000000001", Model::x1c, Rounding::banded), topics_("bambu2mqtt", "x1c") {
        if (!material().modules.empty()) {
            (void)take(material().modules);
        }
        (void)take(material().full);
    }

    std::size_t take(std::string_view report) {
        now_.instant += std::chrono::seconds{2};
        now_.wall += std::chrono::seconds{2};
        const auto update = printer_.take(report, parser_, now_);
        for (const auto index : update->changed) {
            for (auto& message : state_messages(printer_, index, topics_)) {
                outbox_.want(message.topic, std::move(message.payload));
            }
        }
        std::size_t sent = 0;
        while (const auto message = outbox_.next(now_.instant)) {
            benchmark::DoNotOptimize(message->payload.data());
            ++sent;
        }
        return sent;
    }

    [[nodiscard]] std::size_t rows() const { return printer_.layout().instances().size(); }

  private:
    Printer printer_;
    PrinterTopics topics_;
    ReportParser parser_;
    Outbox outbox_;
    Now now_{.instant = Instant{} + std::chrono::hours{1},
             .wall = WallTime{std::chrono::seconds{1'780'000'000}}};
};

void nlohmann_parse_full(benchmark::State& state) {
    for (auto _ : state) {
        auto parsed = Json::parse(material().full);
        benchmark::DoNotOptimize(parsed);
    }
    state.counters["bytes"] = static_cast<double>(material().full.size());
}

/// Alternates between two messages and counts the outgoing ones.
void alternate(benchmark::State& state, const std::string& one, const std::string& other) {
    Bench bench;
    std::size_t messages = 0;
    std::size_t reports = 0;
    for (auto _ : state) {
        messages += bench.take(reports % 2 == 0 ? other : one);
        ++reports;
    }
    state.counters["bytes"] = static_cast<double>(one.size());
    state.counters["rows"] = static_cast<double>(bench.rows());
    state.counters["messages"] = static_cast<double>(messages) / static_cast<double>(reports);
}

void full_report(benchmark::State& state) {
    alternate(state, material().full, material().later);
}

void full_report_unchanged(benchmark::State& state) {
    alternate(state, material().full, material().full);
}

/// The worst case; no printer does this.
void full_report_every_field_changed(benchmark::State& state) {
    alternate(state, material().full, material().strange);
}

void partial_report(benchmark::State& state) {
    alternate(state, material().partial, material().partial_later);
}

/// Ten reports of a printing printer, as scripts/compare.sh sends them: one full, nine partial (layer,
/// remaining time, nozzle, signal). Always of the simulated X1C, so that instructions and allocations can be
/// compared with tests/bench/counts.txt.
std::array<std::string, 10> mixed_messages(std::size_t round) {
    static const std::string full = [] {
        using namespace std::chrono_literals;
        simulator::SimulatedPrinter printer{
            {.model = simulator::find_model("X1C"), .serial = "00M00A000000001"}};
        return printer.answer(R"({"pushing":{"command":"pushall","sequence_id":"2"}})", 2s).answers.at(0);
    }();
    std::array<std::string, 10> messages;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const auto number = round * messages.size() + i + 1;
        if (i == 0) {
            auto report = Json::parse(full);
            report["print"].merge_patch(Json{{"gcode_state", "RUNNING"},
                                             {"mc_percent", 50},
                                             {"mc_remaining_time", 90},
                                             {"total_layer_num", 100'000},
                                             {"layer_num", number},
                                             {"subtask_name", "Boat"}});
            messages[i] = report.dump();
        } else {
            messages[i] = Json{{"print",
                                {{"nozzle_temper", 200.5 + static_cast<double>(number % 20)},
                                 {"mc_remaining_time", 1 + number % 300},
                                 {"wifi_signal", "-" + std::to_string(40 + number % 3) + "dBm"},
                                 {"command", "push_status"},
                                 {"msg", 1},
                                 {"sequence_id", std::to_string(number)},
                                 {"layer_num", number}}}}
                              .dump();
        }
    }
    return messages;
}

void mixed_reports(benchmark::State& state) {
    Bench bench;
    const std::array rounds{mixed_messages(0), mixed_messages(1)};
    for (const auto& round : rounds) { // afterwards the printer prints
        for (const auto& message : round) {
            (void)bench.take(message);
        }
    }
    std::size_t messages = 0;
    std::size_t reports = 0;
    const auto before = allocations;
    for (auto _ : state) {
        for (const auto& message : rounds[reports / rounds[0].size() % rounds.size()]) {
            messages += bench.take(message);
            ++reports;
        }
    }
    state.counters["allocations"] = static_cast<double>(allocations - before) / static_cast<double>(reports);
    state.counters["messages"] = static_cast<double>(messages) / static_cast<double>(reports);
    state.counters["reports"] = static_cast<double>(rounds[0].size());
}

BENCHMARK(nlohmann_parse_full);
BENCHMARK(full_report);
BENCHMARK(full_report_unchanged);
BENCHMARK(full_report_every_field_changed);
BENCHMARK(partial_report);
BENCHMARK(mixed_reports);

} // namespace
