// Generated documents are current, and the schemas match what the program accepts.
#include "reference/asyncapi.hpp"
#include "reference/command_tables.hpp"
#include "reference/pages.hpp"
#include "reference/schema.hpp"
#include "support/files.hpp"
#include "support/process.hpp"
#include "unit/command/samples.hpp"
#include "unit/source_directory.hpp"
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/command/catalogue.hpp>
#include <bambu2mqtt/entity/event_types.hpp>
#include <bambu2mqtt/state/job_tracker.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

using namespace bambu2mqtt;
using test::samples;

namespace {

std::filesystem::path docs() {
    return test::source_directory() / "docs";
}

/// Values of all kinds, and both sides of every limit.
std::vector<Json> values_for(const Argument& argument) {
    std::vector<Json> values{nullptr,
                             true,
                             false,
                             0,
                             1,
                             -1,
                             2,
                             0.4,
                             16,
                             128,
                             254,
                             256,
                             1e9,
                             60.5,
                             "",
                             "a",
                             "a\n",
                             "\ta",
                             "\x7F",
                             "ÄÖÜ",
                             "on",
                             "5",
                             "5.5",
                             "ams_1",
                             "ams_9",
                             "[1,2]",
                             "{}",
                             Json::array(),
                             Json{1, 2},
                             Json{"1"},
                             Json{1.5},
                             Json{-2},
                             Json{300},
                             Json::object(),
                             Json{{"a", 1}}};
    if (is_bounded(argument)) {
        for (const double step : {-1.0, -0.5, 0.0, 0.5, 1.0}) {
            values.emplace_back(argument.min + step);
            values.emplace_back(argument.max + step);
        }
    }
    for (const auto& word : argument.words) {
        values.emplace_back(word.name);
        values.emplace_back(word.number);
        values.emplace_back(word.number + 1);
    }
    if (argument.longest < 10'000) {
        const bool list = argument.kind == Kind::integers;
        for (const auto length : {argument.longest, argument.longest + 1}) {
            values.push_back(list ? Json(std::vector<int>(length, 1)) : Json(std::string(length, 'x')));
        }
        std::string wide;
        for (std::size_t i = 0; i < argument.longest; ++i) {
            wide += "ü";
        }
        values.emplace_back(wide);
    }
    return values;
}

/// A line for validate.py.
std::string sample_line(const Command& command, const Json& given) {
    const auto checked = check_arguments(command.arguments, given);
    return Json{{"schema", command.name},
                {"given", given},
                {"taken", checked.has_value()},
                {"checked", checked.value_or(Json())}}
               .dump() +
           "\n";
}

std::string all_samples() {
    std::string lines;
    for (const auto& sample : samples) {
        const auto& command = *find_command(sample.command);
        const auto whole = Json::parse(sample.arguments);
        lines += sample_line(command, whole);
        auto more = whole;
        more["no_such_argument"] = 1;
        lines += sample_line(command, more);
        for (const auto& argument : command.arguments) {
            const std::string name{argument.name};
            auto without = whole;
            without.erase(name);
            lines += sample_line(command, without);
            for (const auto& value : values_for(argument)) {
                auto changed = whole;
                changed[name] = value;
                lines += sample_line(command, changed);
            }
        }
    }
    return lines;
}

/// A line for validate.py: valid samples must be accepted; `taken` false: must be refused.
std::string whole_line(const char* schema, const Json& given, bool good) {
    return Json{{"schema", schema}, {"given", given}, {"taken", good}, {"checked", good ? given : Json()}}
               .dump() +
           "\n";
}

/// Outcomes of all kinds as lines for validate.py.
std::string outcome_lines() {
    std::string lines;
    const WallTime time{std::chrono::seconds{1767600000}};
    const auto add = [&](const Json& json, bool good) { lines += whole_line("outcome", json, good); };
    for (const auto status : {Status::effective, Status::accepted, Status::done, Status::refused,
                              Status::unconfirmed, Status::failed}) {
        const Outcome outcome{.request_id = "r",
                              .command = "x",
                              .status = status,
                              .code = Code::conflict,
                              .message = "m",
                              .data = {{"path", "/a"}}};
        add(Json(to_json(outcome, time)), true);
        add(Json(to_json(Outcome{.command = "x", .status = status}, time)), true);
    }
    Json progress(to_json(Outcome{.command = "x"}, time));
    progress["status"] = "progress";
    progress["data"] = {{"bytes", 1}, {"total", 2}};
    add(progress, true);
    for (const auto& [key, value] : {std::pair<const char*, Json>{"status", "fine"},
                                     {"code", "none"},
                                     {"code", ""},
                                     {"message", 5},
                                     {"time", nullptr},
                                     {"more", 1}}) {
        auto wrong = progress;
        wrong[key] = value;
        add(wrong, false);
    }
    return lines;
}

/// Events of all kinds as lines for validate.py.
std::string event_lines() {
    std::string lines;
    const WallTime time{std::chrono::seconds{1767600000}};
    for (const auto type : event_types) {
        lines += whole_line("event", Json(to_json(PrinterEvent{.type = type, .time = time})), true);
    }
    const Json full(to_json(PrinterEvent{.type = "print_canceled",
                                         .time = time,
                                         .task = "Boat",
                                         .file = "boat.gcode.3mf",
                                         .progress = 30,
                                         .code = "0300-400C",
                                         .duration = 42,
                                         .late = true}));
    lines += whole_line("event", full, true);
    for (const auto& [key, value] : {std::pair<const char*, Json>{"event_type", "print_went_well"},
                                     {"time", nullptr},
                                     {"progress", "30"},
                                     {"duration", -1},
                                     {"observed", "soon"},
                                     {"more", 1}}) {
        auto wrong = full;
        wrong[key] = value;
        lines += whole_line("event", wrong, false);
    }
    return lines;
}

/// Every "$ref" to a file in a document.
void collect_references(const OrderedJson& json, std::set<std::string>& files) {
    if (json.is_object() && json.contains("$ref") && json["$ref"].get<std::string>().starts_with("./")) {
        files.insert(json["$ref"].get<std::string>().substr(2));
    }
    if (json.is_structured()) {
        for (const auto& member : json) {
            collect_references(member, files);
        }
    }
}

} // namespace

TEST_CASE("generated documents are current") {
    const auto pages = reference::pages(docs());
    INFO("failure: ", pages.has_value() ? std::string{} : pages.error().detail);
    REQUIRE(pages.has_value());
    CHECK(pages->size() == commands().size() + 15);
    for (const auto& page : *pages) {
        INFO("file: ", page.path.string(), "; regenerate it with scripts/docs.sh");
        CHECK(test_support::read_file(docs() / page.path) == page.text);
    }
    CHECK(reference::retained_cleanup(docs(), *pages).empty());
}

TEST_CASE("documents without markers for their tables, and obsolete generated files, are detected") {
    const test_support::TemporaryDirectory folder;
    CHECK_FALSE(reference::pages(folder.path()).has_value());
    auto text = test_support::read_file(docs() / "commands.md");
    test_support::write_file(folder / "entities.md", test_support::read_file(docs() / "entities.md"));
    test_support::write_file(folder / "commands.md", text);
    test_support::write_file(folder / "troubleshooting.md",
                             test_support::read_file(docs() / "troubleshooting.md"));
    const auto pages = reference::pages(folder.path());
    REQUIRE(pages.has_value());
    std::filesystem::create_directories(folder / "schemas/command");
    test_support::write_file(folder / "schemas/command/gone.json", "{}");
    test_support::write_file(folder / "schemas/command/home_axes.json", "{}");
    CHECK(reference::retained_cleanup(folder.path(), *pages) ==
          std::vector<std::filesystem::path>{"schemas/command/gone.json"});
    const std::string mark = "<!-- commands: job -->\n";
    text.erase(text.find(mark), mark.size());
    test_support::write_file(folder / "commands.md", text);
    const auto broken = reference::pages(folder.path());
    REQUIRE_FALSE(broken.has_value());
    CHECK(broken.error().detail.find("job") != std::string::npos);
}

TEST_CASE("the sections of the reference contain the whole table, in order") {
    std::vector<std::string_view> names;
    for (const auto& theme : reference::themes()) {
        CHECK_FALSE(theme.commands.empty());
        for (const auto& command : theme.commands) {
            names.push_back(command.name);
        }
    }
    REQUIRE(names.size() == commands().size());
    CHECK(std::ranges::equal(names, commands(), {}, {}, &Command::name));
}

TEST_CASE("a command's schema contains everything in the table") {
    const auto schema = reference::schema_of(*find_command("turn_on_ams_dryer"));
    CHECK(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema");
    CHECK(schema["title"] == "turn_on_ams_dryer");
    CHECK(schema["additionalProperties"] == false);
    CHECK(schema["required"] == OrderedJson{"target_temp", "duration"});
    CHECK(schema["properties"]["duration"].dump() ==
          R"({"type":"integer","minimum":1,"maximum":24,"description":"how long; in h"})");
    CHECK(schema["properties"]["cooling_temp"]["default"] == 45);
    CHECK(schema["properties"]["rotate_tray"]["type"] == "boolean");
    const auto speed = reference::schema_of(*find_command("set_speed_level"));
    CHECK(speed["properties"]["level"]["enum"].dump() ==
          R"(["silent","standard","sport","ludicrous",1,2,3,4])");
    CHECK(speed["description"].get<std::string>().find("Works only while a job runs.") != std::string::npos);
}

TEST_CASE("the AsyncAPI document refers to every schema, and each topic has one operation") {
    const auto document = reference::asyncapi();
    std::set<std::string> files;
    collect_references(document, files);
    CHECK(files.size() == commands().size() + 2);
    for (const auto& file : files) {
        INFO("file: ", file);
        CHECK(std::filesystem::exists(docs() / file));
    }
    CHECK(document["channels"].size() == document["operations"].size());
    for (const auto& [name, operation] : document["operations"].items()) {
        CHECK(operation["channel"]["$ref"] == "#/channels/" + name);
        const auto& mqtt = operation["bindings"]["mqtt"];
        const bool acknowledged =
            name != "bridge_health" && name != "bridge_marker" && name != "entity_attributes";
        CHECK(mqtt["qos"] == (acknowledged ? 1 : 0));
        CHECK((operation["action"] == "send" || mqtt["retain"] == false));
    }
    CHECK(document["channels"]["response"]["address"] == "{base}/{printer}/response");
    CHECK(document["channels"]["command_by_name"]["address"] == "{base}/{printer}/command/{command}");
    CHECK(document["operations"]["response"]["bindings"]["mqtt"]["retain"] == false);
    CHECK(document["operations"]["last_command"]["bindings"]["mqtt"]["retain"] == true);
}

TEST_CASE("a validator accepts the schemas, and agrees with the program about samples") {
    const test_support::TemporaryDirectory folder;
    test_support::Process look(
        {.arguments = {"python3", "-c", "import jsonschema"}, .output = folder / "look"});
    if (look.wait(std::chrono::seconds{30}) != 0) {
        MESSAGE("skipped: python3-jsonschema is not installed");
        return;
    }
    const auto lines = all_samples() + outcome_lines() + event_lines();
    test_support::write_file(folder / "samples", lines);
    const auto script = test::source_directory() / "tests/unit/reference/validate.py";
    test_support::Process validator({.arguments = {"python3", script.string(), (docs() / "schemas").string(),
                                                   (folder / "samples").string()},
                                     .output = folder / "verdict"});
    REQUIRE(validator.wait(std::chrono::seconds{90}) == 0);
    CHECK(validator.output() ==
          fmt::format("{} schemas, {} samples\n", commands().size() + 3, std::ranges::count(lines, '\n')));
}
