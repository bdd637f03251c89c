#include "unit/command/command_fixture.hpp"
#include <bambu2mqtt/base/base64.hpp>

using namespace bambu2mqtt;
using test::CommandFixture;
using test::Denied;
using test::refusal_of;
using test::Sent;

namespace {

constexpr std::string_view upload = "upload_sdcard_file";

/// A path among the arguments of a command, as JSON.
struct PathArgument {
    std::string_view command{};
    std::string_view name{};
    std::string_view others{}; ///< other required arguments
};

constexpr std::array paths{PathArgument{"get_sdcard_contents", "path"},
                           PathArgument{"get_sdcard_3mf_files", "path"},
                           PathArgument{"sdcard_file_exists", "path"},
                           PathArgument{"upload_sdcard_file", "dest", R"(,"src":"a")"},
                           PathArgument{"download_sdcard_file", "src"},
                           PathArgument{"delete_sdcard_file", "file"},
                           PathArgument{"delete_sdcard_folder", "path"},
                           PathArgument{"make_sdcard_directory", "dir"},
                           PathArgument{"rename_sdcard_file", "src", R"(,"dest":"/b")"},
                           PathArgument{"rename_sdcard_file", "dest", R"(,"src":"/a")"}};

} // namespace

TEST_CASE("a listing can start at any folder and be limited to .3mf files") {
    const CommandFixture subject(Model::p1s);
    const auto all = subject.file<ListFiles>("get_sdcard_contents", "{}");
    CHECK(all.path == "/");
    CHECK_FALSE(all.only_3mf);
    const auto some = subject.file<ListFiles>("get_sdcard_3mf_files", R"({"path":"cache//sub/"})");
    CHECK(some.path == "/cache/sub");
    CHECK(some.only_3mf);
}

TEST_CASE("files are checked, downloaded, deleted and moved, and folders created") {
    const CommandFixture subject(Model::p1s);
    CHECK(subject.file<FileExists>("sdcard_file_exists", R"({"path":"a b.3mf"})").path == "/a b.3mf");
    const auto kept = subject.file<DownloadFile>("download_sdcard_file", R"({"src":"/a","dest":"b/c"})");
    CHECK(kept.path == "/a");
    CHECK(kept.dest == "b/c");
    CHECK_FALSE(subject.file<DownloadFile>("download_sdcard_file", R"({"src":"/a"})").dest.has_value());
    CHECK(subject.file<DeleteFile>("delete_sdcard_file", R"({"file":"/a"})").path == "/a");
    CHECK(subject.file<DeleteFolder>("delete_sdcard_folder", R"({"path":"/a/b"})").path == "/a/b");
    CHECK(subject.file<MakeFolder>("make_sdcard_directory", R"({"dir":"/a/b/"})").path == "/a/b");
    const auto moved = subject.file<RenameFile>("rename_sdcard_file", R"({"src":"/a","dest":"c/a"})");
    CHECK(moved.from == "/a");
    CHECK(moved.to == "/c/a");
    CHECK_FALSE(subject.plan("cancel_transfer").work.has_value());
}

TEST_CASE("paths that escape the root, and paths that name no file, are refused by every command") {
    const CommandFixture subject(Model::p1s);
    for (const auto& path : paths) {
        const auto with = [&](std::string_view value) {
            return fmt::format(R"({{"{}":{}{}}})", path.name, value, path.others);
        };
        for (const auto* const escape : {R"("/../etc/passwd")", R"("a/../../b")", R"("..")", R"("/a/./b")"}) {
            subject.denies({{path.command, with(escape), Code::invalid_argument,
                             std::string{path.name} + ": the path"}});
        }
        for (const auto* const control : {R"("/a\r\nDELE /b")", R"("/a\u0000")", R"("/a\u007f")"}) {
            subject.denies(
                {{path.command, with(control), Code::invalid_argument, std::string{path.name} + " is"}});
        }
        const auto long_path = Json("/" + std::string(512, 'a')).dump();
        subject.denies({{path.command, with(long_path), Code::invalid_argument, path.name}});
        if (path.command != "get_sdcard_contents" && path.command != "get_sdcard_3mf_files") {
            subject.denies(
                {{path.command, with(R"("")"), Code::invalid_argument, path.name},
                 {path.command, fmt::format("{{{}}}", path.others.substr(path.others.empty() ? 0 : 1)),
                  Code::invalid_argument, std::string{path.name} + " is missing"}});
        }
    }
    for (const auto& path : paths) {
        const bool folder = path.name == "dir" || path.command.starts_with("get_") ||
                            path.command == "delete_sdcard_folder" || path.command == upload;
        if (!folder) {
            const auto root = fmt::format(R"({{"{}":"//"{}}})", path.name, path.others);
            const bool renames = path.command == "rename_sdcard_file" && path.name == "src";
            subject.denies(
                {{path.command, root, renames ? Code::not_allowed : Code::invalid_argument, path.name}});
        }
    }
}

TEST_CASE("the printer's own folders are protected") {
    const CommandFixture subject(Model::x1c);
    for (const auto* const folder :
         {"/", "", "//", "/cache", "cache/", "/timelapse", "/ipcam", "/model", "/logger"}) {
        INFO("folder: ", std::string{folder});
        if (*folder != 0) {
            subject.denies({{"delete_sdcard_folder", Json{{"path", folder}}.dump(), Code::not_allowed,
                             "the printer's own folders"},
                            {"rename_sdcard_file", Json{{"src", folder}, {"dest", "/x"}}.dump(),
                             Code::not_allowed, "the printer's own folders"}});
        }
    }
    CHECK(subject.file<DeleteFolder>("delete_sdcard_folder", R"({"path":"/cache/sub"})").path ==
          "/cache/sub");
}

TEST_CASE("an upload is read from a local file, a URL or the message itself") {
    const CommandFixture subject(Model::p1s);
    const auto local = subject.file<UploadFile>(upload, R"({"src":"sub/a.3mf","dest":"/b.3mf"})");
    CHECK(std::get<LocalSource>(local.source).path == "sub/a.3mf");
    CHECK(local.dest == "/b.3mf");
    CHECK_FALSE(local.plate.has_value());
    const auto web = subject.file<UploadFile>(upload, R"({"url":"HTTPS://host/x.3mf?y=1","dest":"b.3mf"})");
    CHECK(std::get<UrlSource>(web.source).url == "HTTPS://host/x.3mf?y=1");
    const auto content = subject.file<UploadFile>(upload, R"({"content":"aGVs\nbG8=","dest":"b.txt"})");
    CHECK(std::get<InlineSource>(content.source).bytes == "hello");
    subject.denies(
        {{upload, R"({"dest":"/b"})", Code::invalid_argument, "exactly one of src, url and content"},
         {upload, R"({"src":"a","url":"http://h/","dest":"/b"})", Code::invalid_argument, "exactly one of"},
         {upload, R"({"src":"a","content":"","dest":"/b"})", Code::invalid_argument, "exactly one of"},
         {upload, R"({"url":"ftp://h/a","dest":"/b"})", Code::invalid_argument,
          "expected http:// or https://"},
         {upload, R"({"url":"file:///etc/passwd","dest":"/b"})", Code::invalid_argument, "expected http://"},
         {upload, R"({"url":"http","dest":"/b"})", Code::invalid_argument, "expected http://"},
         {upload, R"({"content":"a$b","dest":"/b"})", Code::invalid_argument,
          "content is not valid base64"}});
}

TEST_CASE("local paths that leave their folder are refused before anything is opened") {
    const CommandFixture subject(Model::p1s);
    for (const std::string out : {"../a", "/etc/passwd", "sub/../../a", "a/../b"}) {
        subject.denies({{upload, R"({"src":")" + out + R"(","dest":"/b"})", Code::not_allowed, "is outside"},
                        {"download_sdcard_file", R"({"src":"/b","dest":")" + out + R"("})", Code::not_allowed,
                         "is outside"}});
    }
    CommandFixture inside(Model::p1s);
    inside.policy.files_directory = "/data/files";
    CHECK(std::get<LocalSource>(
              inside.file<UploadFile>(upload, R"({"src":"/data/files/a","dest":"/b"})").source)
              .path == "/data/files/a");
    CHECK(inside.file<DownloadFile>("download_sdcard_file", R"({"src":"/b","dest":"/data/files/a"})").dest ==
          "/data/files/a");
    inside.denies({{upload, R"({"src":"/data/filesx/a","dest":"/b"})", Code::not_allowed, "is outside"}});
    CHECK_FALSE(subject.file<DownloadFile>("download_sdcard_file", R"({"src":"/b","inline":true})").dest);
    subject.denies({{"download_sdcard_file", R"({"src":"/b","dest":"c","inline":true})",
                     Code::invalid_argument, "one of dest and inline"}});
}

TEST_CASE("inline content has a limit") {
    CommandFixture subject(Model::p1s);
    subject.policy.inline_limit = 6;
    const auto with = [](std::string_view bytes) {
        return Json{{"content", to_base64(bytes)}, {"dest", "/b"}}.dump();
    };
    CHECK(std::get<InlineSource>(subject.file<UploadFile>(upload, with("123456")).source).bytes == "123456");
    subject.denies({{upload, with("1234567"), Code::invalid_argument,
                     "content has 7 bytes, at most 6 are expected (files.inline_limit)"}});
}

TEST_CASE("a destination folder keeps the file's name") {
    const CommandFixture subject(Model::p1s);
    const auto dest = [&](std::string_view arguments) {
        return subject.file<UploadFile>(upload, arguments).dest;
    };
    CHECK(dest(R"({"src":"sub/a b.3mf","dest":"/cache/"})") == "/cache/a b.3mf");
    CHECK(dest(R"({"src":"a.3mf","dest":"/"})") == "/a.3mf");
    CHECK(dest(R"({"url":"http://h/x/y.3mf?v=2#top","dest":"cache/"})") == "/cache/y.3mf");
    subject.denies(
        {{upload, R"({"content":"","dest":"/cache/"})", Code::invalid_argument, R"(dest is "/cache/")"},
         {upload, R"({"url":"http://h/","dest":"/cache/"})", Code::invalid_argument, R"(dest is "/cache/")"},
         {upload, R"({"src":"sub/..","dest":"/cache/"})", Code::invalid_argument, "dest: the path"}});
}

TEST_CASE("an upload with print starts the uploaded file") {
    const CommandFixture subject("p1s");
    const auto plan = subject.plan(
        upload, R"({"src":"Box.gcode.3mf","dest":"/","print":{"plate":2,"use_ams":true,"ams_mapping":[2]}})");
    REQUIRE(file_job_of(plan) != nullptr);
    const auto& job = std::get<UploadFile>(*file_job_of(plan));
    CHECK(job.dest == "/Box.gcode.3mf");
    CHECK(job.plate == 2);
    REQUIRE(plan.requests.size() == 1);
    const auto alone = subject.plan(
        "print_3mf_file", R"({"name":"/Box.gcode.3mf","plate":2,"use_ams":true,"ams_mapping":[2]})");
    CHECK(plan.requests[0] == alone.requests[0]);
    CHECK(subject.file<UploadFile>(upload, R"({"src":"a.3mf","dest":"/a.3mf","print":"{}"})").plate == 1);
    subject.denies(
        {{upload, R"({"src":"a","dest":"/a.gcode","print":{}})", Code::invalid_argument, "expected a .3mf"},
         {upload, R"({"src":"a","dest":"/a.3mf","print":{"plate":0}})", Code::invalid_argument,
          "print: plate is 0"},
         {upload, R"({"src":"a","dest":"/a.3mf","print":{"name":"/b.3mf"}})", Code::invalid_argument,
          R"(print: unknown argument "name")"},
         {upload, R"({"src":"a","dest":"/a.3mf","print":{"plat":1}})", Code::invalid_argument,
          R"(did you mean "plate"?)"},
         {upload, R"({"src":"a","dest":"/a.3mf","print":true})", Code::invalid_argument, "a JSON object"},
         {upload, R"({"src":"a","dest":"/a.3mf","print":{"ams_mapping":[8]}})", Code::not_found,
          "ams_mapping has 8"}});
}

TEST_CASE("an upload with print needs a printer that can start, a plain upload does not") {
    for (const auto* const state : {"INIT", "PREPARE", "SLICING", "RUNNING", "PAUSE"}) {
        const CommandFixture subject("p1s",
                                     fmt::format(R"("gcode_state":"{}","subtask_name":"Other")", state));
        subject.denies({{upload, R"({"src":"a","dest":"/a.3mf","print":{}})", Code::busy,
                         "this works only from idle, finish or failed"}});
        CHECK(subject.file<UploadFile>(upload, R"({"src":"a","dest":"/a.3mf"})").dest == "/a.3mf");
    }
    for (const auto* const state : {"IDLE", "FINISH", "FAILED"}) {
        const CommandFixture subject("p1s", fmt::format(R"("gcode_state":"{}")", state));
        CHECK(subject.plan(upload, R"({"src":"a","dest":"/a.3mf","print":{}})").requests.size() == 1);
    }
}

TEST_CASE("an upload with print is confirmed by the job of its file") {
    CommandFixture subject("p1s");
    const auto* const arguments = R"({"src":"Box.gcode.3mf","dest":"/cache/","print":{}})";
    CHECK_FALSE(subject.confirms(upload, arguments));
    subject.partial(R"("gcode_state":"RUNNING","subtask_name":"Box")");
    CHECK(subject.confirms(upload, arguments));
    subject.partial(R"("subtask_name":"Bowl")");
    CHECK_FALSE(subject.confirms(upload, arguments));
}

TEST_CASE("the file being printed cannot be deleted, moved or overwritten") {
    const auto denied = [](const CommandFixture& subject, std::string_view path) {
        const auto touched = [&](std::string_view command, const Json& arguments) {
            const auto prepared = subject.prepare(command, arguments.dump());
            const auto* const refusal = refusal_of(prepared);
            return refusal != nullptr && refusal->code == Code::conflict &&
                   refusal->message.find("is being printed") != std::string::npos;
        };
        const bool deleted = touched("delete_sdcard_file", {{"file", path}});
        CHECK(touched("rename_sdcard_file", {{"src", path}, {"dest", "/x"}}) == deleted);
        CHECK(touched("rename_sdcard_file", {{"src", "/x"}, {"dest", path}}) == deleted);
        CHECK(touched(upload, {{"src", "x"}, {"dest", path}}) == deleted);
        return deleted;
    };
    CommandFixture p1("p1s",
                      R"("gcode_state":"RUNNING","subtask_name":"clip","gcode_file":"cable_clip.gcode.3mf")");
    CHECK(denied(p1, "/cable_clip.gcode.3mf"));
    CHECK(denied(p1, "/cache/cable_clip.gcode.3mf"));
    CHECK(denied(p1, "/clip.3mf"));
    CHECK(denied(p1, "/CABLE_clip.Gcode.3MF")); // the cards ignore case
    CHECK_FALSE(denied(p1, "/cable_clip2.gcode.3mf"));
    CHECK_FALSE(denied(p1, "/clipper.3mf"));
    p1.partial(R"("gcode_state":"FINISH")");
    CHECK_FALSE(denied(p1, "/cable_clip.gcode.3mf"));

    const CommandFixture h2("h2s",
                            R"("gcode_state":"PAUSE","subtask_name":"","file":"/jobs/today/a.gcode.3mf")");
    CHECK(denied(h2, "/jobs/today/a.gcode.3mf"));
    h2.denies(
        {{"delete_sdcard_folder", R"({"path":"/jobs/today"})", Code::conflict, "is being printed"},
         {"delete_sdcard_folder", R"({"path":"/jobs"})", Code::conflict, "is being printed"},
         {"delete_sdcard_folder", R"({"path":"/JOBS"})", Code::conflict, "is being printed"},
         {"rename_sdcard_file", R"({"src":"/jobs","dest":"/old"})", Code::conflict, "is being printed"}});
    CHECK(h2.file<DeleteFolder>("delete_sdcard_folder", R"({"path":"/job"})").path == "/job");
    CHECK(h2.file<DeleteFolder>("delete_sdcard_folder", R"({"path":"/jobs/tod"})").path == "/jobs/tod");
}
