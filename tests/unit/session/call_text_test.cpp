// A command's payload becomes a call, or a refusal with a reason.
#include <bambu2mqtt/session/call_text.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace bambu2mqtt;

TEST_SUITE("session/call_text") {
    TEST_CASE("arguments that are nested without end are no JSON for us") {
        const auto nested = [](std::size_t depth) {
            return R"({"enabled":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
        };
        const auto read = call_of(nested(100'000), "set_timelapse");
        REQUIRE(read.refusal.has_value());
        CHECK(read.refusal->code == Code::invalid_argument);
        CHECK(read.call.command == "set_timelapse");
        CHECK_FALSE(call_of(nested(3), "set_timelapse").refusal.has_value());
    }
}
