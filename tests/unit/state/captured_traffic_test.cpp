// Recorded traffic: a whole print, single partial reports, replies, and unusual messages. Skipped if the
// recordings are not available.
#include "unit/state/captures.hpp"

#include <set>

namespace bambu2mqtt::test {

namespace {

/// A message about the state or the printer, other than a reply.
bool has_facts(const Json& reply) {
    return reply.contains("info") ||
           (reply.contains("print") && reply["print"].value("command", "") == "project_file");
}

} // namespace

TEST_CASE("every recorded status is decoded without an unknown stage or status") {
    const auto folder = captures();
    if (!folder) {
        return;
    }
    for (const char* const part : {"reports", "full", "deltas"}) {
        for (const auto& file : files_in(*folder / part)) {
            INFO("file: ", file.string());
            FedPrinter printer;
            printer.full("\"queue\":0");
            const auto text = text_of(file);
            for (const auto& message : split_messages(text)) {
                printer.feed(message.text);
                CHECK(printer["stage"] != "other");
            }
        }
    }
}

TEST_CASE("a whole print: after each full report the state equals that report alone") {
    const auto folder = captures();
    if (!folder) {
        return;
    }
    const auto text = text_of(*folder / "deltas/vena-bambino-P1S-print.jsonl");
    FedPrinter printer(Given{.model = Model::p1s});
    std::size_t full_reports = 0;
    for (const auto& message : split_messages(text)) {
        if (!printer.feed(message.text).full) {
            continue;
        }
        ++full_reports;
        FedPrinter alone(Given{.model = Model::p1s});
        alone.feed(message.text);
        CHECK(printer.states() == alone.states());
    }
    CHECK(full_reports == 3);
}

TEST_CASE("a whole print: states in order, and nothing becomes unknown or a default again") {
    const auto folder = captures();
    if (!folder) {
        return;
    }
    const auto text = text_of(*folder / "deltas/vena-bambino-P1S-print.jsonl");
    constexpr std::array steady{"print_status",           "stage",           "task_name",
                                "nozzle_temperature",     "bed_temperature", "nozzle_target_temperature",
                                "bed_target_temperature", "active_tray",     "ams_1_tray_4",
                                "ams_1_humidity"};
    FedPrinter printer(Given{.model = Model::p1s});
    std::vector<std::string> statuses;
    std::map<std::string, std::string> before;
    for (const auto& message : split_messages(text)) {
        printer.feed(message.text);
        if (printer["print_status"] == "(absent)") {
            continue;
        }
        if (statuses.empty() || statuses.back() != printer["print_status"]) {
            statuses.push_back(printer["print_status"]);
        }
        const bool printing = printer["print_status"] == "prepare" || printer["print_status"] == "running";
        for (const char* const id : steady) {
            INFO(id, " after ", std::string{message.text.substr(0, 300)});
            CHECK((before[id].empty() || before[id] == "None" || printer[id] != "None"));
            const bool temperature = std::string_view{id}.ends_with("_temperature") &&
                                     std::string_view{id}.find("target") == std::string_view::npos;
            CHECK((!printing || !temperature || printer[id] != "0"));
            before[id] = printer[id];
        }
    }
    REQUIRE(statuses.size() >= 3);
    const std::set<std::string> at_rest{"idle", "finish", "failed"};
    CHECK(at_rest.contains(statuses.front()));
    const std::vector<std::string> expected{"prepare", "running", "finish"};
    CHECK(std::vector<std::string>(statuses.end() - 3, statuses.end()) == expected);
    for (std::size_t i = 0; i + 3 < statuses.size(); ++i) {
        CHECK(at_rest.contains(statuses[i]));
    }
}

TEST_CASE("recorded replies change no value of a printer whose state is known") {
    const auto folder = captures();
    if (!folder) {
        return;
    }
    const auto text = text_of(*folder / "acks.jsonl");
    std::size_t replies = 0;
    for (const auto model : {"h2d", "p1s", "x1c", "a1mini"}) {
        FedPrinter printer;
        printer.feed_lines(fixture(model));
        for (const auto& line : split_messages(text)) {
            const auto reply = Json::parse(line.text)["reply"];
            if (!reply.is_object() || has_facts(reply)) {
                continue;
            }
            const auto states = printer.states();
            INFO(reply.dump());
            printer.feed(reply.dump());
            CHECK(states == printer.states());
            ++replies;
        }
    }
    CHECK(replies >= 4 * 40);
}

TEST_CASE("recorded project_file replies contain the task and nothing else") {
    const auto folder = captures();
    if (!folder) {
        return;
    }
    const auto text = text_of(*folder / "acks.jsonl");
    FedPrinter printer;
    printer.feed_lines(fixture("p1s"));
    for (const auto& line : split_messages(text)) {
        const auto reply = Json::parse(line.text)["reply"];
        if (!reply.is_object() || !reply.contains("print") || !has_facts(reply)) {
            continue;
        }
        auto before = printer.states();
        printer.feed(reply.dump());
        auto after = printer.states();
        before.erase("task_name");
        after.erase("task_name");
        CHECK(before == after);
        CHECK(printer["task_name"] == reply["print"].value("subtask_name", printer["task_name"]));
    }
}

TEST_CASE("unusual messages are refused or change only their own fields") {
    const auto folder = captures();
    if (!folder) {
        return;
    }
    FedPrinter printer;
    printer.feed_lines(fixture("p1s"));
    const auto states = printer.states();
    CHECK(printer.refuses(text_of(*folder / "odd/p1s-2023-full-truncated.json")));
    CHECK(printer.refuses(text_of(*folder / "odd/README.md")));
    for (const char* const name :
         {"p1s-empty-object.json", "ack-without-command.json", "refusal-without-result.json"}) {
        INFO(name);
        CHECK(printer.feed(text_of(*folder / "odd" / name)).changed.empty());
    }
    CHECK(states == printer.states());
    printer.feed(text_of(*folder / "odd/p1p-invalid-utf8-gcode_file.bin"));
    CHECK(printer["gcode_file"] == "cable_clip.gcode.3mf");
    printer.feed(text_of(*folder / "odd/x1c-x2d-negative-home_flag.json"));
    printer.check({{"sdcard_status", "normal"},
                   {"auto_recovery", "ON"},
                   {"ams_remaining_estimate", "ON"},
                   {"auto_switch_filament", "ON"}});
}

} // namespace bambu2mqtt::test
