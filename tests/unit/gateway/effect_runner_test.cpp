// An exception while an effect is carried out is a failure of that effect, which is reported to its sender.
#include "unit/gateway/live_driver.hpp"
#include <bambu2mqtt/gateway/effect_runner.hpp>

#include <stdexcept>

namespace bambu2mqtt::test {

namespace {

/// Edges at which one kind of effect fails.
template <typename Kind>
struct FailingEdges {
    explicit FailingEdges(BridgeDriver& driver)
        : runner{driver.bridge(),
                 {.carry_out = [this](const Effect& effect) { carry_out(effect); },
                  .undo = [this](const Effect& effect) { undo(effect); }},
                 [&driver] { return driver.now(); }} {}

    void carry_out(const Effect& effect) {
        if (std::holds_alternative<Kind>(effect)) {
            throw std::runtime_error{"thrown by the test"};
        }
        done.push_back(effect);
    }

    void undo(const Effect& effect) {
        ++undone;
        CHECK(std::holds_alternative<Kind>(effect));
        if (undo_fails) {
            throw std::runtime_error{"thrown by the test, too"};
        }
    }

    /// How many effects of this kind were carried out.
    template <typename Other>
    [[nodiscard]] std::size_t count() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            done, [](const Effect& effect) { return std::holds_alternative<Other>(effect); }));
    }

    EffectRunner runner;
    Effects done;
    std::size_t undone = 0;
    bool undo_fails = false;
};

} // namespace

TEST_SUITE("effects that fail") {
    TEST_CASE("a connection attempt that throws is a failed attempt, and the next one follows") {
        for (const bool undo_fails : {false, true}) {
            BridgeDriver driver;
            FailingEdges<ConnectPrinter> edges{driver};
            edges.undo_fails = undo_fails;
            Effects effects;
            driver.bridge().start(driver.now(), effects);
            edges.runner.perform(effects);
            CHECK(effects.empty());
            CHECK(edges.undone == 1);
            CHECK(edges.count<ConnectBroker>() == 1); // what came with it is not affected
            CHECK(driver.bridge().health().internal_errors() == 1);
            const auto& connection = driver.bridge().session(0).connection();
            CHECK(connection.state() == ConnectionState::unreachable);
            CHECK(connection.error().find("internal error: thrown by the test") != std::string::npos);
            driver.advance(3s);
            CHECK(driver.asked() == std::vector<std::string>{"connect"});
            driver.broker_up();
            driver.go_live();
            CHECK(driver.state("availability") == "online");
        }
    }

    TEST_CASE("an attempt to connect to the broker that throws is repeated") {
        BridgeDriver driver;
        FailingEdges<ConnectBroker> edges{driver};
        Effects effects;
        driver.bridge().start(driver.now(), effects);
        edges.runner.perform(effects);
        CHECK(edges.undone == 1);
        CHECK(edges.count<ConnectPrinter>() == 1);
        REQUIRE(driver.broker_connects_asked() == 0);
        driver.advance(3s);
        CHECK(driver.broker_connects_asked() == 1);
    }

    TEST_CASE("a subscription at the broker that throws ends the broker session, and the next one follows") {
        Live driver;
        FailingEdges<ListenTo> edges{driver};
        const auto before = driver.broker_connects_asked();
        Effects effects{ListenTo{.filter = "bambu2mqtt/+/set"}};
        edges.runner.perform(effects);
        CHECK(edges.undone == 1);
        CHECK_FALSE(driver.bridge().broker_up());
        driver.advance(3s);
        CHECK(driver.broker_connects_asked() == before + 1);
    }

    TEST_CASE("a subscription at the printer that throws ends its session, and the next one follows") {
        Live driver;
        FailingEdges<SubscribeReports> edges{driver};
        Effects effects{SubscribeReports{.printer = 0, .subscribe = true}};
        edges.runner.perform(effects);
        CHECK(driver.bridge().session(0).connection().state() != ConnectionState::connected);
        driver.advance(3s);
        CHECK(driver.asked() == std::vector<std::string>{"connect"});
    }

    TEST_CASE("a file job that throws has failed, and the next one may start") {
        Live driver;
        FailingEdges<StartWork> edges{driver};
        driver.command(R"({"command":"get_sdcard_contents"})");
        REQUIRE(driver.jobs().size() == 1);
        Effects effects{driver.jobs().back()};
        edges.runner.perform(effects);
        driver.turn();
        CHECK(driver.outcome()["status"] == "failed");
        CHECK(driver.outcome()["message"] == "internal error: thrown by the test");
        driver.forget_log();
        driver.command(R"({"command":"get_sdcard_contents"})");
        CHECK(driver.jobs().size() == 2);
        CHECK(driver.responses().empty()); // not busy
    }

    TEST_CASE("a certificate check that throws ends its command") {
        BridgeDriver driver{{.policy = {.trust_commands = true}}};
        FailingEdges<TrustCertificate> edges{driver};
        driver.start();
        driver.broker_up();
        driver.printer_down(LinkFailure::tls_untrusted);
        const std::string fingerprint(64, 'A');
        driver.command(R"({"command":"trust_certificate","fingerprint":")" + fingerprint + R"("})");
        REQUIRE(driver.trusts().size() == 1);
        Effects effects{driver.trusts().back()};
        edges.runner.perform(effects);
        driver.turn();
        REQUIRE(driver.responses().size() == 1);
        CHECK(driver.responses()[0]["message"].get<std::string>().find("thrown by the test") !=
              std::string::npos);
    }

    TEST_CASE("effects that nothing waits for are dropped and counted, the others are carried out") {
        Live driver;
        FailingEdges<SendRequest> edges{driver};
        Effects effects{SendRequest{0, "{}"}, SaveState{0, "{}"}, SendRequest{0, "{}"},
                        LogLine{Level::info, "p1", "text"}};
        edges.runner.perform(effects);
        CHECK(driver.bridge().health().internal_errors() == 2);
        CHECK(edges.count<SaveState>() == 1);
        CHECK(edges.count<LogLine>() == 1 + 2); // and one for each failure
        CHECK(driver.bridge().session(0).connection().state() == ConnectionState::connected);

        FailingEdges<LogLine> silent{driver}; // not even the failure can be logged
        effects = {LogLine{Level::info, "p1", "text"}, SaveState{0, "{}"}};
        silent.runner.perform(effects);
        CHECK(silent.count<SaveState>() == 1);
        CHECK(driver.bridge().health().internal_errors() == 3);
    }

    TEST_CASE("an exception in one turn does not drop effects that are already queued") {
        Live driver;
        FailingEdges<ForgetPrinter> edges{driver};
        Effects effects;
        CHECK_FALSE(edges.runner.turn(effects, [&] {
            effects.push_back(SaveState{0, "{}"});
            effects.push_back(ConnectPrinter{0, "printer.lan"});
            throw std::runtime_error{"thrown by the test"};
        }));
        CHECK(effects.empty());
        CHECK(edges.count<SaveState>() == 1);
        CHECK(edges.count<ConnectPrinter>() == 1);
        CHECK(driver.bridge().health().internal_errors() == 1);
        CHECK(edges.runner.turn(effects, [] {}));
        CHECK(driver.bridge().health().internal_errors() == 1);
    }
}

} // namespace bambu2mqtt::test
