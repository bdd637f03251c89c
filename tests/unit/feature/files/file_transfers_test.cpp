// File actions in the session: one at a time, progress, outcomes, and a print afterwards.
#include "unit/gateway/bridge_driver.hpp"

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

struct LiveWithFiles : BridgeDriver {
    explicit LiveWithFiles(const std::string& members = idle) {
        start();
        broker_up();
        go_live(members);
        advance(5s);
        (void)requests();
        forget_log();
    }

    std::uint64_t begin(const std::string& payload) {
        const auto before = jobs().size();
        command(payload);
        REQUIRE(jobs().size() == before + 1);
        return jobs().back().job;
    }

    void end(std::uint64_t job, Status status, OrderedJson data = {}, Code code = Code::none) {
        give(0,
             WorkDone{files_feature, job, FileEnd{.status = status, .code = code, .data = std::move(data)}});
    }
};

const std::string upload = R"({"command":"upload_sdcard_file","src":"a.3mf","dest":"/a.3mf"})";
const std::string upload_and_print =
    R"({"command":"upload_sdcard_file","src":"a.3mf","dest":"/a.3mf","print":{"plate":2},"request_id":"u"})";

} // namespace

TEST_SUITE("feature/files/file_transfers") {
    TEST_CASE("progress is published, and the result is the data of the outcome") {
        LiveWithFiles driver;
        const auto job = driver.begin(upload);
        CHECK(std::get<UploadFile>(std::any_cast<const FileJob&>(driver.jobs()[0].what)).dest == "/a.3mf");
        driver.advance(1s);
        CHECK(driver.state("transfer_progress") == "0");
        CHECK(driver.state("transfer_file") == "/a.3mf");
        driver.give(0, WorkProgress{files_feature, job, 50, 200});
        driver.advance(1s);
        CHECK(driver.state("transfer_progress") == "25");
        driver.end(job, Status::done, {{"path", "/a.3mf"}, {"size", 200}});
        driver.advance(1s);
        CHECK(driver.state("transfer_progress") == "100");
        CHECK(driver.state("transfer_file") == "None");
        const auto texts = driver.responses();
        REQUIRE(texts.size() == 2);
        CHECK(texts[0]["status"] == "progress");
        CHECK(texts[0]["data"] == Json{{"bytes", 50}, {"total", 200}});
        CHECK(texts[1]["status"] == "done");
        CHECK(texts[1]["data"]["size"] == 200);
        CHECK(driver.state("last_command") == "done");
    }

    TEST_CASE("one file action at a time, and it can be cancelled") {
        LiveWithFiles driver;
        driver.command(R"({"command":"cancel_transfer"})");
        CHECK(driver.responses().back()["code"] == "conflict");
        const auto job = driver.begin(upload);
        driver.command(R"({"command":"get_sdcard_contents"})");
        CHECK(driver.responses().back()["code"] == "busy");
        CHECK(driver.jobs().size() == 1);
        driver.command(R"({"command":"cancel_transfer"})");
        CHECK(driver.responses().back()["status"] == "done");
        CHECK(driver.cancelled_jobs() == 1);
        driver.end(job, Status::failed);
        CHECK(driver.responses().back()["status"] == "failed");
        driver.begin(R"({"command":"get_sdcard_contents"})");
    }

    TEST_CASE("an upload with print starts the print once the file is stored") {
        LiveWithFiles driver;
        const auto job = driver.begin(upload_and_print);
        CHECK(std::get<UploadFile>(std::any_cast<const FileJob&>(driver.jobs()[0].what)).plate == 2);
        CHECK(driver.requests().empty());
        driver.end(job, Status::done, {{"path", "/a.3mf"}, {"size", 7}});
        const auto sent = driver.requests();
        REQUIRE(sent.size() == 1);
        CHECK(sent[0]["print"]["command"] == "project_file");
        CHECK(sent[0]["print"]["param"] == "Metadata/plate_2.gcode");
        CHECK(driver.responses().empty());
        driver.advance(100s);
        driver.report(partial(R"("gcode_state":"PREPARE","subtask_name":"a")"));
        REQUIRE(driver.responses().size() == 1);
        CHECK(driver.responses()[0]["status"] == "effective");
        CHECK(driver.responses()[0]["request_id"] == "u");
        CHECK(driver.responses()[0]["data"]["size"] == 7);
    }

    TEST_CASE("a print that is no longer allowed is refused, and the outcome says that the file is stored") {
        LiveWithFiles driver;
        const auto job = driver.begin(upload_and_print);
        driver.report(partial(R"("gcode_state":"RUNNING")"));
        driver.end(job, Status::done, {{"path", "/a.3mf"}});
        CHECK(driver.requests().empty());
        REQUIRE(driver.responses().size() == 1);
        CHECK(driver.responses()[0]["code"] == "busy");
        CHECK(driver.responses()[0]["data"]["path"] == "/a.3mf");

        LiveWithFiles gone;
        const auto second = gone.begin(upload_and_print);
        gone.printer_down();
        gone.end(second, Status::done, {{"path", "/a.3mf"}});
        CHECK(gone.responses()[0]["code"] == "offline");

        LiveWithFiles failed;
        failed.end(failed.begin(upload_and_print), Status::failed);
        CHECK(failed.requests().empty());
        CHECK(failed.responses()[0]["status"] == "failed");
    }

    TEST_CASE("an upload with print is refused immediately while there is a job") {
        LiveWithFiles driver{R"("gcode_state":"PAUSE")"};
        driver.command(upload_and_print);
        CHECK(driver.jobs().empty());
        CHECK(driver.responses()[0]["code"] == "busy");
        driver.begin(upload); // the file itself is allowed
    }

    TEST_CASE("job ids of prints are positive and unique") {
        LiveWithFiles driver;
        driver.command(R"({"command":"print_3mf_file","name":"/a.3mf"})");
        driver.command(R"({"command":"print_3mf_file","name":"/b.3mf"})");
        const auto sent = driver.requests();
        REQUIRE(sent.size() == 2);
        const auto first = std::stoll(sent[0]["print"]["task_id"].get<std::string>());
        const auto second = std::stoll(sent[1]["print"]["task_id"].get<std::string>());
        CHECK(first > 0);
        CHECK(second == first + 1);
        CHECK(second <= 2147483647);
    }

    TEST_CASE("the last listing is part of get_state") {
        LiveWithFiles driver;
        const auto job = driver.begin(R"({"command":"get_sdcard_3mf_files"})");
        CHECK(std::get<ListFiles>(std::any_cast<const FileJob&>(driver.jobs()[0].what)).only_3mf);
        driver.end(job, Status::done, {{"name", "/"}});
        driver.command(R"({"command":"get_state"})");
        const auto files = driver.responses().back()["data"]["files"];
        CHECK(files["files"]["name"] == "/");
        CHECK(files["listed_at"] == rfc3339(driver.now().wall));
    }

    TEST_CASE("the last listing survives a restart") {
        LiveWithFiles driver;
        const auto job = driver.begin(R"({"command":"get_sdcard_contents"})");
        driver.end(job, Status::done, {{"name", "/"}, {"children", {{{"name", "b\xFF.3mf"}}}}});
        const auto listed_at = rfc3339(driver.now().wall);
        driver.advance(10s);
        REQUIRE(driver.saved(0).contains("files"));
        BridgeDriver later{{.saved = {driver.saved(0)}}};
        later.start();
        later.broker_up();
        later.command(R"({"command":"get_state"})");
        const auto files = later.responses().back()["data"]["files"];
        CHECK(files["files"]["name"] == "/");
        CHECK(files["listed_at"] == listed_at);
    }

    TEST_CASE("a listing too large for the state file is kept in memory only") {
        LiveWithFiles driver;
        const auto job = driver.begin(R"({"command":"get_sdcard_contents"})");
        driver.end(job, Status::done, {{"name", std::string(600UL * 1024, 'a')}});
        driver.advance(10s);
        CHECK_FALSE(driver.saved(0).contains("files"));
        driver.command(R"({"command":"get_state"})");
        CHECK(driver.responses().back()["data"]["files"].is_object());
    }

    TEST_CASE("at shutdown a transfer ends as failed") {
        LiveWithFiles driver;
        driver.begin(upload);
        driver.shutdown();
        driver.turn();
        CHECK(driver.responses()[0]["status"] == "failed");
        CHECK(driver.cancelled_jobs() == 1);
    }
}
