#include <bambu2mqtt/command/outcome.hpp>
#include <bambu2mqtt/entity/gateway_state.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace bambu2mqtt;

TEST_CASE("statuses and codes have their text") {
    CHECK(name_of(Status::effective) == "effective");
    CHECK(name_of(Status::accepted) == "accepted");
    CHECK(name_of(Status::done) == "done");
    CHECK(name_of(Status::refused) == "refused");
    CHECK(name_of(Status::unconfirmed) == "unconfirmed");
    CHECK(name_of(Status::failed) == "failed");
    CHECK(name_of(Code::none).empty());
    CHECK(name_of(Code::invalid_argument) == "invalid_argument");
    CHECK(name_of(Code::unknown_command) == "unknown_command");
    CHECK(name_of(Code::not_supported) == "not_supported");
    CHECK(name_of(Code::busy) == "busy");
    CHECK(name_of(Code::not_allowed) == "not_allowed");
    CHECK(name_of(Code::offline) == "offline");
    CHECK(name_of(Code::developer_mode_required) == "developer_mode_required");
    CHECK(name_of(Code::printer_refused) == "printer_refused");
    CHECK(name_of(Code::not_found) == "not_found");
    CHECK(name_of(Code::conflict) == "conflict");
    CHECK(name_of(Code::superseded) == "superseded");
}

TEST_CASE("an outcome always has every key except note, null where there is no value") {
    const WallTime time{std::chrono::seconds{1767600000}};
    const Outcome whole{.request_id = "r1",
                        .command = "get_version",
                        .status = Status::done,
                        .message = "fine",
                        .data = {{"modules", OrderedJson::array()}}};
    CHECK(to_json(whole, time).dump() ==
          R"({"request_id":"r1","command":"get_version","status":"done","code":null,"message":"fine",)"
          R"("data":{"modules":[]},"time":"2026-01-05T08:00:00Z"})");
    const auto refusal = refused("pause_printing", Refusal{Code::busy, "a transfer is running"});
    CHECK(to_json(refusal, time).dump() ==
          R"({"request_id":null,"command":"pause_printing","status":"refused","code":"busy",)"
          R"("message":"a transfer is running","data":null,"time":"2026-01-05T08:00:00Z"})");
}

TEST_CASE("foreign text in an outcome is limited and has no control characters") {
    const Outcome outcome{.command = std::string(100'000, 'c'),
                          .message = "it said \x1b[2J\xc2\x9b\xff" + std::string(100'000, 'm')};
    const auto last = last_command_of(bounded(outcome), {});
    const auto json = to_json(bounded(outcome), {});
    CHECK(json["command"] == last.command);
    CHECK(json["message"] == last.message);
    CHECK(json["command"] == std::string(128, 'c') + "...");
    const auto message = json["message"].get<std::string>();
    CHECK(message.starts_with("it said ?[2J??mm"));
    CHECK(message.size() == 1027);
    CHECK(json.dump().size() < 1500);
}
