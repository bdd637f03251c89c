// The command runner with the handlers of the rows: calls to the session, sent requests, and the outcome.
#include "unit/command/command_fixture.hpp"
#include <bambu2mqtt/command/command_runner.hpp>

#include <doctest/doctest.h>

#include <any>
#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace bambu2mqtt;
using namespace std::chrono_literals;
using test::CommandFixture;

namespace {

/// A session that records the calls of handlers.
class RecordedSession final : public SessionPort {
  public:
    void resume() override { calls.emplace_back("resume"); }

    void pause() override { calls.emplace_back("pause"); }

    void quit() override { calls.emplace_back("quit"); }

    [[nodiscard]] bool closed() const override { return is_closed; }

    std::chrono::seconds refresh() override {
        calls.emplace_back("refresh");
        return budget_forbids;
    }

    void forget_unit(const std::string& unit) override { calls.push_back("forget " + unit); }

    void set_chamber_temperature(double degrees) override {
        calls.push_back(fmt::format("chamber {}", degrees));
    }

    [[nodiscard]] const std::string& proven_host() const override { return host; }

    [[nodiscard]] Handled run_feature(const FeatureWork& work, Ticket ticket) override {
        works.emplace_back(ticket, work);
        if (work_refusal.empty()) {
            return WaitsFor::printer;
        }
        return refused({}, Refusal{Code::busy, work_refusal});
    }

    void add_feature_state(OrderedJson& state) const override { state["files"] = "of a feature"; }

    std::vector<std::string> calls;
    bool is_closed = false;
    std::chrono::seconds budget_forbids{0};
    std::string host = "192.0.2.7";
    std::vector<std::pair<Ticket, FeatureWork>> works; ///< that was given to features
    std::string work_refusal;                          ///< why a feature refuses its work; empty: it does not
};

/// A runner for printer 3, which has the state of a fixture.
struct RunnerDriver {
    explicit RunnerDriver(std::string_view fixture_name = "p1s",
                          std::string_view members = R"("gcode_state":"IDLE")")
        : fixture(fixture_name, members) {}

    Submitted take(std::string command, Json arguments = Json::object(), std::string request_id = {}) {
        return runner.take(CommandRequest{.command = std::move(command),
                                          .arguments = std::move(arguments),
                                          .request_id = std::move(request_id)},
                           fixture.situation(), reachability, session, now, effects);
    }

    void advance(std::chrono::milliseconds time) {
        now.instant += time;
        runner.tick(fixture.situation(), reachability, now, effects);
    }

    /// "STATUS CODE: MESSAGE" of all responses since the last call.
    std::vector<std::string> responses() {
        std::vector<std::string> texts;
        for (const auto& response : runner.responses()) {
            const auto& outcome = response.outcome;
            const std::string status{response.final ? name_of(outcome.status) : "progress"};
            texts.push_back(fmt::format("{} {}: {}", status, name_of(outcome.code), outcome.message));
            payload = response.payload;
        }
        return texts;
    }

    /// Effects of one kind since the last call of anything here.
    template <typename Kind>
    std::vector<Kind> take_effects() {
        std::vector<Kind> found;
        for (auto& effect : std::exchange(effects, {})) {
            if (auto* const one = std::get_if<Kind>(&effect)) {
                found.push_back(std::move(*one));
            }
        }
        return found;
    }

    CommandFixture fixture;
    RecordedSession session;
    CommandRunner runner{3};
    Reachability reachability{.online = true, .state = "connected", .host = "192.0.2.7"};
    Now now{Instant{} + 1h, WallTime{std::chrono::seconds{1767600000}}};
    Effects effects;
    OrderedJson payload; ///< of the last response
};

using Texts = std::vector<std::string>;

const std::string digits_of_fingerprint(64, 'a');

} // namespace

TEST_CASE("command runner: refresh is effective with the next full report") {
    RunnerDriver driver;
    CHECK(driver.take("refresh").in_progress);
    CHECK(driver.session.calls == Texts{"refresh"});
    CHECK(driver.effects.empty()); // the session asks
    driver.advance(1s);
    driver.runner.check_reports(false, driver.fixture.situation(), driver.now);
    CHECK(driver.responses().empty());
    driver.runner.check_reports(true, driver.fixture.situation(), driver.now);
    CHECK(driver.responses() == Texts{"effective : "});
    CHECK(driver.runner.is_idle());
    CHECK(driver.runner.deadline() == std::nullopt);
}

TEST_CASE("command runner: refresh is unconfirmed after ten seconds without a full report") {
    RunnerDriver driver;
    (void)driver.take("refresh");
    CHECK(driver.runner.deadline() == driver.now.instant + 10s);
    driver.advance(9999ms);
    CHECK(driver.responses().empty());
    driver.advance(1ms);
    CHECK(driver.responses() == Texts{"unconfirmed : no full report received"});
    driver.runner.check_reports(true, driver.fixture.situation(), driver.now);
    CHECK(driver.responses().empty());
}

TEST_CASE("command runner: refresh says how long the model's budget forbids it") {
    RunnerDriver driver;
    driver.session.budget_forbids = 42s;
    CHECK_FALSE(driver.take("refresh").in_progress);
    CHECK(driver.responses() ==
          Texts{"done : the known state is current; the printer can be asked for a full "
                "report again in 42 s"});
}

TEST_CASE("command runner: commands about the session act through its port") {
    RunnerDriver driver{"x1c", R"("gcode_state":"IDLE","ams":{"ams_exist_bits":"1"})"};
    for (const auto* const command : {"start_session", "resume_session", "pause_session", "quit"}) {
        CHECK_FALSE(driver.take(command).in_progress);
    }
    (void)driver.take("forget", {{"unit", "ams_2"}});
    CHECK(driver.session.calls == Texts{"resume", "resume", "pause", "quit", "forget ams_2"});
    CHECK(driver.responses() == Texts(5, "done : "));
    driver.session.is_closed = true;
    (void)driver.take("resume_session");
    CHECK(driver.responses() ==
          Texts{"refused conflict: the session was closed with quit; start_session opens it"});
    CHECK(driver.session.calls.size() == 5);
    CHECK(driver.effects.empty());
}

TEST_CASE("command runner: a chamber temperature is handed to the session") {
    RunnerDriver driver;
    (void)driver.take("set_chamber_temp", {{"value", 31.5}});
    CHECK(driver.session.calls == Texts{"chamber 31.5"});
    CHECK(driver.responses() == Texts{"done : "});
}

TEST_CASE("command runner: get_state answers with report, entities and what features show") {
    RunnerDriver driver;
    driver.reachability.online = false;
    (void)driver.take("get_state");
    CHECK(driver.responses() == Texts{"done : "});
    const auto& data = driver.payload["data"];
    CHECK(data["report"]["gcode_state"] == "IDLE");
    CHECK(data["entities"]["print_status"] == "idle");
    CHECK(data["files"] == "of a feature");
}

TEST_CASE("command runner: a certificate is trusted where the printer was reached, and TrustDone ends it") {
    for (const std::string problem : {"", "it names another serial"}) {
        RunnerDriver driver;
        driver.fixture.policy.trust_commands = true;
        const auto submitted = driver.take("trust_certificate", {{"fingerprint", digits_of_fingerprint}});
        CHECK(submitted.in_progress);
        const auto trusts = driver.take_effects<TrustCertificate>();
        REQUIRE(trusts.size() == 1);
        CHECK(trusts[0].printer == 3);
        CHECK(trusts[0].ticket == submitted.ticket);
        CHECK(trusts[0].host == "192.0.2.7");
        CHECK(trusts[0].fingerprint.starts_with("AA:AA:"));
        CHECK(trusts[0].fingerprint.size() == 95);
        driver.advance(1min);
        CHECK(driver.responses().empty());
        driver.runner.handle(TrustDone{submitted.ticket, problem}, driver.now);
        CHECK(driver.responses() == Texts{problem.empty() ? "done : " : "refused conflict: " + problem});
    }
}

TEST_CASE("command runner: no certificate is trusted where the printer was only announced") {
    RunnerDriver driver;
    driver.session.host.clear();
    (void)driver.take("trust_certificate", {{"fingerprint", digits_of_fingerprint}});
    CHECK(driver.responses() ==
          Texts{"refused conflict: the printer was only announced so far; a certificate is trusted at the "
                "configured host or where the printer was reached before"});
    driver.reachability.host = {};
    (void)driver.take("trust_certificate", {{"fingerprint", digits_of_fingerprint}});
    CHECK(driver.responses() == Texts{"refused offline: no address of the printer is known yet"});
    CHECK(driver.effects.empty());
}

TEST_CASE(
    "command runner: what waits for the printer is refused while too much waits, other commands are not") {
    RunnerDriver driver;
    for (std::size_t i = 0; i < CommandRunner::most_waiting; ++i) {
        CHECK(driver.take("home_axes").in_progress);
    }
    const std::string busy = "refused busy: 64 commands are already waiting for the printer";
    for (const auto* const command : {"home_axes", "get_sdcard_contents"}) {
        (void)driver.take(command);
        CHECK(driver.responses() == Texts{busy});
    }
    (void)driver.take("trust_certificate", {{"fingerprint", digits_of_fingerprint}});
    CHECK(driver.responses() == Texts{busy});
    for (const auto* const command : {"get_state", "get_current_bind_list", "pause_session"}) {
        (void)driver.take(command);
        CHECK(driver.responses() == Texts{"done : "});
    }
    CHECK(driver.take_effects<SendRequest>().size() == CommandRunner::most_waiting);
}

TEST_CASE("command runner: the requests of one command follow each other after 100 ms") {
    RunnerDriver driver;
    CHECK(driver.take("clean_print_error").in_progress);
    const auto first = driver.take_effects<SendRequest>();
    REQUIRE(first.size() == 1);
    CHECK(first[0].printer == 3);
    CHECK(Json::parse(first[0].payload)["print"]["sequence_id"] == "1");
    driver.advance(99ms);
    CHECK(driver.take_effects<SendRequest>().empty());
    driver.advance(1ms);
    const auto second = driver.take_effects<SendRequest>();
    REQUIRE(second.size() == 1);
    CHECK(Json::parse(second[0].payload)["system"]["sequence_id"] == "2");
    CHECK(driver.runner.requests().sent() == 1);
    CHECK(driver.runner.requests().empty());
}

TEST_CASE("command runner: the work of a plan goes to its feature, which reports progress and ends it") {
    RunnerDriver driver;
    const auto listing = driver.take("get_sdcard_contents", {{"path", "/cache"}});
    CHECK(listing.in_progress);
    REQUIRE(driver.session.works.size() == 1);
    CHECK(driver.session.works[0].first == listing.ticket);
    CHECK(driver.session.works[0].second.feature == files_feature);
    CHECK(std::holds_alternative<ListFiles>(std::any_cast<FileJob>(driver.session.works[0].second.what)));
    driver.runner.report_progress(listing.ticket, 5, 10, driver.now);
    CHECK(driver.responses() == Texts{"progress : "});
    CHECK(driver.payload["status"] == "progress");
    CHECK(driver.payload["data"]["bytes"] == 5);
    const auto finish = [&] {
        driver.runner.finish_work(
            listing.ticket, Outcome{.status = Status::done, .data = {{"path", "/cache"}}},
            driver.fixture.situation(), driver.reachability, driver.now, driver.effects);
    };
    finish();
    CHECK(driver.responses() == Texts{"done : "});
    CHECK(driver.payload["data"]["path"] == "/cache");
    finish(); // comes twice
    driver.runner.report_progress(listing.ticket, 6, 10, driver.now);
    CHECK(driver.responses().empty());
}

TEST_CASE("command runner: a feature refuses its work, and may carry a command out at once") {
    RunnerDriver driver;
    driver.session.work_refusal = "/cache is being transferred";
    CHECK_FALSE(driver.take("sdcard_file_exists", {{"path", "/a.3mf"}}).in_progress);
    (void)driver.take("cancel_transfer");
    CHECK(driver.responses() == Texts(2, "refused busy: /cache is being transferred"));
    REQUIRE(driver.session.works.size() == 2);
    CHECK(std::any_cast<CancelTransfer>(&driver.session.works[1].second.what) != nullptr);
}

TEST_CASE("command runner: a command that waits for its requests is not ended by the end of work") {
    RunnerDriver driver;
    const auto submitted = driver.take("home_axes");
    driver.runner.finish_work(submitted.ticket, Outcome{.status = Status::done}, driver.fixture.situation(),
                              driver.reachability, driver.now, driver.effects);
    CHECK(driver.responses().empty());
    CHECK_FALSE(driver.runner.is_idle());
}

TEST_CASE("command runner: a request id that comes twice is carried out once") {
    RunnerDriver driver;
    CHECK(driver.take("get_version", Json::object(), "a").ticket == 1);
    CHECK(driver.take("get_version", Json::object(), "a").ticket == 0);
    CHECK(driver.take_effects<SendRequest>().size() == 1);
    CHECK(driver.responses().empty());
    driver.advance(10s);
    CHECK(driver.responses() ==
          Texts{"unconfirmed : the printer did not answer, and its reports do not show it"});
    const auto first = driver.payload;
    CHECK(driver.take("get_version", Json::object(), "a").ticket == 0);
    CHECK(driver.responses().size() == 1);
    CHECK(driver.payload == first);
    CHECK(driver.effects.empty());
}

TEST_CASE("command runner: all commands end when the session is given up") {
    RunnerDriver driver;
    (void)driver.take("refresh");
    (void)driver.take("clean_print_error");
    (void)driver.take("get_sdcard_contents");
    (void)driver.take_effects<SendRequest>();
    driver.runner.abandon("the gateway is being stopped", driver.now);
    CHECK(driver.responses() == Texts{"unconfirmed : the gateway is being stopped",
                                      "unconfirmed : the gateway is being stopped",
                                      "failed : the gateway is being stopped"});
    driver.advance(1s);
    CHECK(driver.effects.empty());
    CHECK(driver.runner.is_idle());
}
