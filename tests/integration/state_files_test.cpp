// What the gateway stores on disk: private, always consistent, never fatal, and small.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <string>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::read_file;
using bambu2mqtt::test_support::write_file;

namespace fs = std::filesystem;

namespace {

fs::path state_of(TestEnvironment& env) {
    return env.gateway().directory() / "state";
}

fs::path printer_file(TestEnvironment& env, std::size_t printer) {
    return state_of(env) / "printers" / (env.fleet().printers().at(printer).serial + ".json");
}

} // namespace

TEST_CASE("all files of the state directory are readable by their owner alone") {
    TestEnvironment env{{.models = {"X1C", "P1S"}}};
    const auto mask = ::umask(0);
    const bool online = env.start_gateway();
    ::umask(mask);
    REQUIRE(online);
    REQUIRE(eventually(test_timeout, [&] { return fs::exists(printer_file(env, 1)); }));
    CHECK(env.gateway().stop() == 0);
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator{state_of(env)}) {
        CAPTURE(entry.path().string());
        const auto rights = entry.status().permissions();
        if (entry.is_regular_file()) {
            ++files;
            CHECK((rights & fs::perms::mask) == (fs::perms::owner_read | fs::perms::owner_write));
        }
        CHECK(entry.path().extension() != ".new");
    }
    CHECK(files >= 5); // the lock, two pins, two printers
}

TEST_CASE("an invalid state file is set aside, and the printer is detected again") {
    TestEnvironment env;
    REQUIRE(env.start_gateway());
    REQUIRE(env.sees(0, "firmware", "01.09.00.01"));
    (void)env.result(); // everything is published
    REQUIRE(env.gateway().stop() == 0);
    const auto before = env.retained();
    const auto file = printer_file(env, 0);
    const auto whole = read_file(file);
    REQUIRE(whole.size() > 100);
    std::string broken;
    SUBCASE("empty") {}
    SUBCASE("cut in the middle") {
        broken = whole.substr(0, whole.size() / 2);
    }
    SUBCASE("no JSON at all") {
        broken = std::string("\0\xff\x01 nonsense", 12);
    }
    SUBCASE("JSON, but a list") {
        broken = "[1, 2, 3]";
    }
    write_file(file, broken);
    REQUIRE(env.start_gateway());
    CHECK(read_file(file.string() + ".corrupt") == broken);
    CHECK(env.gateway().lines_with("set aside") == 1);
    std::string unlike;
    CHECK_MESSAGE(eventually(test_timeout,
                             [&] {
                                 unlike = difference(lasting(before), lasting(env.retained()));
                                 return unlike.find("/config") == std::string::npos;
                             }),
                  unlike);
    REQUIRE(env.gateway().stop() == 0);
    CHECK(nlohmann::json::parse(read_file(file)).is_object());
}

TEST_CASE("state with a wrong value in every place does no harm") {
    TestEnvironment env;
    REQUIRE(env.start_gateway());
    REQUIRE(env.gateway().stop() == 0);
    const auto file = printer_file(env, 0);
    const auto whole = nlohmann::json::parse(read_file(file));
    for (const auto& wrong : {nlohmann::json(nullptr), nlohmann::json(-1), nlohmann::json("x"),
                              nlohmann::json::array({1}), nlohmann::json{{"x", 1}}}) {
        CAPTURE(wrong.dump());
        auto content = whole;
        for (auto& member : content.items()) {
            member.value() = wrong;
        }
        write_file(file, content.dump());
        REQUIRE(env.start_gateway());
        REQUIRE(env.gateway().stop() == 0);
    }
}

TEST_CASE("continually changing reports are not written to disk") {
    TestEnvironment env{{.models = {"X1C", "P1S"}, .report_interval = 100ms}};
    REQUIRE(env.start_gateway());
    for (std::size_t i = 0; i < env.printers(); ++i) {
        REQUIRE(env.sees(i, "firmware", i == 0 ? "01.09.00.01" : "01.08.02.00"));
    }
    const auto file = printer_file(env, 0);
    REQUIRE(eventually(test_timeout, [&] { return fs::exists(file); }));
    // It may write newly detected facts once more.
    const auto result = std::chrono::steady_clock::now() + 2s;
    (void)eventually(3s, [&] { return std::chrono::steady_clock::now() >= result; });
    const auto before = fs::last_write_time(file);
    const auto end = std::chrono::steady_clock::now() + 10s;
    int percent = 0;
    (void)eventually(11s, [&] {
        for (std::size_t i = 0; i < env.printers(); ++i) {
            env.fleet().with(i, [&](auto& printer) {
                printer.merge({{"mc_percent", ++percent % 90}, {"subtask_name", "Boat"}});
            });
        }
        return std::chrono::steady_clock::now() >= end;
    });
    CHECK(fs::last_write_time(file) == before);
    CHECK(env.gateway().stop() == 0);
}
