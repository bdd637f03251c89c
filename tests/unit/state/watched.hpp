// A gateway whose events are observed.
#pragma once

#include "unit/gateway/bridge_driver.hpp"

namespace bambu2mqtt::test {

/// A report with the state of a job.
inline std::string job(std::string_view state, int percent = 10, std::string_view more = "") {
    return R"("gcode_state":")" + std::string{state} + R"(","mc_percent":)" + std::to_string(percent) +
           R"(,"subtask_name":"Boat","gcode_file":"boat.gcode.3mf","task_id":"7","subtask_id":"8")" +
           std::string{more};
}

struct Watched : BridgeDriver {
    explicit Watched(const BridgeSetup& setup = {}) : BridgeDriver(setup) {
        start();
        broker_up();
    }

    /// The events since the last call, as "type" or "type:code", followed by "(late)".
    std::vector<std::string> events() {
        std::vector<std::string> result;
        for (const auto& payload : sent("bambu2mqtt/p1/event")) {
            const auto event = Json::parse(payload);
            result.push_back(event["event_type"].get<std::string>() +
                             (event["code"].is_null() ? "" : ":" + event["code"].get<std::string>()) +
                             (event.contains("observed") ? " (late)" : ""));
        }
        forget_log();
        return result;
    }

    Json event() {
        const auto all = sent("bambu2mqtt/p1/event");
        REQUIRE(all.size() == 1);
        return Json::parse(all[0]);
    }
};

/// Another run of the gateway with the state saved by this one.
inline BridgeSetup restarted(BridgeDriver& driver) {
    driver.shutdown();
    driver.turn();
    return BridgeSetup{.saved = {Json::parse(driver.bridge().session(0).save())}};
}

} // namespace bambu2mqtt::test
