// Access codes and passwords do not leak: not into a log, a topic, a file, the system's view of a process,
// nor into the core dump of a crash.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"
#include "support/vsftpd.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <signal.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::Pki;
using bambu2mqtt::test_support::Process;
using bambu2mqtt::test_support::read_file;
using bambu2mqtt::test_support::TemporaryDirectory;
using bambu2mqtt::test_support::Vsftpd;
using bambu2mqtt::test_support::write_file;
using nlohmann::json;

namespace {

const std::string password = "canary-broker-password-7391";

void replace(std::string& text, const std::string& what, const std::string& with) {
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    text.replace(at, what.size(), with);
}

/// The contents of all files of a folder, concatenated.
std::string all_of(const std::filesystem::path& folder) {
    std::string all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
        all += entry.path().string() + "\n" + (entry.is_regular_file() ? read_file(entry.path()) : "");
    }
    return all;
}

/// The environment of this test: one working printer, with files, one with a wrong code, one with another
/// serial.
class Secrets {
  public:
    Secrets() : env{{.models = {"X1C", "P1S", "A1MINI"}, .password = password}} {
        for (std::size_t i = 0; i < env.printers(); ++i) {
            canaries.push_back(fmt::format("canary-code-{}", i));
            env.fleet().change_access_code(i, canaries.back());
        }
        auto refused = env.fleet().printers()[1];
        refused.access_code = "canary-refused-code";
        canaries.push_back(refused.access_code);
        auto other = env.fleet().printers()[2];
        other.serial = "0309CA000000099";
        std::string ftps;
        if (Vsftpd::available()) {
            const auto& serial = env.fleet().printers()[0].serial;
            pki_ = std::make_unique<Pki>(env.directory() / "files-ca");
            const auto leaf = pki_->issue({.common_name = serial}, "leaf");
            files = std::make_unique<Vsftpd>(
                bambu2mqtt::test_support::VsftpdOptions{.directory = env.directory() / "files",
                                                        .certificate = leaf.certificate,
                                                        .key = leaf.key,
                                                        .access_code = canaries[1]});
            // Its certificate differs from that of MQTT.
            ftps = fmt::format("tls = \"insecure\"\nftps_port = {}", files->port());
        } else {
            MESSAGE("skipped: no vsftpd here, nothing is uploaded");
        }
        config = env.config({.broker_lines = "username = \"gateway\"\npassword = \"" + password + "\"",
                             .more_lines = "[log]\nlevel = \"trace\"\n\n"
                                           "[control]\nraw_commands = true\nraw_topics = true\n",
                             .printer_lines = {{0, ftps}},
                             .replace = {{1, refused}, {2, other}}});
        // Two secrets are read from files.
        write_file(env.directory() / "password", password + "\n");
        write_file(env.directory() / "code", canaries[1] + "\n");
        replace(config, "password = \"" + password + "\"",
                "password_file = \"" + (env.directory() / "password").string() + "\"");
        replace(config, "access_code = \"" + canaries[1] + "\"",
                "access_code_file = \"" + (env.directory() / "code").string() + "\"");
    }

    /// Sends a command to the working printer and waits for its final outcome.
    json command(json message, const std::string& id) {
        message["request_id"] = id;
        const auto from = env.observer().count();
        env.observer().publish({.topic = env.topic(0, "command"), .payload = message.dump(), .qos = 1});
        const auto answer = env.observer().wait_for(
            [&](const auto& arrived) {
                if (arrived.topic != env.topic(0, "response")) {
                    return false;
                }
                const auto outcome = json::parse(arrived.payload);
                return outcome["request_id"] == id && outcome["status"] != "progress";
            },
            test_timeout, from);
        return answer ? json::parse(answer->payload) : json{};
    }

    std::vector<std::string> canaries{password}; ///< then the codes, by printer, then the refused one
    TestEnvironment env;
    std::unique_ptr<Vsftpd> files;
    std::string config;

  private:
    std::unique_ptr<Pki> pki_;
};

} // namespace

TEST_CASE("secrets appear in no output") {
    Secrets it;
    auto& env = it.env;
    env.gateway().configure(it.config);
    auto& observer = env.observe();
    env.gateway().start();
    REQUIRE(env.sees(0, "availability", "online"));
    REQUIRE(env.sees(1, "connection", "auth_refused"));
    REQUIRE(observer.wait_for_latest("bambu2mqtt/a1mini_0099/connection", "tls_untrusted", test_timeout));
    const auto process = fmt::format("/proc/{}/", env.gateway().pid());
    const auto shown = read_file(process + "cmdline") + read_file(process + "environ");
    REQUIRE(read_file(process + "cmdline") != "");

    // Commands with much data, and some that ask for secrets.
    const auto state = it.command({{"command", "get_state"}}, "state");
    CHECK(state["status"] == "done");
    CHECK(state["data"].is_object());
    const json ask{{"system", {{"sequence_id", "1"}, {"command", "get_access_code"}}}};
    const auto asked = it.command({{"command", "send_anything"}, {"anything", ask}}, "ask");
    CHECK(asked["status"] == "refused");
    observer.publish({.topic = env.topic(0, "raw/request"), .payload = ask.dump(), .qos = 1});
    json answer = ask;
    answer["system"]["access_code"] = it.canaries[1];
    answer["system"]["result"] = "success";
    env.fleet().driver().send(0, answer.dump());
    if (it.files) {
        const auto sent = it.command(
            {{"command", "upload_sdcard_file"}, {"content", "R2Nv"}, {"dest", "/canary-less.gcode"}},
            "upload");
        CHECK_MESSAGE(sent["status"] == "done", sent.dump());
        CHECK(read_file(it.files->storage() / "canary-less.gcode") == "Gco");
        it.files->stop();
        const auto failed =
            it.command({{"command", "delete_sdcard_file"}, {"file", "/canary-less.gcode"}}, "delete");
        CHECK(failed["status"] != "done");
    }
    env.fleet().with(0, [](auto& printer) { printer.merge({{"subtask_name", "Last"}}); });
    REQUIRE(env.sees(0, "task_name", "Last"));
    CHECK(observer.latest(env.topic(0, "raw/report")).has_value());

    const auto pinned = env.gateway().command_request({"pin", env.fleet().printers()[0].serial});
    const auto checked = env.gateway().command_request({"check"});
    const auto healthy = env.gateway().command_request({"health"});
    REQUIRE(checked.exit_code == 0);
    CHECK(env.gateway().stop() == 0);

    std::string all = env.gateway().log() + shown + pinned.output + pinned.errors + checked.output +
                      checked.errors + healthy.output + healthy.errors;
    for (const auto& message : observer.messages()) {
        all += message.topic + "\n" + message.payload + "\n";
    }
    for (const auto& [topic, payload] : env.retained()) {
        all += topic + "\n" + payload + "\n";
    }
    REQUIRE(std::filesystem::exists(env.gateway().directory() / "state"));
    all += all_of(env.gateway().directory() / "state");
    REQUIRE(env.gateway().log().find("connected") != std::string::npos);
    for (const auto& canary : it.canaries) {
        CAPTURE(canary);
        CHECK(all.find(canary) == std::string::npos);
    }

    // Nor when the configuration is invalid.
    it.config.insert(0, "nonsense = 1\n");
    const std::string key = "access_code = \"";
    it.config.insert(it.config.find(key) + key.size() - 1, "x");
    env.gateway().configure(it.config);
    const auto broken = env.gateway().command_request({"check"});
    CHECK(broken.exit_code == 2);
    CHECK(broken.errors != "");
    for (const auto& canary : it.canaries) {
        CHECK(broken.errors.find(canary) == std::string::npos);
    }
}

TEST_CASE("a crashing gateway leaves no core dump unless core dumps are enabled") {
    TestEnvironment env;
    env.gateway().configure(env.config());
    auto& observer = env.observe();
    // Number of files that a crash leaves.
    const auto left = [&](const std::string& allowed) {
        const TemporaryDirectory folder;
        Process process{{.arguments = {"sh", "-c", R"(ulimit -c unlimited; exec "$@")", "sh", program(),
                                       "--config", env.gateway().config_file().string()},
                         .output = env.directory() / "crash.log",
                         .environment = {{"BAMBU2MQTT_CORE_DUMPS", allowed},
                                         {"BAMBU2MQTT_ANNOUNCEMENTS", "off"},
                                         {"ASAN_OPTIONS", "disable_coredump=0:handle_abort=0"},
                                         {"TSAN_OPTIONS", "disable_coredump=0:handle_abort=0"}},
                         .working_directory = folder.path()}};
        const auto from = observer.count();
        REQUIRE(observer.wait_for(
            [](const auto& message) {
                return message.topic == "bambu2mqtt/bridge/state" && message.payload == "online" &&
                       !message.retained;
            },
            test_timeout, from));
        process.signal(SIGABRT);
        CHECK(process.wait(test_timeout) == 128 + SIGABRT);
        const std::filesystem::directory_iterator all{folder.path()};
        return std::distance(begin(all), end(all));
    };
    CHECK(left("") == 0);
    // Where the system stores core dumps elsewhere, this proves nothing, and the above little.
    const auto pattern = read_file("/proc/sys/kernel/core_pattern");
    if (pattern.starts_with("core")) {
        const auto dumps = left("1");
        if (dumps == 0) {
            MESSAGE("skipped: no core dump here even where it may be");
        }
    } else {
        MESSAGE("skipped: core dumps go to ", pattern);
    }
}
