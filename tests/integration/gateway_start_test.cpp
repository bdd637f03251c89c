// Starts in any order, starts after printers were switched off, and what says whether the bridge is well.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;

namespace {

/// Starts the user's broker ('B'), the bridge ('G') or the printers ('P').
void start(House& house, char what) {
    switch (what) {
    case 'B':
        house.broker().start();
        break;
    case 'G':
        house.gateway().start();
        break;
    default:
        house.farm().broker().start();
    }
}

/// Whether each printer is there with all it has; serials are the same in each house, so that houses can be
/// compared.
bool all_connected(House& house) {
    for (std::size_t i = 0; i < house.printers(); ++i) {
        if (house.seen(i, "availability") != "online" || house.seen(i, "firmware") == "None") {
            return false;
        }
    }
    return true;
}

} // namespace

TEST_CASE("broker, bridge and printers may be started in any order") {
    constexpr std::array<std::string_view, 6> orders{"BGP", "BPG", "GBP", "GPB", "PBG", "PGB"};
    std::list<House> houses;
    for (std::size_t i = 0; i < orders.size(); ++i) {
        auto& house = houses.emplace_back(HouseOptions{.models = {"X1C", "A1MINI"}});
        house.gateway().configure(house.config());
        house.broker().stop();
        house.farm().broker().stop();
    }
    // All houses take their steps together; a bridge gets time to find out that it is alone.
    for (std::size_t step = 0; step < 3; ++step) {
        auto house = houses.begin();
        for (const auto order : orders) {
            start(*house++, order[step]);
        }
        house = houses.begin();
        for (const auto order : orders) {
            auto& gateway = house->gateway();
            const bool lonely = gateway.running() && order.find('B') > step;
            CHECK((!lonely ||
                   eventually(patience, [&] { return gateway.lines_with("broker: not connected") == 1; })));
            ++house;
        }
    }
    for (auto& house : houses) {
        house.observe();
    }
    auto order = orders.begin();
    for (auto& house : houses) {
        CAPTURE(*order++);
        REQUIRE(eventually(40s, [&] { return all_connected(house); }));
        CHECK(house.gateway().lines_with("broker: not connected") <= 1);
    }
    order = orders.begin();
    for (auto& house : houses) {
        CAPTURE(*order++);
        std::string unlike;
        CHECK_MESSAGE(eventually(patience,
                                 [&] {
                                     unlike = difference(lasting(houses.front().retained()),
                                                         lasting(house.retained()));
                                     return unlike.empty();
                                 }),
                      unlike);
    }
    for (auto& house : houses) {
        CHECK(house.gateway().stop() == 0);
    }
}

TEST_CASE("after a restart printers that are switched off keep their entities and last states") {
    House house{{.models = {"X1C", "P1S", "H2D"}}};
    REQUIRE(house.start_gateway());
    for (std::size_t i = 0; i < house.printers(); ++i) {
        house.farm().with(i, [](auto& printer) {
            printer.merge({{"subtask_name", "Boat"}, {"mc_percent", 37}});
        });
        REQUIRE(house.sees(i, "task_name", "Boat"));
        REQUIRE(house.sees(i, "print_progress", "37"));
    }
    REQUIRE(house.sees(0, "firmware", "01.09.00.01"));
    house.farm().broker().stop();
    REQUIRE(house.sees(0, "availability", "offline"));
    REQUIRE(house.gateway().stop() == 0);
    const auto before = house.retained();

    house.observe();
    const auto from = house.observer().count();
    house.gateway().start();
    const auto announced = [&](const std::string& topic) {
        return house.observer()
            .wait_for([&](const auto& message) { return message.topic == topic && !message.retained; },
                      patience, from)
            .has_value();
    };
    for (std::size_t i = 0; i < house.printers(); ++i) {
        CHECK(announced(house.discovery_topic(i)));
        CHECK(house.sees(i, "connection", "unreachable"));
        CHECK(house.sees(i, "availability", "offline"));
        CHECK(house.history(i, "task_name") == "Boat");
        CHECK(house.history(i, "print_progress") == "37");
        CHECK(house.history(i, "print_status") == "idle");
    }
    auto kept = before;
    auto now = house.retained();
    for (auto* messages : {&kept, &now}) {
        std::erase_if(*messages, [](const auto& message) {
            return message.first.find("/bridge/") != std::string::npos ||
                   message.first.find("/connection") != std::string::npos;
        });
    }
    CHECK(difference(kept, now) == "");
    CHECK(discovery_complaints(house.retained()) == "");
}

TEST_CASE("last states are kept also when there are more than a broker hands out at once") {
    // A broker queues a thousand messages for a client that asks for confirmed delivery, and drops the rest.
    House house{{.models = std::vector<std::string>(10, "X1C"), .report_interval = 1s}};
    REQUIRE(house.start_gateway());
    for (std::size_t i = 0; i < house.printers(); ++i) {
        REQUIRE(house.sees(i, "firmware", "01.09.00.01"));
    }
    house.farm().broker().stop();
    for (std::size_t i = 0; i < house.printers(); ++i) {
        REQUIRE(house.sees(i, "connection", "unreachable"));
    }
    REQUIRE(house.gateway().stop() == 0);
    const auto before = house.observer().latest();
    REQUIRE(before.size() > 1200);

    const auto from = house.observer().count();
    house.gateway().start();
    const auto last = house.topic(house.printers() - 1, "availability");
    REQUIRE(house.observer().wait_for([&](const auto& message) { return message.topic == last; }, patience,
                                      from));
    std::size_t lost = 0;
    const auto messages = house.observer().messages();
    for (std::size_t at = from; at < messages.size(); ++at) {
        const auto former = before.find(messages[at].topic);
        lost += messages[at].payload == "None" && former != before.end() && former->second != "None" ? 1 : 0;
    }
    CHECK(lost == 0);
}

TEST_CASE("health says whether the bridge is alive and has its broker") {
    House house;
    house.gateway().configure(house.config());
    const auto health = [&] { return house.gateway().call({"health"}).exit_code; };
    CHECK(health() == 1);
    REQUIRE(house.start_gateway());
    CHECK(eventually(patience, [&] { return health() == 0; }));
    house.broker().stop();
    CHECK(eventually(patience, [&] { return health() == 1; }));
    CHECK(house.gateway().call({"health"}).errors.find("broker") != std::string::npos);
    house.broker().start();
    CHECK(eventually(patience, [&] { return health() == 0; }));

    SUBCASE("not any more after it was stopped") {
        CHECK(house.gateway().stop() == 0);
    }
    SUBCASE("not any more after it was killed") {
        house.gateway().kill();
    }
    CHECK(health() == 1);
}

TEST_CASE("a second bridge with the same state directory does not start") {
    House house;
    REQUIRE(house.start_gateway());
    const auto second = house.gateway().call({"run"});
    CHECK(second.exit_code == 1);
    CHECK_MESSAGE(second.errors.find("state_directory") != std::string::npos, second.errors);
    CHECK_MESSAGE(second.errors.find("in use by another gateway") != std::string::npos, second.errors);
    CHECK(house.gateway().running());
    CHECK(house.sees(0, "availability", "online"));
}
