// The command table as a whole: permissions, job states, signatures.
#include "unit/command/command_fixture.hpp"
#include "unit/command/samples.hpp"

#include <set>

using namespace bambu2mqtt;
using test::CommandFixture;
using test::refusal_of;
using test::samples;

namespace {

/// The commands allowed with control.allow = "safe": column S of the specified list.
const std::set<std::string_view> safe_commands{"pause_printing",
                                               "resume_printing",
                                               "stop_printing",
                                               "refresh",
                                               "start_session",
                                               "resume_session",
                                               "pause_session",
                                               "quit",
                                               "get_state",
                                               "toJson",
                                               "forget",
                                               "set_chamber_temp",
                                               "set_part_cooling_fan_speed_target_percent",
                                               "set_aux_fan_speed_target_percent",
                                               "set_exhaust_fan_speed_target_percent",
                                               "set_secondary_aux_fan_speed_target_percent",
                                               "set_light_state",
                                               "set_speed_level",
                                               "refresh_nozzles",
                                               "turn_off_ams_dryer",
                                               "get_current_bind_list",
                                               "set_spaghetti_detector",
                                               "set_purgechutepileup_detector",
                                               "set_nozzleclumping_detector",
                                               "set_airprinting_detector",
                                               "set_buildplate_marker_detector",
                                               "set_first_layer_inspection",
                                               "set_print_option",
                                               "set_timelapse",
                                               "set_camera_recording",
                                               "rename_printer",
                                               "set_buzzer",
                                               "clean_print_error",
                                               "abort_error",
                                               "get_extrusion_calibration_profiles",
                                               "get_version",
                                               "get_sdcard_contents",
                                               "get_sdcard_3mf_files",
                                               "sdcard_file_exists",
                                               "download_sdcard_file",
                                               "cancel_transfer"};

const std::set<std::string_view> raw_commands{"send_gcode", "send_anything"};

/// Commands that need a signature where the printer requires one: everything in namespace print.
const std::set<std::string_view> signed_commands{"pause_printing",
                                                 "resume_printing",
                                                 "stop_printing",
                                                 "skip_objects",
                                                 "set_speed_level",
                                                 "clean_print_error",
                                                 "ignore_error",
                                                 "abort_error",
                                                 "get_extrusion_calibration_profiles",
                                                 "print_3mf_file",
                                                 "print_gcode_file",
                                                 "set_nozzle_temp_target",
                                                 "set_bed_temp_target",
                                                 "set_chamber_temp_target",
                                                 "set_part_cooling_fan_speed_target_percent",
                                                 "set_aux_fan_speed_target_percent",
                                                 "set_exhaust_fan_speed_target_percent",
                                                 "set_secondary_aux_fan_speed_target_percent",
                                                 "set_airduct_mode",
                                                 "home_axes",
                                                 "move_axis",
                                                 "extrude",
                                                 "send_gcode",
                                                 "load_filament",
                                                 "unload_filament",
                                                 "refresh_spool_rfid",
                                                 "send_ams_control_command",
                                                 "retry_load_filament",
                                                 "done_load_filament",
                                                 "set_ams_user_setting",
                                                 "set_spool_details",
                                                 "set_spool_k_factor",
                                                 "select_extrusion_calibration_profile",
                                                 "turn_on_ams_dryer",
                                                 "turn_off_ams_dryer",
                                                 "set_print_option",
                                                 "set_active_tool",
                                                 "refresh_nozzles",
                                                 "set_buzzer",
                                                 "upload_sdcard_file"}; // the sample prints

/// Allowed job states of a command; commands that are not listed are always allowed.
struct Allowed {
    std::vector<std::string_view> commands{};
    std::set<std::string_view> states{};
    Code code = Code::none;
};

const std::vector<Allowed> gates{
    {{"pause_printing", "set_speed_level"}, {"RUNNING"}, Code::conflict},
    {{"resume_printing"}, {"PAUSE"}, Code::conflict},
    {{"stop_printing", "skip_objects"}, {"PREPARE", "SLICING", "RUNNING", "PAUSE"}, Code::conflict},
    {{"load_filament", "unload_filament", "extrude", "set_active_tool"},
     {"IDLE", "INIT", "FINISH", "FAILED", "PAUSE"},
     Code::busy},
    {{"home_axes", "move_axis"}, {"IDLE", "INIT", "FINISH", "FAILED"}, Code::busy},
    {{"print_3mf_file", "print_gcode_file", "upload_sdcard_file"}, {"IDLE", "FINISH", "FAILED"}, Code::busy}};

constexpr std::array<std::string_view, 8> states{"IDLE",  "INIT",    "PREPARE", "SLICING",
                                                 "PAUSE", "RUNNING", "FINISH",  "FAILED"};

const Allowed* gate_of(std::string_view command) {
    for (const auto& gate : gates) {
        if (std::ranges::find(gate.commands, command) != gate.commands.end()) {
            return &gate;
        }
    }
    return nullptr;
}

/// A printer on which every sample can be executed: two nozzles, the hot one active, a unit with a dryer,
/// nothing loaded, all homed; one more unit that is unplugged.
void furnish(CommandFixture& subject) {
    subject.partial(R"("gcode_state":"IDLE","print_error":83919004,"home_flag":167772167,"fun":"3C0100002300",
        "ams":{"tray_now":"255","ams_exist_bits":"2","tray_exist_bits":"f0","power_on_flag":true,"insert_flag":true},
        "device":{"extruder":{"state":2,"info":[{"id":0,"temp":220,"snow":65535},{"id":1,"temp":30,"snow":65279}]},
                  "airduct":{"parts":[{"id":16,"state":0},{"id":32,"state":0},{"id":48,"state":0},{"id":160,"state":0}]}},
        "ipcam":{"timelapse":"disable","ipcam_record":"disable"},
        "xcam":{"buildplate_marker_detector":false,"first_layer_inspector":false})");
}

/// The samples with trays of the present unit; with all arguments of one model.
std::string arguments_of(const test::Sample& sample) {
    std::string arguments{sample.arguments};
    for (const auto& [from, to] : {std::pair{R"("tray_id":0)", R"("tray_id":4)"},
                                   std::pair{R"("ams_mapping":[0])", R"("ams_mapping":[4])"}}) {
        if (const auto at = arguments.find(from); at != std::string::npos) {
            arguments.replace(at, std::string_view{from}.size(), to);
        }
    }
    return arguments;
}

std::string_view code_of(const expected<Prepared, Refusal>& prepared) {
    const auto* const refusal = refusal_of(prepared);
    return refusal == nullptr ? std::string_view{} : name_of(refusal->code);
}

} // namespace

TEST_CASE("every command has one row, and every row a sample") {
    std::set<std::string_view> names;
    for (const auto& command : commands()) {
        INFO("command: ", std::string{command.name});
        CHECK(names.insert(command.name).second);
        CHECK(find_command(command.name) == &command);
        CHECK_FALSE(command.summary.empty());
        CHECK(command.summary.back() != '.');
        const bool plans = command.plan != nullptr;
        CHECK(plans);
        const bool runs = command.run != nullptr;
        CHECK(runs);
        const bool conditional = command.supported != nullptr;
        CHECK(conditional == !command.needs.empty());
        const bool confirmable = command.confirmed != nullptr;
        CHECK(confirmable == !command.shown_by.empty());
        CHECK(command.within.count() > 0);
        CHECK(std::ranges::count(samples, command.name, &test::Sample::command) == 1);
    }
    CHECK(names.size() == samples.size());
    CHECK(find_command("") == nullptr);
    CHECK(find_command("PAUSE_PRINTING") == nullptr);
}

TEST_CASE("every argument has a description, numbers have bounds, and defaults are valid") {
    for (const auto& command : commands()) {
        std::set<std::string_view> names;
        for (const auto& argument : command.arguments) {
            INFO("argument: ", std::string{command.name}, " ", std::string{argument.name});
            CHECK(names.insert(argument.name).second);
            CHECK_FALSE(argument.meaning.empty());
            CHECK_FALSE((argument.required && !argument.fallback.empty()));
            CHECK(argument.shortest <= argument.longest);
            CHECK((argument.kind == Kind::word) == !argument.words.empty());
            const bool numeric = argument.kind == Kind::integer || argument.kind == Kind::rounded ||
                                 argument.kind == Kind::number || argument.kind == Kind::integers;
            CHECK(is_bounded(argument) == numeric);
            if (!argument.fallback.empty()) {
                const auto fallback = Json::parse(argument.fallback);
                const auto checked =
                    check_arguments(std::span{&argument, 1}, Json{{std::string{argument.name}, fallback}});
                REQUIRE(checked.has_value());
                CHECK((*checked)[std::string{argument.name}] == fallback);
            }
        }
    }
}

TEST_CASE("an unknown name is refused with the nearest known one") {
    CHECK(unknown_command("pause_print").message ==
          R"(unknown command "pause_print", did you mean "pause_printing"?)");
    CHECK(unknown_command("tojson").message == R"(unknown command "tojson", did you mean "toJson"?)");
    CHECK(unknown_command("x").message == R"(unknown command "x")");
    CHECK(unknown_command("x\n").code == Code::unknown_command);
}

TEST_CASE("control.allow permits all commands, safe ones, or none") {
    for (const auto& command : commands()) {
        INFO("command: ", std::string{command.name});
        const bool safe = safe_commands.contains(command.name);
        CHECK(command.safe == safe);
        CHECK(
            is_allowed(command, {.allow = ControlLevel::full, .raw_commands = true, .trust_commands = true}));
        CHECK(is_allowed(command,
                         {.allow = ControlLevel::safe, .raw_commands = true, .trust_commands = true}) ==
              safe);
        CHECK_FALSE(
            is_allowed(command, {.allow = ControlLevel::none, .raw_commands = true, .trust_commands = true}));
    }
}

TEST_CASE("a command that is not allowed is refused before anything else is checked") {
    CommandFixture subject("h2d");
    for (const auto& command : commands()) {
        INFO("command: ", std::string{command.name});
        subject.policy = {.allow = ControlLevel::none, .raw_commands = true, .trust_commands = true};
        subject.denies({{command.name, R"({"nonsense":1})", Code::not_allowed, "control.allow forbids it"}});
        subject.policy.allow = ControlLevel::safe;
        if (safe_commands.contains(command.name)) {
            CHECK(code_of(subject.prepare(command.name, R"({"nonsense":1})")) != "not_allowed");
        } else {
            subject.denies(
                {{command.name, R"({"nonsense":1})", Code::not_allowed, "control.allow forbids it"}});
        }
        subject.policy = {.allow = ControlLevel::full, .raw_commands = false};
        if (raw_commands.contains(command.name)) {
            subject.denies(
                {{command.name, R"({"nonsense":1})", Code::not_allowed, "control.raw_commands is not set"}});
        } else if (command.name == "trust_certificate") {
            subject.denies({{command.name, R"({"nonsense":1})", Code::not_allowed,
                             "control.trust_commands is not set"}});
        } else {
            CHECK(code_of(subject.prepare(command.name, R"({"nonsense":1})")) != "not_allowed");
        }
        CHECK(command.raw == raw_commands.contains(command.name));
        CHECK(command.trust == (command.name == "trust_certificate"));
    }
}

TEST_CASE("each command is allowed in its job states only") {
    CommandFixture subject("h2d");
    furnish(subject);
    CommandFixture single("a1"); // for commands that need a printer without chamber sensor
    for (const auto& sample : samples) {
        auto& printer = sample.command == "set_chamber_temp" ? single : subject;
        const auto* const gate = gate_of(sample.command);
        for (const auto state : states) {
            INFO("command: ", std::string{sample.command}, " in ", std::string{state});
            printer.partial(fmt::format(R"("gcode_state":"{}")", state));
            auto arguments = arguments_of(sample);
            if (sample.command == "unload_filament") {
                printer.partial(R"("device":{"extruder":{"info":[{"id":0,"snow":256}]}})");
            }
            if (sample.command == "forget") {
                arguments = R"({"unit":"ams_1"})";
            }
            const auto prepared = printer.prepare(sample.command, arguments);
            const auto* const refusal = refusal_of(prepared);
            INFO("refused: ", refusal == nullptr ? std::string{} : refusal->message);
            if (gate == nullptr || gate->states.contains(state)) {
                CHECK(refusal == nullptr);
            } else {
                REQUIRE(refusal != nullptr);
                CHECK(name_of(refusal->code) == name_of(gate->code));
                CHECK(refusal->message.starts_with("the printer's state is "));
            }
            printer.partial(R"("device":{"extruder":{"info":[{"id":0,"snow":65535}]}})");
        }
    }
}

TEST_CASE("an unreported job state refuses nothing, an unknown one refuses what would disturb a job") {
    for (const auto when : {When::any, When::running, When::paused, When::active, When::not_printing,
                            When::no_job, When::can_start}) {
        CHECK(check_job_state(when, ReportState{}).has_value());
        for (const char* const word : {R"("gcode_state":"UNKNOWN")", R"("gcode_state":"")"}) {
            const CommandFixture strange(Model::p1s, word);
            const auto checked = check_job_state(when, strange.situation().report);
            CHECK(checked.has_value() !=
                  (when == When::not_printing || when == When::no_job || when == When::can_start));
            CHECK((checked || checked.error().message.starts_with("the printer's state \"")));
        }
        CHECK(words_of(when).empty() == (when == When::any));
    }
}

TEST_CASE("requests that need a signature are refused where the firmware enforces it, by namespace") {
    CommandFixture subject("h2d");
    furnish(subject);
    CommandFixture single("a1");
    for (auto* const printer : {&subject, &single}) {
        printer->partial(R"("gcode_state":"IDLE")");
    }
    for (const auto& sample : samples) {
        INFO("command: ", std::string{sample.command});
        auto& printer = sample.command == "set_chamber_temp" ? single : subject;
        const auto arguments = arguments_of(sample);
        printer.sign(Signature::needed);
        const auto prepared = printer.prepare(sample.command, arguments);
        CHECK((code_of(prepared) == "developer_mode_required") == signed_commands.contains(sample.command));
        for (const auto signature : {Signature::unknown, Signature::not_needed, Signature::suspected}) {
            printer.sign(signature);
            CHECK(code_of(printer.prepare(sample.command, arguments)) != "developer_mode_required");
        }
        const auto* const row = find_command(sample.command);
        CHECK(needs_signature(*row) ==
              (signed_commands.contains(sample.command) && sample.command != "upload_sdcard_file"));
    }
    subject.sign(Signature::needed);
    const auto mere_upload = subject.prepare("upload_sdcard_file", R"({"src":"a","dest":"/a.3mf"})");
    CHECK(mere_upload.has_value());
}

TEST_CASE("checked arguments are returned with the plan") {
    const CommandFixture subject("p1s");
    const auto prepared = subject.prepare("set_part_cooling_fan_speed_target_percent", R"({"value":"54.6"})");
    REQUIRE(prepared.has_value());
    CHECK(prepared->arguments == Json{{"value", 55}});
}
