// Allowed silence at the start of a job.
#include "unit/gateway/connection_line.hpp"

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;
using namespace std::chrono_literals;

TEST_SUITE("gateway/job_start") {
    TEST_CASE("a print that has just started on a P1 or A1 may be silent for 180 s") {
        for (const auto family : {Family::p1, Family::a1}) {
            Line line{family};
            line.live();
            line.connection.job_started(line.now, line.family);
            line.pass(179'999ms);
            CHECK(line.state() == ConnectionState::connected);
            CHECK(count(line.actions, ConnectionAction::disconnect) == 0);
            line.pass(1ms);
            CHECK(line.state() == ConnectionState::stale);
            CHECK(count(line.taken(), ConnectionAction::disconnect) == 1);
        }
    }

    TEST_CASE("all other families become stale as usual after the start of a print") {
        for (const auto family : all_families) {
            if (family == Family::p1 || family == Family::a1) {
                continue;
            }
            Line line{family};
            line.live();
            line.connection.job_started(line.now, line.family);
            line.pass(timeouts_for(family).stale - 1ms);
            CHECK(line.state() == ConnectionState::connected);
            line.pass(1ms);
            CHECK(line.state() == ConnectionState::stale);
        }
    }

    TEST_CASE("the longer timeout at a start ends with the next report, and with the job") {
        Line reported{Family::p1};
        reported.live();
        reported.connection.job_started(reported.now, reported.family);
        reported.pass(100s);
        CHECK(reported.state() == ConnectionState::connected);
        reported.report(Extent::partial);
        reported.pass(90s);
        CHECK(reported.state() == ConnectionState::stale);

        Line ended{Family::a1};
        ended.live();
        ended.connection.job_started(ended.now, ended.family);
        ended.pass(10s);
        ended.connection.job_ended();
        ended.pass(80s);
        CHECK(ended.state() == ConnectionState::stale);
    }
}
