// The offline command encode: its lines, its exit codes, and a recorded state as input.
#include "cli/encode.hpp"
#include "support/files.hpp"
#include "unit/command/samples.hpp"
#include "unit/state/captures.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>
#include <sstream>

using namespace bambu2mqtt;
using test::samples;

namespace {

struct EncodeRun {
    int exit_code = 0;
    std::string output{};
    std::string diagnostics{};

    [[nodiscard]] std::vector<Json> lines() const {
        std::istringstream stream{output};
        std::vector<Json> result;
        for (std::string line; std::getline(stream, line);) {
            result.push_back(Json::parse(line));
        }
        return result;
    }
};

/// A command line of encode; `state` is the content of the --state file.
struct Line {
    std::string_view command{};
    std::string_view arguments{};
    std::string_view state{};
    std::optional<Model> model{};
    std::string_view serial{};
    std::optional<bool> developer_mode{};
    bool raw_commands = false;
};

EncodeRun encode(const Line& line) {
    Options options{.task = Task::encode,
                    .model = line.model,
                    .serial = std::string{line.serial},
                    .developer_mode = line.developer_mode,
                    .name_of_command = std::string{line.command},
                    .arguments = std::string{line.arguments},
                    .raw_commands = line.raw_commands};
    if (!line.state.empty()) {
        options.files = {"-"};
    }
    std::istringstream input{std::string{line.state}};
    std::ostringstream output;
    std::ostringstream diagnostics;
    const int exit_code = run_encode(options, input, output, diagnostics);
    return {exit_code, output.str(), diagnostics.str()};
}

void check_refused(const Line& line, std::string_view code, std::string_view says) {
    INFO("command: ", std::string{line.command}, " ", std::string{line.arguments});
    const auto result = encode(line);
    CHECK(result.exit_code == 1);
    CHECK(result.diagnostics.empty());
    const auto lines = result.lines();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].size() == 1);
    CHECK(lines[0]["error"].size() == 2);
    CHECK(lines[0]["error"]["code"] == code);
    const auto message = lines[0]["error"]["message"].get<std::string>();
    INFO("message: ", message);
    CHECK(message.find(says) != std::string::npos);
}

/// A step is a request on the printer's topic, or an FTP command with a path.
void check_step(const Json& step) {
    INFO("step: ", step.dump());
    CHECK(step.size() == 2);
    if (step.contains("topic")) {
        CHECK(step["topic"] == "device/01P00C123456789/request");
        REQUIRE(step["payload"].is_object());
        CHECK(step["payload"].size() == 1);
        CHECK((*step["payload"].begin()).is_object());
        return;
    }
    const std::set<std::string> verbs{"LIST", "SIZE", "STOR", "RETR", "DELE", "RMD", "MKD", "RNFR", "RNTO"};
    CHECK(verbs.contains(step.value("ftps", "")));
    CHECK(step.value("path", "").starts_with('/'));
}

} // namespace

TEST_CASE("a request is one line with its topic and a sequence id") {
    const auto result = encode({.command = "set_bed_temp_target",
                                .arguments = R"({"value":60})",
                                .model = Model::p1s,
                                .serial = "01P00C123456789"});
    CHECK(result.exit_code == 0);
    CHECK(result.diagnostics.empty());
    CHECK(
        result.output ==
        R"({"topic":"device/01P00C123456789/request","payload":{"print":{"sequence_id":"1","command":"gcode_line","param":"M140 S60\n"}}})"
        "\n");
    const auto two =
        encode({.command = "set_buzzer", .arguments = R"({"mode":"beep"})", .model = Model::h2d}).lines();
    REQUIRE(two.size() == 2);
    CHECK(two[0]["payload"]["print"]["sequence_id"] == "1");
    CHECK(two[1]["payload"]["print"]["sequence_id"] == "2");
    CHECK(two[0]["topic"] == "device/09400A000000000/request");
}

TEST_CASE("session commands and refresh request the version and a full report") {
    for (const auto* const command : {"refresh", "start_session", "resume_session"}) {
        const auto lines = encode({.command = command}).lines();
        REQUIRE(lines.size() == 2);
        CHECK(lines[0]["payload"] == Json::parse(R"({"info":{"sequence_id":"1","command":"get_version"}})"));
        CHECK(lines[1]["payload"] ==
              Json::parse(
                  R"({"pushing":{"sequence_id":"2","command":"pushall","version":1,"push_target":1}})"));
    }
}

TEST_CASE("commands answered by the gateway itself print no step") {
    for (const auto* const command : {"pause_session", "quit", "get_state", "toJson", "cancel_transfer"}) {
        const auto result = encode({.command = command});
        CHECK(result.exit_code == 0);
        CHECK(result.output.empty());
        CHECK(result.diagnostics == "nothing is sent: the gateway answers this command itself\n");
    }
    const auto list = encode({.command = "get_current_bind_list", .state = test::fixture("x2d")});
    CHECK(list.output.empty());
    CHECK(list.diagnostics.find(R"([{"ams_f_bind":0,"ams_s_bind":0,"extruder":0},)") != std::string::npos);
}

TEST_CASE("file actions are FTP commands with their paths") {
    struct Row {
        std::string_view command{};
        std::string_view arguments{};
        std::string_view output{};
    };

    for (const auto& row : {
             Row{"get_sdcard_contents", "",
                 R"({"ftps":"LIST","path":"/"})"
                 "\n"},
             Row{"get_sdcard_3mf_files", R"({"path":"cache"})",
                 R"({"ftps":"LIST","path":"/cache"})"
                 "\n"},
             Row{"sdcard_file_exists", R"({"path":"/a b"})",
                 R"({"ftps":"SIZE","path":"/a b"})"
                 "\n"},
             Row{"upload_sdcard_file", R"({"src":"x","dest":"/x"})",
                 R"({"ftps":"STOR","path":"/x"})"
                 "\n"},
             Row{"download_sdcard_file", R"({"src":"/x"})",
                 R"({"ftps":"RETR","path":"/x"})"
                 "\n"},
             Row{"delete_sdcard_file", R"({"file":"/x"})",
                 R"({"ftps":"DELE","path":"/x"})"
                 "\n"},
             Row{"delete_sdcard_folder", R"({"path":"/x"})",
                 R"({"ftps":"LIST","path":"/x"})"
                 "\n"
                 R"({"ftps":"RMD","path":"/x"})"
                 "\n"},
             Row{"make_sdcard_directory", R"({"dir":"/x"})",
                 R"({"ftps":"MKD","path":"/x"})"
                 "\n"},
             Row{"rename_sdcard_file", R"({"src":"/x","dest":"/y"})",
                 R"({"ftps":"RNFR","path":"/x"})"
                 "\n"
                 R"({"ftps":"RNTO","path":"/y"})"
                 "\n"},
         }) {
        INFO("command: ", std::string{row.command});
        const auto result = encode({.command = row.command, .arguments = row.arguments});
        CHECK(result.exit_code == 0);
        CHECK(result.output == row.output);
    }
    const auto printed =
        encode({.command = "upload_sdcard_file", .arguments = R"({"src":"x.3mf","dest":"/","print":{}})"})
            .lines();
    REQUIRE(printed.size() == 2);
    CHECK(printed[0] == Json::parse(R"({"ftps":"STOR","path":"/x.3mf"})"));
    CHECK(printed[1]["payload"]["print"]["command"] == "project_file");
}

TEST_CASE("what the gateway would refuse exits with 1 and one line with the reason") {
    check_refused({.command = "set_bed_temp_target", .arguments = R"({"value":200})", .model = Model::a1},
                  "invalid_argument", "from 0 to 100 °C");
    check_refused({.command = "set_bed_temp_target"}, "invalid_argument", "value is missing");
    check_refused({.command = "pause_print"}, "unknown_command", R"(did you mean "pause_printing"?)");
    check_refused({.command = "set_bed_temp_target", .arguments = "60"}, "invalid_argument",
                  "not a JSON object");
    check_refused({.command = "set_bed_temp_target", .arguments = "{value:60}"}, "invalid_argument",
                  "the arguments are not valid JSON");
    check_refused({.command = "\xFF\xFE", .arguments = "{}"}, "unknown_command", "unknown command");
    const auto deep = std::string(100'000, '[') + std::string(100'000, ']');
    check_refused({.command = "send_anything", .arguments = deep, .raw_commands = true}, "invalid_argument",
                  "the arguments are not valid JSON");
    check_refused({.command = "set_active_tool", .arguments = R"({"id":0})", .model = Model::p1s},
                  "not_supported", "two nozzles");
}

TEST_CASE("the state is read from a file or standard input") {
    const auto printing = test::fixture("p1s"); // running
    check_refused({.command = "home_axes", .state = printing}, "busy", "the printer's state is running");
    CHECK(encode({.command = "home_axes"}).exit_code == 0);
    const test_support::TemporaryDirectory folder;
    test_support::write_file(folder / "state.jsonl", printing);
    std::istringstream input;
    std::ostringstream output;
    std::ostringstream diagnostics;
    Options options{.task = Task::encode,
                    .files = {(folder / "state.jsonl").string()},
                    .name_of_command = "pause_printing"};
    CHECK(run_encode(options, input, output, diagnostics) == 0);
    CHECK(output.str().find(R"("command":"pause")") != std::string::npos);
    // The model comes from get_version: a P1S prints from its SD card.
    const auto idle = printing + R"({"print":{"command":"push_status","msg":1,"gcode_state":"FINISH"}})";
    const auto printed =
        encode({.command = "print_3mf_file", .arguments = R"({"name":"/a.3mf"})", .state = idle}).lines();
    REQUIRE(printed.size() == 1);
    CHECK(printed[0]["payload"]["print"]["url"] == "file:///sdcard/a.3mf");
}

TEST_CASE("a state that cannot be read exits with 2 and names file and place") {
    const auto broken = encode({.command = "home_axes", .state = R"({"print":{"command":"push_status")"});
    CHECK(broken.exit_code == 2);
    CHECK(broken.output.empty());
    CHECK(broken.diagnostics.starts_with("-: byte "));
    std::istringstream input;
    std::ostringstream output;
    std::ostringstream diagnostics;
    const Options missing{.task = Task::encode, .files = {"/no/such/file"}, .name_of_command = "home_axes"};
    CHECK(run_encode(missing, input, output, diagnostics) == 2);
    CHECK(diagnostics.str().starts_with("/no/such/file: "));
}

TEST_CASE("Developer Mode can be assumed on or off") {
    const auto signs =
        test::fixture("h2d") + R"({"print":{"command":"push_status","msg":1,"gcode_state":"IDLE"}})";
    check_refused({.command = "home_axes", .state = signs}, "developer_mode_required", "Developer Mode");
    CHECK(encode({.command = "home_axes", .state = signs, .developer_mode = true}).exit_code == 0);
    check_refused({.command = "home_axes", .developer_mode = false}, "developer_mode_required",
                  "Developer Mode");
    CHECK(encode({.command = "set_light_state", .arguments = R"({"state":1})", .developer_mode = false})
              .exit_code == 0);
}

TEST_CASE("raw commands are refused as in the default configuration, unless --raw-commands says otherwise") {
    const Line gcode{.command = "send_gcode", .arguments = R"({"gcode":"M140 S60"})"};
    const Line anything{.command = "send_anything",
                        .arguments = R"({"anything":{"info":{"command":"get_version"}}})"};
    check_refused(gcode, "not_allowed", "control.raw_commands is not set");
    check_refused(anything, "not_allowed", "control.raw_commands is not set");
    const auto allowed = [](Line line) {
        line.raw_commands = true;
        return encode(line);
    };
    CHECK(allowed(gcode).exit_code == 0);
    CHECK(allowed(anything).lines()[0]["payload"] == Json::parse(R"({"info":{"command":"get_version"}})"));
}

TEST_CASE("every command over every recorded state gives steps, or one refusal") {
    const auto folder = test::captures();
    if (!folder) {
        return;
    }
    std::size_t steps = 0;
    for (const char* const part : {"full", "reports"}) {
        for (const auto& file : test::files_in(*folder / part)) {
            const auto state = test::text_of(file);
            for (const auto& sample : samples) {
                INFO("file: ", file.string(), ", command: ", std::string{sample.command});
                const auto result = encode({.command = sample.command,
                                            .arguments = sample.arguments,
                                            .state = state,
                                            .serial = "01P00C123456789",
                                            .developer_mode = true,
                                            .raw_commands = true});
                const auto lines = result.lines();
                if (result.exit_code == 0) {
                    CHECK((!lines.empty() || result.diagnostics.starts_with("nothing is sent")));
                    std::ranges::for_each(lines, check_step);
                    steps += lines.size();
                    continue;
                }
                CHECK(result.exit_code == 1);
                REQUIRE(lines.size() == 1);
                CHECK_FALSE(lines[0]["error"]["code"].get<std::string>().empty());
            }
        }
    }
    CHECK(steps > 300);
}
