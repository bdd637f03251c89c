#include <bambu2mqtt/command/sequence.hpp>

#include <doctest/doctest.h>

using namespace bambu2mqtt;

TEST_CASE("request ids count from one, and restart below the range that slicers use") {
    Sequence sequence;
    auto first = get_version_request();
    CHECK(sequence.stamp(first) == "1");
    CHECK(first.dump() == R"({"info":{"sequence_id":"1","command":"get_version"}})");
    auto second = pushall_request();
    CHECK(sequence.stamp(second) == "2");
    CHECK(second.dump() ==
          R"({"pushing":{"sequence_id":"2","command":"pushall","version":1,"push_target":1}})");
    std::string last;
    for (int i = 2; i < 19999; ++i) {
        auto message = get_version_request();
        last = sequence.stamp(message);
    }
    CHECK(last == "19999");
    auto again = get_version_request();
    CHECK(sequence.stamp(again) == "1");
}

TEST_CASE("a message that has an id, or needs none, stays unchanged") {
    Sequence sequence;
    OrderedJson own{{"print", {{"sequence_id", "77"}, {"command", "x"}}}};
    CHECK(sequence.stamp(own) == "77");
    CHECK(own["print"]["sequence_id"] == "77");
    OrderedJson number{{"print", {{"sequence_id", 5}}}};
    CHECK(sequence.stamp(number) == "5");
    CHECK(number["print"]["sequence_id"] == 5);
    OrderedJson without{{"print", {{"command", "x"}}}};
    CHECK(sequence.stamp(without).empty());
    CHECK_FALSE(without["print"].contains("sequence_id"));
    OrderedJson header{{"print", {{"sequence_id", ""}}}, {"header", {{"sign_ver", "v1.0"}}}, {"x", 5}};
    CHECK(sequence.stamp(header) == "1");
}

TEST_CASE("job ids increase, and fit into the range that a printer keeps") {
    CHECK(job_id(1767600000, 0) == 1767600000);
    CHECK(job_id(1767600000, 1767600000) == 1767600001);
    CHECK(job_id(1767600000, 1767600005) == 1767600006);
    CHECK(job_id(0, 0) == 1);
    CHECK(job_id(-5, -9) == 1);
    CHECK(job_id(4000000000, 0) == 2147483647);
    CHECK(job_id(1, 2147483647) == 2147483647);
}
