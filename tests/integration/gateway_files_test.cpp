// Files through the whole gateway: commands in, a real vsftpd behind each printer, and the printer that
// prints from it. FTPS faults are tested in files_*_test.cpp.
#include "integration/command_client.hpp"
#include "integration/file_samples.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

using namespace bambu2mqtt;
using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::ObservedMessage;
using bambu2mqtt::test_support::read_file;
using bambu2mqtt::test_support::write_file;

namespace fs = std::filesystem;

namespace {

/// Paths of all files and folders below, as a client of the server sees them.
std::vector<std::string> paths_below(const fs::path& folder) {
    std::vector<std::string> paths;
    for (const auto& entry : fs::recursive_directory_iterator{folder}) {
        paths.push_back("/" + entry.path().lexically_relative(folder).string());
    }
    std::ranges::sort(paths);
    return paths;
}

using Paths = std::vector<std::string>;

/// Waits for a payload on a topic of the first printer, from a position on, that fulfils the predicate.
template <typename Predicate>
bool comes(TestEnvironment& env, const std::string& name, std::size_t from, Predicate fits) {
    const auto topic = env.topic(0, name);
    return env.observer()
        .wait_for(
            [&](const ObservedMessage& message) { return message.topic == topic && fits(message.payload); },
            test_timeout, from)
        .has_value();
}

/// Between 1 and 99 per cent.
bool is_half_way(const std::string& payload) {
    return !payload.empty() && payload.size() < 3 && payload != "0" && payload[0] != 'N';
}

} // namespace

TEST_CASE("files are uploaded, listed, checked, renamed, downloaded and deleted by commands") {
    if (no_vsftpd()) {
        return;
    }
    TestEnvironment env{{.models = {"X1C"}, .file_servers = true}};
    REQUIRE(env.start_gateway());
    CommandClient client{env};
    const auto storage = env.fleet().file_server(0).storage();
    write_file(env.local_files() / "Größe & \"Maß\".gcode.3mf", sliced());
    write_file(env.local_files() / "notes.txt", "hello");

    const auto sent = client.ask("upload_sdcard_file",
                                 {{"src", "Größe & \"Maß\".gcode.3mf"}, {"dest", "/parts/two parts/"}});
    CHECK(ending(sent) == "done");
    const std::string path = "/parts/two parts/Größe & \"Maß\".gcode.3mf";
    CHECK(sent["data"] == json{{"path", path}, {"size", sliced().size()}});
    CHECK(read_file(storage / path.substr(1)) == sliced());
    CHECK(ending(client.ask("upload_sdcard_file", {{"src", (env.local_files() / "notes.txt").string()},
                                                   {"dest", "/notes.txt"}})) == "done");
    CHECK(ending(client.ask("upload_sdcard_file", {{"src", "notes.txt"}, {"dest", "/notes.txt"}})) == "done");
    CHECK(ending(client.ask("upload_sdcard_file", {{"content", "aGVsbG8="}, {"dest", "hello.txt"}})) ==
          "done");
    CHECK(read_file(storage / "hello.txt") == "hello");

    const auto all = client.ask("get_sdcard_contents");
    CHECK(ending(all) == "done");
    REQUIRE(all["data"]["children"].size() == 3);
    CHECK(all["data"]["size"] == sliced().size() + 10);
    const auto printable = client.ask("get_sdcard_3mf_files");
    REQUIRE(printable["data"]["children"].size() == 1);
    CHECK(printable["data"]["children"][0]["children"][0]["children"][0]["path"] == path);
    const auto state = client.ask("get_state");
    CHECK(state["data"]["files"]["files"] == printable["data"]);
    CHECK(state["data"]["files"]["listed_at"].get<std::string>().ends_with("Z"));

    CHECK(client.ask("sdcard_file_exists", {{"path", path}})["data"]["exists"] == true);
    CHECK(client.ask("sdcard_file_exists", {{"path", "/other"}})["data"]["exists"] == false);
    CHECK(ending(client.ask("make_sdcard_directory", {{"dir", "/done/now"}})) == "done");
    const auto moved = client.ask("rename_sdcard_file", {{"src", path}, {"dest", "/done/now/x.3mf"}});
    CHECK(ending(moved) == "done");
    CHECK(moved["data"]["path"] == "/done/now/x.3mf");

    const auto fetched =
        client.ask("download_sdcard_file", {{"src", "/done/now/x.3mf"}, {"dest", "back.3mf"}});
    CHECK(ending(fetched) == "done");
    CHECK(read_file(env.local_files() / "back.3mf") == sliced());
    CHECK(client.ask("download_sdcard_file", {{"src", "/hello.txt"}})["data"]["content"] == "aGVsbG8=");

    CHECK(ending(client.ask("delete_sdcard_file", {{"file", "/notes.txt"}})) == "done");
    CHECK(ending(client.ask("delete_sdcard_file", {{"file", "/notes.txt"}})) == "refused not_found");
    const auto gone = client.ask("delete_sdcard_folder", {{"path", "/done"}});
    CHECK(ending(gone) == "done");
    CHECK(gone["data"]["path"] == "/done");
    CHECK(paths_below(storage) == Paths{"/hello.txt", "/parts", "/parts/two parts"});
    CHECK(env.sees(0, "last_command", "done"));
    CHECK(env.sees(0, "transfer_file", "None"));
}

TEST_CASE("an upload with print: the plate is checked, and the printer prints the uploaded file") {
    if (no_vsftpd()) {
        return;
    }
    TestEnvironment env{{.models = {"X1C", "A1MINI"}, .durations = {.print = 60s}, .file_servers = true}};
    REQUIRE(env.start_gateway());
    write_file(env.local_files() / "Boat.gcode.3mf", sliced());
    for (std::size_t index = 0; index < 2; ++index) {
        CAPTURE(index);
        CommandClient client{env, index};
        const auto print = [&](const json& arguments) {
            return client.ask(
                "upload_sdcard_file",
                {{"src", "Boat.gcode.3mf"}, {"dest", "/jobs/Boat.gcode.3mf"}, {"print", arguments}});
        };
        const auto no_plate = print({{"plate", 3}});
        CHECK(ending(no_plate) == "refused not_found");
        CHECK(says(no_plate, "it has 1, 2"));
        CHECK(ending(print({{"plait", 1}})) == "refused invalid_argument");
        CHECK(paths_below(env.fleet().file_server(index).storage()).empty());
        CHECK(client.requested("print.project_file") == 0);

        const auto printed = print({{"plate", 2}, {"use_ams", false}});
        CHECK(ending(printed) == "effective");
        CHECK(printed["data"]["path"] == "/jobs/Boat.gcode.3mf");
        CHECK(env.sees(index, "task_name", "Boat"));
        CHECK(env.sees(index, "print_status", "running"));
        const auto requests = env.fleet().requests(index, "print.project_file");
        REQUIRE(requests.size() == 1);
        CHECK(requests[0]["param"] == "Metadata/plate_2.gcode");
        CHECK(requests[0]["url"] ==
              (index == 0 ? "ftp:///jobs/Boat.gcode.3mf" : "file:///sdcard/jobs/Boat.gcode.3mf"));

        // While it prints, its file cannot be changed, and no other print starts.
        CHECK(ending(client.ask("delete_sdcard_file", {{"file", "/jobs/Boat.gcode.3mf"}})) ==
              "refused conflict");
        CHECK(ending(print({{"plate", 1}})).starts_with("refused"));
        CHECK(ending(client.ask("upload_sdcard_file", {{"content", "eA=="}, {"dest", "/next.txt"}})) ==
              "done");
        CHECK(ending(client.ask("stop_printing")) == "effective");
        CHECK(ending(client.ask("delete_sdcard_folder", {{"path", "/jobs"}})) == "done");
        CHECK(client.requested("print.project_file") == 1);
    }
}

TEST_CASE("a file on the printer is printed with the command for its type") {
    if (no_vsftpd()) {
        return;
    }
    TestEnvironment env{{.models = {"A1MINI"}, .file_servers = true}};
    REQUIRE(env.start_gateway());
    CommandClient client{env};
    write_file(env.fleet().file_server(0).storage() / "there.3mf", sliced());
    CHECK(ending(client.ask("print_3mf_file", {{"name", "there.3mf"}})) == "effective");
    CHECK(env.sees(0, "task_name", "there"));
    CHECK(ending(client.ask("print_gcode_file", {{"name", "/there.3mf"}})).starts_with("refused"));
}

TEST_CASE("a transfer reports progress, blocks others, and can be cancelled") {
    if (no_vsftpd()) {
        return;
    }
    TestEnvironment env{{.models = {"X1C"},
                         .file_servers = true,
                         .file_server_lines = {"local_max_rate=2000000"}}}; // 10 s for the whole file
    REQUIRE(env.start_gateway());
    CommandClient client{env};
    const auto storage = env.fleet().file_server(0).storage();
    write_file(env.local_files() / "big.3mf", std::string(20'000'000, 'x'));
    const auto from = env.observer().count();
    const auto upload = client.send("upload_sdcard_file", {{"src", "big.3mf"}, {"dest", "/big.3mf"}});
    REQUIRE(comes(env, "transfer_progress", from, is_half_way));
    CHECK(env.sees(0, "transfer_file", "/big.3mf"));
    CHECK(ending(client.ask("get_sdcard_contents")) == "refused busy");
    CHECK(ending(client.ask("set_light_state", {{"state", "off"}})) == "effective"); // not delayed
    CHECK(ending(client.ask("cancel_transfer")) == "done");
    const auto end = client.outcome(upload);
    CHECK(ending(end) == "failed");
    CHECK(says(end, "cancelled"));
    CHECK(env.sees(0, "transfer_file", "None"));
    CHECK(eventually(test_timeout, [&] { return paths_below(storage).empty(); }));
    CHECK(ending(client.ask("cancel_transfer")) == "refused conflict");
    const auto answers = client.answers(upload);
    REQUIRE(answers.size() > 1);
    CHECK(answers[0]["status"] == "progress");
    CHECK(answers[0]["data"]["total"] == 20'000'000);
    CHECK(answers.back() == end);
    for (std::size_t i = 2; i + 1 < answers.size(); ++i) {
        CHECK(answers[i]["data"]["bytes"] > answers[i - 1]["data"]["bytes"]);
    }

    // The next one succeeds, as its outcome shows.
    write_file(env.local_files() / "small.3mf", std::string(2'000'000, 'x'));
    CHECK(ending(client.ask("upload_sdcard_file", {{"src", "small.3mf"}, {"dest", "/small.3mf"}})) == "done");
    CHECK(env.sees(0, "transfer_progress", "100"));
    CHECK(paths_below(storage) == Paths{"/small.3mf"});
}

TEST_CASE("stopping the gateway during a transfer is quick, reports the outcome and leaves no partial file") {
    if (no_vsftpd()) {
        return;
    }
    TestEnvironment env{
        {.models = {"X1C"}, .file_servers = true, .file_server_lines = {"local_max_rate=1000000"}}};
    REQUIRE(env.start_gateway());
    CommandClient client{env};
    write_file(env.local_files() / "big.3mf", std::string(20'000'000, 'x'));
    const auto from = env.observer().count();
    const auto upload = client.send("upload_sdcard_file", {{"src", "big.3mf"}, {"dest", "/big.3mf"}});
    REQUIRE(comes(env, "transfer_progress", from, is_half_way));
    CHECK(env.gateway().stop() == 0);
    CHECK(ending(client.outcome(upload)) == "failed");
    const auto storage = env.fleet().file_server(0).storage();
    CHECK(eventually(test_timeout, [&] { return paths_below(storage).empty(); }));
}

TEST_CASE("a missing file service or another access code fails the command and nothing else") {
    if (no_vsftpd()) {
        return;
    }
    TestEnvironment env{{.models = {"X1C"}, .file_servers = true}};
    REQUIRE(env.start_gateway());
    CommandClient client{env};
    env.fleet().file_server(0).use_access_code("00000000");
    const auto refused = client.ask("get_sdcard_contents");
    CHECK(ending(refused) != "done");
    CHECK(says(refused, "access code"));
    env.fleet().file_server(0).stop();
    const auto failed = client.ask("get_sdcard_contents");
    CHECK(ending(failed) == "failed");
    CHECK_FALSE(failed["message"].is_null());
    CHECK(env.seen(0, "availability") == "online");
    env.fleet().file_server(0).use_access_code(env.fleet().printers()[0].access_code);
    CHECK(ending(client.ask("get_sdcard_contents")) == "done");
    CHECK(env.gateway().log().find(env.fleet().printers()[0].access_code) == std::string::npos);
}

TEST_CASE("no path is outside files.directory or out of the printer's storage") {
    if (no_vsftpd()) {
        return;
    }
    TestEnvironment env{{.models = {"X1C"}, .file_servers = true}};
    REQUIRE(env.start_gateway());
    CommandClient client{env};
    const auto outside = env.gateway().directory() / "secret";
    write_file(outside, "secret");
    write_file(env.local_files() / "own.txt", "own");
    fs::create_symlink(outside, env.local_files() / "link");
    fs::create_directory_symlink(env.gateway().directory(), env.local_files() / "out");
    for (const std::string& src : Paths{"../secret", outside.string(), "/etc/passwd", "link", "out/secret",
                                        "sub/../../secret", "out/bambu2mqtt.toml"}) {
        CAPTURE(src);
        CHECK(ending(client.ask("upload_sdcard_file", {{"src", src}, {"dest", "/stolen"}})) ==
              "refused not_allowed");
    }
    REQUIRE(ending(client.ask("upload_sdcard_file", {{"src", "own.txt"}, {"dest", "/own.txt"}})) == "done");
    const auto before = paths_below(env.gateway().directory());
    for (const std::string& dest : Paths{"../planted", (env.gateway().directory() / "planted").string(),
                                         "out/planted", "/tmp/planted"}) {
        CAPTURE(dest);
        CHECK(ending(client.ask("download_sdcard_file", {{"src", "/own.txt"}, {"dest", dest}})) ==
              "refused not_allowed");
    }
    // A symbolic link in place of the file is replaced, not followed.
    CHECK(ending(client.ask("download_sdcard_file", {{"src", "/own.txt"}, {"dest", "link"}})) == "done");
    CHECK(fs::is_regular_file(fs::symlink_status(env.local_files() / "link")));
    CHECK(read_file(outside) == "secret");
    for (const std::string& path :
         Paths{"/../own.txt", "/a/../../b", "/a\r\nDELE /own.txt", "/a\nb", std::string("/a\0b", 4)}) {
        CAPTURE(path);
        CHECK(ending(client.ask("upload_sdcard_file", {{"src", "own.txt"}, {"dest", path}})) ==
              "refused invalid_argument");
        CHECK(ending(client.ask("delete_sdcard_file", {{"file", path}})) == "refused invalid_argument");
        CHECK(ending(client.ask("rename_sdcard_file", {{"src", "/own.txt"}, {"dest", path}})) ==
              "refused invalid_argument");
        CHECK(ending(client.ask("get_sdcard_contents", {{"path", path}})) == "refused invalid_argument");
        CHECK(ending(client.ask("print_3mf_file", {{"name", path + ".3mf"}})) == "refused invalid_argument");
    }
    for (const std::string& own : Paths{"/", "/cache", "/timelapse"}) {
        CAPTURE(own);
        CHECK(ending(client.ask("delete_sdcard_folder", {{"path", own}})) == "refused not_allowed");
    }
    CHECK(ending(client.ask("upload_sdcard_file", {{"url", "http://127.0.0.1:1/x"}, {"dest", "/x"}})) ==
          "refused not_allowed");
    CHECK(ending(client.ask("upload_sdcard_file", {{"url", "file:///etc/passwd"}, {"dest", "/x"}})) ==
          "refused invalid_argument");
    CHECK(paths_below(env.fleet().file_server(0).storage()) == Paths{"/own.txt"});
    CHECK(paths_below(env.gateway().directory()) == before);
}

TEST_CASE("inline content is accepted and returned up to files.inline_limit") {
    if (no_vsftpd()) {
        return;
    }
    TestEnvironment env{{.models = {"X1C"}, .file_servers = true}};
    auto changes = ConfigChanges{};
    changes.files_lines = "inline_limit = 4";
    REQUIRE(env.start_gateway(changes));
    CommandClient client{env};
    CHECK(ending(client.ask("upload_sdcard_file", {{"content", "Zm91cg=="}, {"dest", "/four"}})) == "done");
    const auto large = client.ask("upload_sdcard_file", {{"content", "Zm91cnM="}, {"dest", "/five"}});
    CHECK(ending(large) == "refused invalid_argument");
    CHECK(says(large, "files.inline_limit"));
    CHECK(ending(client.ask("upload_sdcard_file", {{"content", "no base64!"}, {"dest", "/x"}})) ==
          "refused invalid_argument");
    CHECK(client.ask("download_sdcard_file", {{"src", "/four"}})["data"]["content"] == "Zm91cg==");
    write_file(env.fleet().file_server(0).storage() / "five", "fives");
    CHECK(ending(client.ask("download_sdcard_file", {{"src", "/five"}})).starts_with("refused"));
}
