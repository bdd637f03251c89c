// Removal of retained topics: first discovery, so that Home Assistant drops the entity, then its states.
#include "unit/gateway/bridge_driver.hpp"

#include <set>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

const std::string clearing_old_root = "bambu2mqtt/01p00a000000001/";

/// The retained messages after a run with a live printer.
std::map<std::string, std::string> left_by(const BridgeSetup& setup, const std::string& members = idle) {
    BridgeDriver driver{setup};
    driver.start();
    driver.broker_up();
    for (std::size_t i = 0; i < setup.serials.size(); ++i) {
        driver.go_live(members, i);
    }
    driver.shutdown();
    driver.turn();
    return driver.standing();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

/// The same with the topics of p1 below the default id of earlier gateways.
std::map<std::string, std::string> with_former_default(const std::map<std::string, std::string>& standing) {
    std::map<std::string, std::string> result;
    for (const auto& [topic, payload] : standing) {
        result.emplace(replaced(topic, "bambu2mqtt/p1/", clearing_old_root),
                       replaced(payload, "bambu2mqtt/p1/", clearing_old_root));
    }
    return result;
}

std::set<std::string> topics_below(const std::map<std::string, std::string>& standing,
                                   const std::string& root) {
    std::set<std::string> topics;
    for (const auto& [topic, payload] : standing) {
        if (topic.starts_with(root)) {
            topics.insert(topic);
        }
    }
    return topics;
}

/// Number of cleared topics below `root`; checks that each was cleared at least a second after the last
/// discovery message.
std::size_t cleared_after_announcements(const BridgeDriver& driver, const std::string& root) {
    Instant announced{};
    std::size_t cleared = 0;
    for (std::size_t i = 0; i < driver.log().size(); ++i) {
        const auto& message = driver.log()[i];
        if (message.topic.ends_with("/config")) {
            announced = driver.log_times()[i];
        } else if (message.topic.starts_with(root) && message.payload.empty()) {
            ++cleared;
            INFO("topic: ", message.topic);
            CHECK(driver.log_times()[i] - announced >= 1s);
        }
    }
    return cleared;
}

} // namespace

TEST_SUITE("what is taken off the broker") {
    TEST_CASE("for a removed printer discovery messages are cleared first, states a second later") {
        for (const bool per_component : {false, true}) {
            const auto standing = left_by({.serials = {x1c, p1s}, .per_component = per_component});
            const auto states = topics_below(standing, "bambu2mqtt/p2/").size();
            REQUIRE(states > 20);
            BridgeDriver driver{{.serials = {x1c}, .former = {{p1s, "p2"}}, .per_component = per_component}};
            driver.start(standing);
            driver.broker_up();
            driver.advance(5s);
            CHECK(cleared_after_announcements(driver, "bambu2mqtt/p2/") == states);
            for (const auto& [topic, payload] : driver.standing()) {
                CHECK(topic.find(p1s) == std::string::npos);
            }
        }
    }

    TEST_CASE("for removed units and entities discovery messages are cleared before the states") {
        for (const bool per_component : {false, true}) {
            const auto standing = left_by({.per_component = per_component},
                                          idle + "," + one_ams + R"(,"vt_tray":{"id":"254"})");
            BridgeDriver driver{{.per_component = per_component}};
            driver.start(standing);
            driver.broker_up();
            driver.go_live(idle + "," + no_ams);
            driver.advance(5s);
            CHECK(cleared_after_announcements(driver, "bambu2mqtt/p1/") > 20);
            CHECK(topics_below(driver.standing(), "bambu2mqtt/p1/ams_1").empty());
            CHECK(topics_below(driver.standing(), "bambu2mqtt/p1/external_spool").empty());
        }
    }

    TEST_CASE("pending removals at shutdown are left for the next start, and no printer is forgotten") {
        const auto standing = left_by({.serials = {x1c, p1s}});
        BridgeDriver driver{{.serials = {x1c}, .former = {{p1s, "p2"}}}};
        driver.start(standing);
        driver.broker_up();
        driver.shutdown();
        driver.advance(5s);
        CHECK(driver.bridge().quiet());
        CHECK(topics_below(driver.standing(), "bambu2mqtt/p2/") == topics_below(standing, "bambu2mqtt/p2/"));
        CHECK(driver.count_notes(Level::debug, p1s) == 0); // not forgotten

        BridgeDriver next{{.serials = {x1c}, .former = {{p1s, "p2"}}}};
        next.start(driver.standing());
        next.broker_up();
        next.advance(5s);
        CHECK(topics_below(next.standing(), "bambu2mqtt/p2/").empty());
        CHECK(next.count_notes(Level::debug, p1s) == 1);
    }

    TEST_CASE("topics under the former default id move: new ones are published first, old ones cleared "
              "afterwards") {
        for (const bool per_component : {false, true}) {
            const auto fresh = left_by({.per_component = per_component}, idle + "," + one_ams);
            const auto standing = with_former_default(fresh);
            const auto old = topics_below(standing, clearing_old_root);
            REQUIRE(old.size() > 20);
            BridgeDriver driver{{.per_component = per_component}};
            driver.start(standing);
            driver.broker_up();
            driver.go_live(idle + "," + one_ams);
            driver.advance(5s);
            CHECK(cleared_after_announcements(driver, clearing_old_root) == old.size());
            CHECK(topics_below(driver.standing(), "") == topics_below(fresh, ""));
            for (const auto& message : driver.standing()) {
                INFO("topic: ", message.first);
                CHECK(message.second.find(clearing_old_root) == std::string::npos);
            }
        }
    }

    TEST_CASE("an offline printer keeps its topics under the former id, and is shown as unavailable") {
        auto standing = with_former_default(left_by({}));
        standing[clearing_old_root + "availability"] = "online"; // that gateway was killed
        BridgeDriver driver{{}};
        driver.start(standing);
        driver.broker_up();
        driver.advance(60s);
        CHECK(topics_below(driver.standing(), clearing_old_root) ==
              topics_below(standing, clearing_old_root));
        CHECK(driver.retained(clearing_old_root + "availability") == "offline");
        CHECK(driver.retained(clearing_old_root + "bed_temperature") == "22");
        driver.go_live();
        driver.advance(5s);
        CHECK(topics_below(driver.standing(), clearing_old_root).empty());
    }

    TEST_CASE("a former id is remembered until no topic is left below it") {
        const auto standing = left_by({.serials = {x1c, p1s}});
        const Json before{{"serial", p1s}, {"id", "p2"}};
        BridgeDriver driver{{.serials = {p1s}, .former = {{p1s, "p2"}}, .saved = {before}}};
        driver.start(standing);
        driver.broker_up();
        driver.advance(1s);
        CHECK(driver.saved()["id"] == "p1");
        CHECK(driver.saved()["former_ids"] == Json{"p2"});
        driver.go_live();
        driver.advance(5s);
        CHECK(topics_below(driver.standing(), "bambu2mqtt/p2/").empty());
        CHECK(driver.count_notes(Level::debug, p1s) == 0); // not forgotten
        CHECK(driver.saved()["former_ids"] == Json{"p2"}); // not yet checked whether all topics are gone
        driver.broker_down();
        driver.broker_up();
        driver.advance(1s);
        CHECK(!driver.saved().contains("former_ids"));
    }

    TEST_CASE("an id that another printer uses now is no longer a former id") {
        const auto standing = left_by({.serials = {x1c, p1s}});
        BridgeDriver driver{{.serials = {x1c, p1s}, .former = {{p1s, "p1"}}}};
        driver.start(standing);
        driver.broker_up();
        driver.go_live(idle, 0);
        driver.go_live(idle, 1);
        driver.advance(5s);
        CHECK(topics_below(driver.standing(), "") == topics_below(standing, ""));
    }
}
