// The offline commands decode and discovery, with valid and invalid files.
#include "cli/offline.hpp"
#include "support/files.hpp"
#include <bambu2mqtt/base/json.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <sstream>

using namespace bambu2mqtt;

namespace {

struct DecodeRun {
    int exit_code = 0;
    std::string output{};
    std::string diagnostics{};
};

DecodeRun decode(const std::vector<std::string>& files, const std::string& input = {}, bool each = false) {
    const Options options{.task = Task::decode, .files = files, .each = each};
    std::istringstream stream{input};
    std::ostringstream output;
    std::ostringstream diagnostics;
    const int exit_code = run_decode(options, stream, output, diagnostics);
    return {exit_code, output.str(), diagnostics.str()};
}

const std::string modules =
    R"({"info":{"command":"get_version","module":[{"name":"ota","product_name":"Bambu Lab A1 mini","sw_ver":"01.04.00.00","sn":"0300AA000000001"}]}})";
/// An A1 mini reports 5 degrees for the chamber sensor that it lacks.
const std::string report =
    R"({"print":{"command":"push_status","msg":0,"gcode_state":"IDLE","chamber_temper":5,"bed_temper":22.0}})";

} // namespace

TEST_CASE("the module list applies to the whole recording, wherever it occurs") {
    const auto first = decode({"-"}, modules + "\n" + report);
    const auto last = decode({"-"}, report + "\n" + modules);
    CHECK(first.exit_code == 0);
    CHECK(first.output == last.output);
    CHECK(OrderedJson::parse(last.output)["bed_temperature"] == 22);
    const auto each = decode({"-"}, report + "\n" + modules, true);
    CHECK(std::ranges::count(each.output, '\n') == 2); // a line per message
}

TEST_CASE("without a serial, topics are those of the model, given or reported") {
    const auto discovery = [](std::optional<Model> model, const std::string& input) {
        const Options options{.task = Task::discovery, .files = {"-"}, .model = model};
        std::istringstream stream{input};
        std::ostringstream output;
        std::ostringstream diagnostics;
        CHECK(run_discovery(options, stream, output, diagnostics) == 0);
        return output.str();
    };
    CHECK(discovery(Model::p1s, report).find("bambu2mqtt/p1s_0000/bed_temperature") != std::string::npos);
    const auto reported = discovery({}, modules + report);
    CHECK(reported.find("bambu2mqtt/a1mini_0000/bed_temperature") != std::string::npos);
    CHECK(reported.find("x1c") == std::string::npos);
}

TEST_CASE("what contains no message of a printer is reported, and no values are printed after an error") {
    const auto foreign = decode({"-"}, R"({"a":1})");
    CHECK(foreign.exit_code == 0);
    CHECK(foreign.diagnostics.starts_with("no message of a printer was recognised; "));
    CHECK(decode({"-"}, report).diagnostics.empty());
    const auto missing = decode({"/nowhere/report.jsonl"});
    CHECK(missing.exit_code == 2);
    CHECK(missing.output.empty());
}

TEST_CASE("files that are not recordings are reported with name and byte, and others are still read") {
    test_support::TemporaryDirectory directory;
    const auto file = [&](const std::string& name, const std::string& text) {
        const auto path = directory.path() / name;
        test_support::write_file(path, text);
        return path.string();
    };
    const auto good = file("good.jsonl", report);
    const auto folder = directory.path().string();
    CHECK(decode({folder}).diagnostics == folder + ": is a folder; a file of JSON messages was expected\n");
    const auto missing = (directory.path() / "none").string();
    CHECK(decode({missing}).diagnostics ==
          missing + ": cannot be read; a file of JSON messages was expected\n");
    const auto empty = file("empty", " \n");
    CHECK(decode({empty}).diagnostics == empty + ": byte 0: empty; at least one JSON message was expected\n");
    const auto torn = file("torn", report + "\n" + report.substr(0, 40));
    CHECK(decode({torn}).diagnostics ==
          torn + ": byte " + std::to_string(report.size() + 1 + 40) + ": the JSON text is truncated\n");

    std::string words;
    for (int i = 0; i < 1000; ++i) {
        words += "word ";
    }
    const auto prose = file("prose", words);
    const auto both = decode({prose, good});
    CHECK(both.exit_code == 2);
    CHECK(std::ranges::count(both.diagnostics, '\n') == 11);
    CHECK(both.diagnostics.starts_with(prose + ": byte 0: "));
    CHECK(both.diagnostics.ends_with(prose + ": and 990 more\n"));
    CHECK(OrderedJson::parse(both.output)["bed_temperature"] == 22);
}
