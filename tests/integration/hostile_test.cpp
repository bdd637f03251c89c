// Delay of twenty printers' reports while another printer sends a thousand full reports a second, compared
// with the delay without it: measured alternately in one run.
#include "integration/delays.hpp"
#include "integration/gateway_fixture.hpp"
#include "support/percentiles.hpp"
#include "support/sanitizers.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::percentiles;

namespace {

constexpr std::size_t flooded_printers = 20;
constexpr int flood_rounds = 12; ///< of each kind
constexpr double allowed_p50 = 1.2;
constexpr double allowed_p99 = 2;
constexpr double flood_noise_ms = 2; ///< resolution of this machine: smaller differences have no meaning

/// Sends full reports of one printer, a thousand a second, while enabled.
class Flood {
  public:
    explicit Flood(TestEnvironment& env)
        : env_(env), report_(env.fleet().with(0, [](auto& printer) { return printer.full_report(); })),
          thread_([this](const std::stop_token& stop) { run(stop); }) {}

    void on(bool on) { on_ = on; }

    [[nodiscard]] std::size_t sent() const { return sent_; }

  private:
    void run(const std::stop_token& stop) {
        auto next = std::chrono::steady_clock::now();
        while (!stop.stop_requested()) {
            for (int i = 0; on_ && i < 10; ++i, ++sent_) {
                env_.fleet().driver().send(0, report_);
            }
            next += 10ms;
            std::this_thread::sleep_until(next);
        }
    }

    TestEnvironment& env_;
    std::string report_;
    std::atomic<bool> on_ = false;
    std::atomic<std::size_t> sent_ = 0;
    std::jthread thread_;
};

} // namespace

TEST_CASE("a printer that sends a thousand reports a second does not delay others") {
    TestEnvironment env{
        {.models = std::vector<std::string>(flooded_printers, "X1C"), .report_interval = 60s}};
    TestEnvironment other{{.models = {"P1S"}, .report_interval = 60s}}; // with a broker of its own
    const auto& hostile = other.fleet().printers()[0];
    REQUIRE(env.start_gateway(
        {.more_lines = fmt::format("[[printer]]\nserial = \"{}\"\nhost = \"127.0.0.1\"\nmqtt_port = {}\n"
                                   "access_code = \"{}\"\n",
                                   hostile.serial, hostile.port, hostile.access_code)}));
    for (std::size_t i = 0; i < flooded_printers; ++i) {
        REQUIRE(env.sees(i, "availability", "online"));
    }
    Flood flood{other};
    std::vector<double> quiet;
    std::vector<double> disturbed;
    for (int round = 0; round < 2 * flood_rounds; ++round) {
        flood.on(round % 2 != 0);
        const auto needed = progress_delays(env, env.observer(), 1 + round);
        auto& values = round % 2 == 0 ? quiet : disturbed;
        values.insert(values.end(), needed.begin(), needed.end());
    }
    flood.on(false);
    const auto before = percentiles(quiet);
    const auto beside = percentiles(disturbed);
    MESSAGE(fmt::format(
        "note: {} printers, p50 {:.2f} ms, p99 {:.2f} ms; beside {} hostile reports p50 {:.2f} ms, "
        "p99 {:.2f} ms",
        flooded_printers, before.p50, before.p99, flood.sent(), beside.p50, beside.p99));
    CHECK(flood.sent() > 5000);
    if (bambu2mqtt::test_support::sanitized) {
        MESSAGE("skipped: sanitizers are no measure of time");
        return;
    }
    CHECK(beside.p50 <= std::max(allowed_p50 * before.p50, before.p50 + flood_noise_ms));
    CHECK(beside.p99 <= std::max(allowed_p99 * before.p99, before.p99 + 10 * flood_noise_ms));
    CHECK(env.gateway().stop() == 0);
}
