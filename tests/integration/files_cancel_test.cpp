// One job at a time, cancelled at any moment, and fast shutdown of a link.
#include "files_fixture.hpp"
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"

#include <algorithm>

namespace bambu2mqtt::files_test {

namespace {

using test_support::eventually;

/// A server that reads so slowly that a transfer of this size takes minutes.
struct SlowPrinter : OddPrinter {
    SlowPrinter() {
        write_file(local.directory / "big", std::string(20'000'000, 'x'));
        server.put("/big", std::string(20'000'000, 'y'));
        server.behave({.slow = 20ms});
    }

    [[nodiscard]] UploadFile upload() const { return {LocalSource{"big"}, "/big.3mf"}; }
};

} // namespace

TEST_CASE("a cancelled upload ends within seconds, and its partial file is removed and named") {
    SlowPrinter printer;
    printer.start(printer.upload());
    REQUIRE(printer.moving());
    const auto cancelled = std::chrono::steady_clock::now();
    printer.link().cancel();
    const auto end = printer.ended();
    CHECK(ending(end) == "failed");
    CHECK(end.message == "cancelled; the partial file is removed");
    CHECK(std::chrono::steady_clock::now() - cancelled < timeout_factor * 5s);
    CHECK(printer.server.paths() == std::vector<std::string>{"/big"});
    printer.server.behave({});
    CHECK(ending(printer.run(UploadFile{InlineSource{"x"}, "/x"})) == "done");
}

TEST_CASE("a cancelled download leaves no local file") {
    SlowPrinter printer;
    printer.start(DownloadFile{"/big", "big copy"});
    REQUIRE(printer.moving());
    printer.link().cancel();
    const auto end = printer.ended();
    CHECK(ending(end) == "failed");
    CHECK(contains(end.message, "cancelled"));
    CHECK(printer.local_names() == std::vector<std::string>{"big"});
}

TEST_CASE("a real server also discards a cancelled upload") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer({.more_lines = {"local_max_rate=500000"}});
    write_file(printer.local.directory / "big", std::string(20'000'000, 'x'));
    printer.start(UploadFile{LocalSource{"big"}, "/big.3mf"});
    REQUIRE(printer.moving());
    printer.link().cancel();
    CHECK(printer.ended().message == "cancelled; the partial file is removed");
    CHECK(std::filesystem::is_empty(printer.server.storage()));
}

TEST_CASE("while a job runs another is refused immediately, and the first continues") {
    SlowPrinter printer;
    printer.start(printer.upload());
    REQUIRE(printer.moving());
    printer.link().start(7, ListFiles{}, "127.0.0.1");
    bool refused = false;
    while (!refused) {
        const auto event = printer.inbox.queue.pop_until(std::chrono::steady_clock::now() + 10s);
        REQUIRE(event.has_value());
        if (const auto* const done = std::get_if<WorkDone>(&event->body)) {
            CHECK(done->job == 7);
            CHECK(ending(std::any_cast<FileEnd>(done->result)) == "refused busy");
            refused = true;
        }
    }
    REQUIRE(printer.moving());
    printer.link().cancel();
    CHECK(ending(printer.ended()) == "failed");
}

TEST_CASE("shutting down a link takes about a second at most and still removes the partial upload") {
    SlowPrinter printer;
    printer.start(printer.upload());
    REQUIRE(printer.moving());
    const auto begun = std::chrono::steady_clock::now();
    printer.forget_link();
    CHECK(std::chrono::steady_clock::now() - begun < timeout_factor * 1500ms);
    CHECK(ending(printer.ended(timeout_factor * 1s)) == "failed");
    CHECK(
        eventually(test_timeout, [&] { return printer.server.paths() == std::vector<std::string>{"/big"}; }));
}

TEST_CASE("a link also shuts down quickly while the server is silent: during login, on a data connection") {
    {
        Files printer;
        const links_test::SilentServer silent;
        printer.config.ftps_port = silent.port();
        printer.config.tls = TlsMode::insecure;
        printer.limits.ftps.connect = 60s;
        printer.start(ListFiles{});
        REQUIRE(eventually(test_timeout, [&] { return gateway_test::connections_to(silent.port()) == 1; }));
        const auto begun = std::chrono::steady_clock::now();
        printer.forget_link();
        CHECK(std::chrono::steady_clock::now() - begun < timeout_factor * 1500ms);
        CHECK(ending(printer.ended(timeout_factor * 1s)) == "failed");
    }
    OddPrinter printer;
    printer.limits.ftps.connect = 60s;
    printer.server.put("/x", "12345");
    printer.server.behave({.silent_data = true});
    printer.start(DownloadFile{"/x", "x"});
    REQUIRE(eventually(test_timeout, [&] {
        const auto commands = printer.server.commands();
        return std::find(commands.begin(), commands.end(), "RETR /x") != commands.end() ||
               std::find(commands.begin(), commands.end(), "EPSV ") != commands.end();
    }));
    const auto begun = std::chrono::steady_clock::now();
    printer.forget_link();
    CHECK(std::chrono::steady_clock::now() - begun < timeout_factor * 1500ms);
    CHECK(ending(printer.ended(timeout_factor * 1s)) == "failed");
    CHECK(printer.local_names().empty());
}

TEST_CASE("cancelling does nothing when no job runs or the job has finished") {
    OddPrinter printer;
    CHECK(ending(printer.run(ListFiles{})) == "done");
    printer.link().cancel();
    CHECK(printer.inbox.silent());
    CHECK(ending(printer.run(ListFiles{})) == "done");
}

} // namespace bambu2mqtt::files_test
