// The simulated printers answer in the shapes of recorded answers, if available (BAMBU2MQTT_CAPTURES).

#include "support/files.hpp"
#include "test_printer.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>

namespace {

using namespace bambu2mqtt;
using namespace bambu2mqtt::simulator;
using nlohmann::json;

/// The simulated model for a recorded one; models without one are skipped.
const std::map<std::string, std::string> stand_ins{
    {"P1S", "P1S"},        {"P1P", "P1S"}, {"A1", "A1MINI"},
    {"A1 mini", "A1MINI"}, {"X1C", "X1C"}, {"P2S", "P2S"},
    {"H2D", "H2D"},        {"H2S", "H2D"}, {"H2/P2 class (vir_slot)", "H2D"}};

/// Recorded with the complete answer, to a request that these printers support.
bool is_comparable(const json& line) {
    const auto& request = line.at("request");
    const auto& reply = line.at("reply");
    if (!request.is_object() || !reply.is_object() ||
        !stand_ins.contains(line.at("model").get<std::string>()))
        return false;
    if (line.at("evidence") != "wire" || reply.contains("info"))
        return false;
    const auto command = request.begin().value().value("command", "");
    // what depends on the printer's state, and what is never requested
    const std::set<std::string> other{"extrusion_cali_get_result", "ipcam_get_media_info", "get_access_code",
                                      "get_history"};
    return !other.contains(command) && reply.begin().value().value("errno", 0) == 0 &&
           !(command == "extrusion_cali_get" && reply["print"]["result"] == "success" &&
             !reply["print"]["filaments"].empty());
}

/// Without the fields that may have been removed from the recording.
json bare(json body, const json& recorded) {
    for (const auto* const key : {"sequence_id", "err_code", "is_from_mqtt"}) {
        if (!recorded.contains(key))
            body.erase(key);
    }
    return body;
}

} // namespace

TEST_SUITE("recorded answers") {
    TEST_CASE("a request gets an answer of the recorded shape and values") {
        const char* const folder = std::getenv("BAMBU2MQTT_CAPTURES");
        if (folder == nullptr || *folder == '\0') {
            MESSAGE("skipped: BAMBU2MQTT_CAPTURES is not set");
            return;
        }
        std::istringstream lines{test_support::read_file(std::filesystem::path{folder} / "acks.jsonl")};
        int compared = 0;
        for (std::string line; std::getline(lines, line);) {
            const auto recorded = json::parse(line);
            if (!is_comparable(recorded))
                continue;
            const auto& request = recorded.at("request");
            CAPTURE(recorded.at("model").get<std::string>());
            CAPTURE(request.dump());
            TestPrinter asked{stand_ins.at(recorded.at("model"))};
            const auto name_space = request.begin().key();
            const auto& reply = recorded.at("reply").at(name_space);
            asked.printer.set_developer_mode(reply.value("err_code", 0U) != signature_missing);
            const auto answer = asked.send_raw(name_space, request.begin().value());
            CHECK(bare(answer, reply) == reply);
            ++compared;
        }
        CHECK(compared >= 10);
    }

    TEST_CASE("print_speed is acknowledged as in the recording of a whole print") {
        const char* const folder = std::getenv("BAMBU2MQTT_CAPTURES");
        if (folder == nullptr || *folder == '\0') {
            MESSAGE("skipped: BAMBU2MQTT_CAPTURES is not set");
            return;
        }
        std::istringstream lines{test_support::read_file(std::filesystem::path{folder} / "prints" /
                                                         "a1-01.07-tree-cloud-speed-change.jsonl")};
        int compared = 0;
        for (std::string line; std::getline(lines, line);) {
            const auto recorded = json::parse(line).value("print", json::object());
            if (recorded.value("command", "") != "print_speed")
                continue;
            TestPrinter asked{"A1MINI"};
            asked.print();
            CHECK(asked.send_raw("print", {{"command", "print_speed"},
                                           {"param", recorded.at("param")},
                                           {"sequence_id", recorded.at("sequence_id")}}) == recorded);
            asked.live(1);
            CHECK(asked.at("/spd_lvl") == 3);
            CHECK(asked.at("/spd_mag") == 124);
            ++compared;
        }
        CHECK(compared == 1);
    }
}
