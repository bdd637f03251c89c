// Parsing of a command's payload: a request, or a refusal with a reason.
#include <bambu2mqtt/command/command_request.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace bambu2mqtt;

TEST_SUITE("command/command_request") {
    TEST_CASE("arguments nested too deeply are invalid JSON") {
        const auto nested = [](std::size_t depth) {
            return R"({"enabled":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
        };
        const auto read = command_request_of(nested(100'000), "set_timelapse");
        REQUIRE(read.refusal.has_value());
        CHECK(read.refusal->code == Code::invalid_argument);
        CHECK(read.command_request.command == "set_timelapse");
        CHECK_FALSE(command_request_of(nested(3), "set_timelapse").refusal.has_value());
    }

    TEST_CASE("a name of more than 64 bytes is refused and shortened in messages") {
        const auto whole = command_request_of("", std::string(64, 'n'));
        CHECK_FALSE(whole.refusal.has_value());
        CHECK(whole.command_request.command == std::string(64, 'n'));
        const std::string large(20UL * 1024 * 1024, 'n');
        for (const auto& read :
             {command_request_of("", std::string(65, 'n')), command_request_of("{", large),
              command_request_of(R"({"command":")" + large + R"(","request_id":"r"})", "")}) {
            REQUIRE(read.refusal.has_value());
            CHECK(read.refusal->code == Code::unknown_command);
            CHECK(read.refusal->message.find("at most 64 are expected") != std::string::npos);
            CHECK(read.command_request.command == std::string(61, 'n') + "...");
        }
    }

    TEST_CASE("a request id that cannot be returned unchanged is refused") {
        const auto with_id = [](const std::string& id) {
            return command_request_of(R"({"request_id":)" + id + "}", "get_state");
        };
        CHECK(with_id(R"("\u00e4\ud83d\ude00")").command_request.request_id == "\xC3\xA4\xF0\x9F\x98\x80");
        for (const auto& id :
             {'"' + std::string(129, 'i') + '"', std::string{R"("a\u001b[31m")"}, std::string{R"("\u009b")"},
              std::string{R"("a\nb")"}, std::string{"1.5"}, std::string{"[]"}}) {
            INFO(id.substr(0, 30));
            const auto read = with_id(id);
            REQUIRE(read.refusal.has_value());
            CHECK(read.command_request.request_id.empty());
            CHECK(read.refusal->message.find("request_id") != std::string::npos);
        }
    }
}
