#include "unit/state/fed_printer.hpp"
#include <bambu2mqtt/printer/job_state.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace bambu2mqtt;

TEST_CASE("job states: read from gcode_state, and named as print_status shows them") {
    struct Row {
        const char* wire;
        JobState state;
        const char* name;
        bool active;
    };

    for (const auto& row : std::vector<Row>{{"IDLE", JobState::idle, "idle", false},
                                            {"INIT", JobState::init, "init", false},
                                            {"SLICING", JobState::slicing, "slicing", true},
                                            {"PREPARE", JobState::prepare, "prepare", true},
                                            {"RUNNING", JobState::running, "running", true},
                                            {"PAUSE", JobState::pause, "pause", true},
                                            {"FINISH", JobState::finish, "finish", false},
                                            {"FAILED", JobState::failed, "failed", false},
                                            {"running", JobState::unknown, "", false},
                                            {"WAITING", JobState::unknown, "", false},
                                            {"", JobState::unknown, "", false}}) {
        CAPTURE(row.wire);
        test::FedPrinter printer;
        CHECK(job_state(printer.printer().report_state()) == JobState::unknown);
        printer.partial(R"("gcode_state":")" + std::string{row.wire} + "\"");
        CHECK(job_state(printer.printer().report_state()) == row.state);
        CHECK(name_of(row.state) == row.name);
        CHECK(parse_job_state(row.name) == row.state);
        CHECK(is_active(row.state) == row.active);
    }
    CHECK(parse_job_state("IDLE") == JobState::unknown);
}
