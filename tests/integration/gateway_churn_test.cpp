// Twenty printers that are restarted again and again, at any moment of their connections. BAMBU2MQTT_CHURN=N
// multiplies the duration by N.
#include "integration/network.hpp"
#include "support/eventually.hpp"
#include "support/proc.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::descriptors_of;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::status_of;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t printers = 20;
constexpr int wanted_restarts = 50; ///< of each printer
constexpr std::chrono::seconds longest{75};

int times() {
    const char* const text = std::getenv("BAMBU2MQTT_CHURN");
    return text == nullptr ? 1 : std::max(1, std::atoi(text));
}

/// Process ids of the gateway's children.
std::string children_of(TestEnvironment& env) {
    return bambu2mqtt::test_support::read_file(
        fmt::format("/proc/{0}/task/{0}/children", env.gateway().pid()));
}

/// Types of the events that the gateway published for a printer, in order.
std::vector<std::string> events_of(TestEnvironment& env, std::size_t printer) {
    std::vector<std::string> types;
    for (const auto& event : env.events(printer)) {
        types.push_back(event.at("event_type").get<std::string>());
    }
    return types;
}

/// Restarts of one printer: the earliest next one and their number.
struct Restarts {
    Clock::time_point next{};
    int done = 0;
};

bool all_online(TestEnvironment& env) {
    for (std::size_t i = 0; i < printers; ++i) {
        if (env.seen(i, "availability") != "online") {
            return false;
        }
    }
    return true;
}

/// Whether the last connection event is printer_online.
bool is_online(const std::vector<std::string>& events) {
    bool there = true; // being online at the start is no event
    for (const auto& type : events) {
        there = type == "printer_online" || (there && type != "printer_offline");
    }
    return there;
}

} // namespace

TEST_CASE(
    "printers that restart at any moment have one connection each, come back, and cause no duplicates") {
    NetworkedEnvironment home{
        {.models = std::vector<std::string>(printers, "X1C"), .report_interval = 500ms}};
    auto& env = home.env();
    ::setenv("BAMBU2MQTT_CORE_DUMPS", "1", 1); // otherwise only root may count its descriptors
    const bool online = env.start_gateway(home.changes());
    ::unsetenv("BAMBU2MQTT_CORE_DUMPS");
    REQUIRE(online);
    for (std::size_t i = 0; i < printers; ++i) {
        env.fleet().with(i, [](auto& printer) { printer.start_print({.name = "Boat"}, 3600s); });
    }
    for (std::size_t i = 0; i < printers; ++i) {
        REQUIRE(env.sees(i, "task_name", "Boat"));
    }
    const auto pid = std::to_string(env.gateway().pid());
    const auto threads = status_of(pid, "Threads");
    const auto descriptors = descriptors_of(pid);
    const auto memory = status_of(pid, "RssAnon");

    std::minstd_rand random{20};
    const auto draw = [&](int low, int high) {
        return std::chrono::milliseconds{std::uniform_int_distribution<int>{low, high}(random)};
    };
    std::vector<Restarts> restarts(printers);
    const auto end = Clock::now() + longest * times();
    const auto enough = wanted_restarts * times();
    bool finished = false;
    while (Clock::now() < end &&
           std::ranges::any_of(restarts, [&](const Restarts& one) { return one.done < enough; })) {
        for (std::size_t i = 0; i < printers; ++i) {
            auto& one = restarts[i];
            if (one.done >= enough || Clock::now() < one.next || home.network(i).standing() == 0) {
                continue;
            }
            // Usually soon after it is back; sometimes while it is still connecting.
            const bool back = env.seen(i, "availability") == "online";
            if (!back && random() % 10 != 0) {
                one.next = Clock::now() + draw(20, 100);
                continue;
            }
            ++one.done;
            switch (random() % 3) {
            case 0:
                home.network(i).reset();
                break;
            case 1:
                env.fleet().driver().drop_connections(i);
                break;
            default: // off for a moment
                home.network(i).behave({.refuses = true});
                home.network(i).reset();
                std::this_thread::sleep_for(5ms);
                home.network(i).behave({});
            }
            one.next = Clock::now() + draw(50, 400);
        }
        if (!finished && Clock::now() > end - longest * times() / 2) {
            finished = true; // half the time is over: all jobs end, in any state of the printers
            for (std::size_t i = 0; i < printers; ++i) {
                env.fleet().with(i, [](auto& printer) { printer.finish(); });
            }
        }
        std::this_thread::sleep_for(10ms);
    }
    for (std::size_t i = 0; !finished && i < printers; ++i) {
        env.fleet().with(i, [](auto& printer) { printer.finish(); });
    }
    CHECK(eventually(2 * test_timeout, [&] { return all_online(env); }));
    int total = 0;
    for (std::size_t i = 0; i < printers; ++i) {
        CAPTURE(i);
        total += restarts[i].done;
        CHECK(restarts[i].done >= 5);
        CHECK(home.network(i).most_standing() == 1);
        CHECK(env.sees(i, "print_status", "finish"));
        CHECK(eventually(test_timeout, [&] { return is_online(events_of(env, i)); }));
        const auto events = events_of(env, i);
        CHECK(std::ranges::count(events, "print_started") == 1);
        CHECK(std::ranges::count(events, "print_finished") == 1);
        bool there = true;
        bool in_turn = true;
        for (const auto& type : events) {
            if (type == "printer_online" || type == "printer_offline") {
                in_turn = in_turn && there != (type == "printer_online");
                there = type == "printer_online";
            }
        }
        CHECK(in_turn);
    }
    CHECK(children_of(env) == "");
    MESSAGE(total, " restarts of ", printers, " printers; anonymous memory ", memory, " kB, then ",
            status_of(pid, "RssAnon"), " kB");
    CHECK(eventually(test_timeout, [&] { return status_of(pid, "Threads") <= threads; }));
    CHECK(eventually(test_timeout, [&] { return descriptors_of(pid) <= descriptors + 1; }));
    CHECK(env.gateway().stop() == 0);
}
