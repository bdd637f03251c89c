// A feature defined by the test and registered like the others: it receives the session's calls and uses its
// ports.
#include "unit/gateway/live_driver.hpp"

#include <doctest/doctest.h>

#include <any>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace bambu2mqtt::test {

namespace {

/// Counts messages and reports; requests the version when the bed is hot; starts work every hour.
class CountingFeature final : public SessionFeature {
  public:
    static constexpr std::string_view name = "counting";

    explicit CountingFeature(const Json& saved)
        : messages_(saved.is_object() ? saved.value("counted", 0) : 0) {}

    void start(FeaturePorts& ports) override {
        next_ = ports.now().instant + 1h;
        publish(ports);
    }

    void on_message(std::string_view payload, FeaturePorts& ports) override {
        ++messages_;
        ports.save_within(1s);
        ports.send("counting/last", std::string{payload});
        publish(ports);
    }

    void on_state(const Update& update, FeaturePorts& ports) override {
        if (update.reply) {
            ports.log(Level::info, "answered: " + update.reply->command);
        }
        const auto bed = ports.printer().layout().find("bed_temperature");
        if (bed && ports.printer().value(*bed) == Value{std::int64_t{90}}) {
            ports.request({{"info", {{"sequence_id", ""}, {"command", "get_version"}}}});
        }
    }

    void tick(FeaturePorts& ports) override {
        if (next_ && ports.now().instant >= *next_) {
            next_.reset();
            ports.start_work(7, std::string{"rewind"});
        }
    }

    [[nodiscard]] std::optional<Instant> deadline() const override { return next_; }

    void on_progress(const WorkProgress& event, FeaturePorts& ports) override {
        ports.send("counting/progress", std::to_string(event.bytes));
    }

    void on_done(const WorkDone& event, FeaturePorts& ports) override {
        messages_ = std::any_cast<int>(event.result);
        publish(ports);
    }

    void stop(FeaturePorts& ports) override { ports.cancel_work(); }

    void save(Json& content) const override { content["counted"] = messages_; }

    void add_state(OrderedJson& state) const override { state["counted"] = messages_; }

  private:
    void publish(FeaturePorts& ports) const { ports.publish("counting", std::to_string(messages_)); }

    int messages_;
    std::optional<Instant> next_;
};

BridgeSetup with_counting(const Json& saved = {}) {
    BridgeSetup setup{.features = {feature_entry<CountingFeature>()}};
    setup.saved = {saved};
    return setup;
}

} // namespace

TEST_SUITE("gateway/session_feature") {
    TEST_CASE("a feature receives each message unchanged, and publishes below its printer's topic") {
        Live driver{idle, with_counting()};
        CHECK(driver.state("counting") == "2"); // version and full report
        const auto message = partial(R"("bed_temper":30.0)");
        driver.report(message);
        CHECK(driver.sent("bambu2mqtt/p1/counting/last") == std::vector<std::string>{message});
        CHECK(driver.retained("bambu2mqtt/p1/counting/last") == "(nothing)"); // sent once
        driver.advance(2s);
        CHECK(driver.state("counting") == "3");
    }

    TEST_CASE("topics of a feature survive cleanups, and are published again in a new broker session") {
        Live driver{idle, with_counting()};
        driver.report(full(idle + "," + one_ams));
        driver.report(full(idle + "," + no_ams));
        driver.advance(5s);
        CHECK(driver.state("counting") == "4");
        driver.broker_down();
        driver.lose_store();
        driver.broker_up();
        driver.advance(3s);
        CHECK(driver.state("counting") == "4");
    }

    TEST_CASE("a feature sees the merged state, sends a request, and receives the reply") {
        Live driver{idle, with_counting()};
        driver.report(partial(R"("bed_temper":80.0)"));
        CHECK(driver.requests().empty());
        driver.report(partial(R"("bed_temper":90.0)"));
        const auto requests = driver.requests();
        REQUIRE(requests.size() == 1);
        CHECK(requests[0]["info"]["command"] == "get_version");
        CHECK(requests[0]["info"]["sequence_id"] != ""); // filled in
        driver.report(partial(R"("bed_temper":20.0)"));
        const auto answers = [&driver] {
            return std::ranges::count(driver.notes(), "answered: get_version", &LogLine::text);
        };
        const auto before = answers();
        driver.report(version());
        CHECK(answers() == before + 1);
    }

    TEST_CASE("a feature starts work at its time; progress and end come back to it") {
        Live driver{idle, with_counting()};
        driver.advance(59min);
        CHECK(driver.jobs().empty());
        driver.advance(1min);
        REQUIRE(driver.jobs().size() == 1);
        const auto& work = driver.jobs().front();
        CHECK(work.feature == "counting");
        CHECK(work.job == 7);
        CHECK(work.host == "printer.lan");
        CHECK(std::any_cast<std::string>(work.what) == "rewind");
        driver.give(0, WorkProgress{"counting", 7, 5, 10});
        CHECK(driver.sent("bambu2mqtt/p1/counting/progress") == std::vector<std::string>{"5"});
        driver.give(0, WorkDone{"counting", 7, 0});
        driver.advance(2s);
        CHECK(driver.state("counting") == "0");
        driver.give(0, WorkDone{"another", 7, 100}); // of no feature
        driver.advance(2s);
        CHECK(driver.state("counting") == "0");
    }

    TEST_CASE("what a feature saves outlives a restart, and get_state shows it") {
        Live driver{idle, with_counting()};
        driver.advance(2s);
        REQUIRE(driver.saved()["counted"] == 2);
        Live later{idle, with_counting(driver.saved())};
        later.command(R"({"command":"get_state"})");
        CHECK(later.outcome()["data"]["counted"] == 4);
    }

    TEST_CASE("a feature is informed that the gateway stops") {
        Live driver{idle, with_counting()};
        driver.shutdown();
        CHECK(driver.cancelled_jobs() == 1);
    }

    TEST_CASE("work for a feature that is not registered is refused") {
        Live driver{idle, with_counting()}; // without "files"
        driver.command(R"({"command":"get_sdcard_contents"})");
        CHECK(driver.outcome()["code"] == "not_found");
    }
}

} // namespace bambu2mqtt::test
