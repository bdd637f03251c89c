// A session whose printer is connected with a complete state: the starting point of command tests.
#pragma once

#include "unit/gateway/bridge_driver.hpp"

namespace bambu2mqtt::test {

inline const std::string running =
    R"("gcode_state":"RUNNING","nozzle_temper":220.0,"bed_temper":60.0,"spd_lvl":2)";

/// A printer that is connected with a complete state; the log is empty.
struct Live : BridgeDriver {
    explicit Live(const std::string& members = idle, const BridgeSetup& setup = {}) : BridgeDriver(setup) {
        start();
        broker_up();
        go_live(members);
        advance(5s);
        (void)requests();
        (void)asked();
        forget_log();
    }

    /// The only outcome.
    Json outcome() {
        const auto all = responses();
        REQUIRE(all.size() == 1);
        return all.front();
    }

    /// The sequence id of the only request.
    std::string sequence() {
        const auto all = requests();
        REQUIRE(all.size() == 1);
        return all.front().front()["sequence_id"].get<std::string>();
    }

    void answer(const std::string& space, const std::string& command, const std::string& sequence,
                const std::string& rest = R"("result":"success")") {
        report(R"({")" + space + R"(":{"command":")" + command + R"(","sequence_id":")" + sequence + R"(",)" +
               rest + "}}");
    }
};

} // namespace bambu2mqtt::test
