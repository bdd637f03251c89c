// Exhausted resources of the machine: a full or read-only disk, no file descriptors left.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"
#include "support/sanitizers.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::Process;
using bambu2mqtt::test_support::read_file;
using bambu2mqtt::test_support::write_file;

namespace fs = std::filesystem;

namespace {

/// A small file system of its own, mounted on a folder.
class SmallDisk {
  public:
    explicit SmallDisk(fs::path folder) : folder_(std::move(folder)) {
        fs::create_directories(folder_);
        mounted_ = mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=256k,mode=0700") == 0;
        if (!mounted_) {
            MESSAGE("not run: no file system can be mounted here: ", std::strerror(errno));
        }
    }

    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    ~SmallDisk() {
        if (mounted_) {
            umount2(folder_.c_str(), MNT_DETACH);
        }
    }

    [[nodiscard]] bool mounted() const { return mounted_; }

    void make_read_only() const {
        REQUIRE(mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0);
    }

    /// Fills it completely.
    void fill() const {
        std::ofstream file{folder_ / "filler", std::ios::binary};
        const std::string piece(4096, 'x');
        while (file.write(piece.data(), static_cast<std::streamsize>(piece.size())).flush()) {
        }
    }

    void empty() const { fs::remove(folder_ / "filler"); }

  private:
    fs::path folder_;
    bool mounted_ = false;
};

fs::path state_of(TestEnvironment& env) {
    return env.gateway().directory() / "state";
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream{text};
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

} // namespace

TEST_CASE("attack: a disk that fills up later disturbs nothing, and is written to once there is space") {
    TestEnvironment env;
    const SmallDisk disk{state_of(env)};
    if (!disk.mounted()) {
        return;
    }
    REQUIRE(env.start_gateway());
    REQUIRE(env.sees(0, "firmware", "01.09.00.01"));
    const auto file = state_of(env) / "printers" / (env.fleet().printers().at(0).serial + ".json");
    REQUIRE(eventually(test_timeout, [&] { return fs::exists(file); }));
    disk.fill();
    auto job = [&](const std::string& name) {
        env.fleet().with(0, [&](auto& printer) {
            printer.merge({{"gcode_state", "RUNNING"}, {"subtask_name", name}, {"mc_percent", 10}});
        });
        CHECK(env.sees(0, "print_status", "running"));
        env.fleet().with(0, [&](auto& printer) { printer.merge({{"gcode_state", "FINISH"}}); });
        CHECK(env.sees(0, "print_status", "finish"));
    };
    job("Boat");
    CHECK(eventually(test_timeout, [&] { return env.gateway().lines_with("No space left on device") == 1; }));
    job("House");
    CHECK(env.sees(0, "availability", "online"));
    CHECK(env.gateway().command_request({"health"}).exit_code == 0);
    CHECK(env.gateway().lines_with("No space left on device") == 1);
    CHECK(env.gateway().lines_with("state files are written again") == 0);
    disk.empty();
    job("Garden");
    CHECK(eventually(2 * test_timeout,
                     [&] { return env.gateway().lines_with("state files are written again") == 1; }));
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("attack: a state directory that cannot be written ends the start with exit code 1 and the reason") {
    TestEnvironment env;
    env.gateway().configure(env.config());
    const auto refused = [&](std::string_view reason) {
        const auto run = env.gateway().command_request({"run"});
        CHECK(run.exit_code == 1); // the problem may be solved later: the service manager restarts it
        CHECK_MESSAGE(run.errors.find("state_directory") != std::string::npos, run.errors);
        CHECK_MESSAGE(run.errors.find(reason) != std::string::npos, run.errors);
    };
    SUBCASE("a file in place of the directory") {
        fs::remove_all(state_of(env));
        write_file(state_of(env), "in the way");
        refused("Not a directory");
    }
    SUBCASE("a read-only file system") {
        const SmallDisk disk{env.gateway().directory() / "mounted"};
        if (disk.mounted()) {
            auto text = env.config();
            const auto before = state_of(env).string();
            const auto after = (env.gateway().directory() / "mounted/state").string();
            REQUIRE(text.find(before) != std::string::npos); // state_directory, and files.directory below it
            for (auto at = text.find(before); at != std::string::npos;
                 at = text.find(before, at + after.size())) {
                text.replace(at, before.size(), after);
            }
            env.gateway().configure(text);
            SUBCASE("without the directory") {}
            SUBCASE("with the directory of an earlier run") {
                fs::create_directories(env.gateway().directory() / "mounted/state");
                write_file(env.gateway().directory() / "mounted/state/gateway.lock", "0 0 \n");
            }
            disk.make_read_only();
            refused("Read-only file system");
        }
    }
}

TEST_CASE("attack: without file descriptors the gateway reports a local problem") {
    if (bambu2mqtt::test_support::sanitized) {
        MESSAGE("skipped: sanitizers need file descriptors for their own checks");
        return;
    }
    TestEnvironment env;
    env.gateway().configure(env.config());
    for (const int limit : {8, 10, 12, 14, 16, 18, 20, 24}) {
        CAPTURE(limit);
        const auto log = env.directory() / fmt::format("limited-{}.log", limit);
        Process process{{.arguments = {"sh", "-c", fmt::format("ulimit -n {} && exec \"$0\" \"$@\"", limit),
                                       program(), "--config", env.gateway().config_file().string()},
                         .output = log,
                         .environment = {{"BAMBU2MQTT_ANNOUNCEMENTS", "off"}}}};
        const auto ended = process.wait(4s);
        const auto text = read_file(log);
        CAPTURE(text);
        if (ended) { // it could not even start
            CHECK(*ended == 1);
            CHECK(text.find("Too many open files") != std::string::npos);
            continue;
        }
        for (const auto& line : lines_of(text)) {
            const bool failure = line.find("not connected:") != std::string::npos ||
                                 line.find("unreachable:") != std::string::npos ||
                                 line.find("tls_untrusted:") != std::string::npos ||
                                 line.find("cannot ") != std::string::npos;
            const bool true_reason = line.find("no file descriptors left") != std::string::npos ||
                                     line.find("Too many open files") != std::string::npos;
            CHECK_MESSAGE((!failure || true_reason), line);
        }
        CHECK(process.terminate() == 0);
    }
}
