#include "unit/command/command_fixture.hpp"

using namespace bambu2mqtt;
using test::CommandFixture;
using test::Denied;
using test::Sent;

TEST_CASE("pause, resume and stop carry an empty parameter") {
    const CommandFixture running(Model::p1s, R"("gcode_state":"RUNNING")");
    running.sends({{"pause_printing", "", {R"({"print":{"command":"pause","param":""}})"}},
                   {"stop_printing", "", {R"({"print":{"command":"stop","param":""}})"}}});
    const CommandFixture paused(Model::p1s, R"("gcode_state":"PAUSE","print_error":0)");
    paused.sends({{"resume_printing", "", {R"({"print":{"command":"resume","param":""}})"}},
                  {"stop_printing", "", {R"({"print":{"command":"stop","param":""}})"}}});
}

TEST_CASE("a job paused by an error is resumed and stopped by naming the error") {
    const CommandFixture stuck(
        Model::h2c, R"("gcode_state":"PAUSE","print_error":83919004,"job_id":"4711","subtask_id":"9")");
    stuck.sends({{"resume_printing",
                  "",
                  {R"({"print":{"command":"resume","err":"83919004","param":"reserve","job_id":"4711"}})"}},
                 {"stop_printing",
                  "",
                  {R"({"print":{"command":"stop","err":"83919004","param":"reserve","job_id":"4711"}})"}}});

    const CommandFixture nameless(Model::p1p, R"("gcode_state":"PAUSE","print_error":117473297)");
    nameless.sends(
        {{"resume_printing",
          "",
          {R"({"print":{"command":"resume","err":"117473297","param":"reserve","job_id":"0"}})"}}});
}

TEST_CASE("status codes, and errors of a running job, do not change the request") {
    const CommandFixture status_only(Model::p1s,
                                     R"("gcode_state":"PAUSE","print_error":50331904)"); // 0300-0100
    status_only.sends({{"resume_printing", "", {R"({"print":{"command":"resume","param":""}})"}}});
    // Nor do codes of a cancelled job (0300-400C) and codes without a text (0C00-8002, 0500-8030): no dialog.
    for (const auto* const code : {"50348044", "201359362", "83918896"}) {
        INFO(std::string{code});
        const CommandFixture no_dialog(Model::h2c,
                                       std::string{R"("gcode_state":"PAUSE","print_error":)"} + code);
        no_dialog.sends({{"resume_printing", "", {R"({"print":{"command":"resume","param":""}})"}},
                         {"stop_printing", "", {R"({"print":{"command":"stop","param":""}})"}}});
    }
    const CommandFixture running(Model::p1s, R"("gcode_state":"RUNNING","print_error":83935249)");
    running.sends({{"stop_printing", "", {R"({"print":{"command":"stop","param":""}})"}}});
}

TEST_CASE("pausing, resuming and stopping are confirmed by the job state") {
    CommandFixture subject(Model::p1s, R"("gcode_state":"RUNNING")");
    CHECK_FALSE(subject.confirms("pause_printing"));
    CHECK(subject.confirms("resume_printing"));
    CHECK_FALSE(subject.confirms("stop_printing"));
    subject.partial(R"("gcode_state":"PAUSE")");
    CHECK(subject.confirms("pause_printing"));
    CHECK_FALSE(subject.confirms("resume_printing"));
    subject.partial(R"("gcode_state":"PREPARE")");
    CHECK(subject.confirms("resume_printing"));
    for (const auto* const ended : {"FAILED", "IDLE", "FINISH"}) {
        subject.partial(R"("gcode_state":"RUNNING")");
        CHECK_FALSE(subject.confirms("stop_printing"));
        subject.partial(std::string{R"("gcode_state":")"} + ended + '"');
        CHECK(subject.confirms("stop_printing"));
    }
    subject.partial(R"("gcode_state":"")"); // after power-on: unknown
    CHECK_FALSE(subject.confirms("stop_printing"));
}

TEST_CASE("objects are skipped by number, in any notation") {
    const CommandFixture subject(Model::x1c, R"("gcode_state":"RUNNING")");
    const auto* const both = R"({"print":{"command":"skip_objects","obj_list":[128,4294967295]}})";
    const auto* const one = R"({"print":{"command":"skip_objects","obj_list":[128]}})";
    subject.sends({{"skip_objects", R"({"objects":[128,4294967295]})", {both}},
                   {"skip_objects", R"({"objects":["128","4294967295"]})", {both}},
                   {"skip_objects", R"({"objects":"[128, 4294967295]"})", {both}},
                   {"skip_objects", R"({"objects":"128, 4294967295"})", {both}},
                   {"skip_objects", R"({"objects":128})", {one}},
                   {"skip_objects", R"({"objects":"128"})", {one}}});
    const auto* const expected = "a list of 1 to 64 whole numbers from 0 to 4294967295";
    subject.denies({{"skip_objects", R"({"objects":[]})", Code::invalid_argument, expected},
                    {"skip_objects", R"({"objects":""})", Code::invalid_argument, expected},
                    {"skip_objects", R"({"objects":["a"]})", Code::invalid_argument, expected},
                    {"skip_objects", R"({"objects":[1.5]})", Code::invalid_argument, expected},
                    {"skip_objects", R"({"objects":[-1]})", Code::invalid_argument, expected},
                    {"skip_objects", R"({"objects":{"a":1}})", Code::invalid_argument, expected},
                    {"skip_objects", "{}", Code::invalid_argument, "objects is missing"}});
}

TEST_CASE("skipping is confirmed when every object is among the skipped ones") {
    CommandFixture subject(Model::x1c, R"("gcode_state":"RUNNING","s_obj":[7])");
    const auto* const arguments = R"({"objects":[7,8]})";
    CHECK_FALSE(subject.confirms("skip_objects", arguments));
    subject.partial(R"("s_obj":[8,9,7])");
    CHECK(subject.confirms("skip_objects", arguments));
    CHECK_FALSE(CommandFixture(Model::x1c, R"("gcode_state":"RUNNING")").confirms("skip_objects", arguments));
}

TEST_CASE("the speed is a digit as text, by name or number") {
    const CommandFixture subject(Model::a1, R"("gcode_state":"RUNNING")");
    const auto speed = [](char digit) {
        return R"({"print":{"command":"print_speed","param":")" + std::string{digit} + R"("}})";
    };
    subject.sends({{"set_speed_level", R"({"level":"silent"})", {speed('1')}},
                   {"set_speed_level", R"({"level":"STANDARD"})", {speed('2')}},
                   {"set_speed_level", R"({"level":3})", {speed('3')}},
                   {"set_speed_level", R"({"level":"4"})", {speed('4')}}});
    const auto* const expected = R"("silent", "standard", "sport" or "ludicrous")";
    subject.denies({{"set_speed_level", R"({"level":0})", Code::invalid_argument, expected},
                    {"set_speed_level", R"({"level":5})", Code::invalid_argument, expected},
                    {"set_speed_level", R"({"level":"fast"})", Code::invalid_argument, expected}});
}

TEST_CASE("the speed is confirmed by print_speed") {
    CommandFixture subject(Model::a1, R"("gcode_state":"RUNNING","spd_lvl":2)");
    CHECK_FALSE(subject.confirms("set_speed_level", R"({"level":3})"));
    subject.partial(R"("spd_lvl":3)");
    CHECK(subject.confirms("set_speed_level", R"({"level":"sport"})"));
}

TEST_CASE("clearing an error cleans it and closes its dialog") {
    const CommandFixture subject(Model::p1s,
                                 R"("gcode_state":"FAILED","print_error":50348044,"subtask_id":"77")");
    subject.sends(
        {{"clean_print_error",
          "",
          {R"({"print":{"command":"clean_print_error","subtask_id":"77","print_error":50348044}})",
           R"({"system":{"command":"uiop","name":"print_error","action":"close","source":1,"type":"dialog",
               "err":"0300400C"}})"}}});
    const CommandFixture quiet(Model::p1s);
    quiet.sends({{"clean_print_error",
                  "",
                  {R"({"print":{"command":"clean_print_error","subtask_id":"0","print_error":0}})",
                   R"({"system":{"command":"uiop","name":"print_error","action":"close","source":1,
                       "type":"dialog","err":"00000000"}})"}}});
}

TEST_CASE("clearing an error is confirmed when no error is left") {
    CommandFixture subject(Model::p1s, R"("gcode_state":"FAILED","print_error":50348044)");
    CHECK_FALSE(subject.confirms("clean_print_error"));
    subject.partial(R"("print_error":0)");
    CHECK(subject.confirms("clean_print_error"));
    CHECK_FALSE(CommandFixture(Model::p1s, R"("gcode_state":"IDLE")").confirms("clean_print_error"));
}

TEST_CASE("ignoring an error sends its code in decimal, as text, as recorded") {
    const auto* const ignored =
        R"({"print":{"command":"ignore","err":"83919004","param":"reserve","job_id":"0"}})";
    const CommandFixture stuck(Model::h2c, R"("gcode_state":"PAUSE","print_error":83919004)");
    for (const auto* const error : {R"({"error":"0500-809C"})", R"({"error":"0500-809c"})",
                                    R"({"error":"83919004"})", R"({"error":83919004})"}) {
        stuck.sends({{"ignore_error", error, {ignored}}});
    }
    const CommandFixture job(Model::h2c, R"("gcode_state":"PAUSE","print_error":83919004,"job_id":"4711")");
    job.sends({{"ignore_error",
                R"({"error":"0500-809C"})",
                {R"({"print":{"command":"ignore","err":"83919004","param":"reserve","job_id":"4711"}})"}}});
    stuck.sends({{"abort_error",
                  R"({"error":"0500-809C"})",
                  {R"({"print":{"command":"ams_control","param":"abort"}})"}}});
}

TEST_CASE("an error that is not present is neither ignored nor aborted") {
    CommandFixture subject(Model::h2c, R"("gcode_state":"PAUSE","print_error":83919004)");
    for (const auto* const command : {"ignore_error", "abort_error"}) {
        subject.denies({{command, R"({"error":"0500-809D"})", Code::conflict,
                         "error is \"0500-809D\", the printer shows 0500-809C"},
                        {command, R"({"error":"0x0500809C"})", Code::conflict, "the printer shows 0500-809C"},
                        {command, "{}", Code::invalid_argument, "error is missing"}});
        CHECK_FALSE(subject.confirms(command, R"({"error":"0500-809C"})"));
    }
    subject.partial(R"("print_error":0)");
    for (const auto* const command : {"ignore_error", "abort_error"}) {
        subject.denies({{command, R"({"error":"0500-809C"})", Code::conflict, "the printer shows none"},
                        {command, R"({"error":"0"})", Code::conflict, "the printer shows none"}});
        CHECK(subject.confirms(command, R"({"error":"0500-809C"})"));
    }
}
