#pragma once
// Delay of reports of many printers to the user's broker. For tests that disturb the gateway meanwhile.

#include "integration/gateway_fixture.hpp"
#include "support/mqtt_observer.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

namespace bambu2mqtt::gateway_test {

/// Each printer in turn reports this percentage, which must differ from the previous one. Returns how long
/// each took until `observer`, subscribed to the topics `print_progress`, received it, in ms. Waits first, as
/// the gateway publishes a topic at most once a second. Fails the test when one is not published within
/// `test_timeout`.
[[nodiscard]] inline std::vector<double> progress_delays(TestEnvironment& env,
                                                         test_support::MqttObserver& observer, int percent) {
    std::this_thread::sleep_for(1100ms);
    const auto wanted = std::to_string(percent);
    const auto report =
        fmt::format(R"({{"print":{{"command":"push_status","msg":1,"mc_percent":{}}}}})", percent);
    std::vector<double> taken;
    for (std::size_t i = 0; i < env.printers(); ++i) {
        const auto from = observer.count();
        const auto topic = env.topic(i, "print_progress");
        env.fleet().with(i, [&](auto& printer) { printer.merge({{"mc_percent", percent}}); });
        const auto begun = std::chrono::steady_clock::now();
        env.fleet().driver().send(i, report);
        const auto message = observer.wait_for(
            [&](const test_support::ObservedMessage& arrived) {
                return arrived.topic == topic && arrived.payload == wanted;
            },
            test_timeout, from);
        REQUIRE(message.has_value());
        taken.push_back(std::chrono::duration<double, std::milli>(message->time - begun).count());
    }
    return taken;
}

} // namespace bambu2mqtt::gateway_test
