// Listing, checking, downloading, deleting and renaming on a real vsftpd.
#include "files_fixture.hpp"
#include <bambu2mqtt/base/base64.hpp>

namespace bambu2mqtt::files_test {

namespace {

[[nodiscard]] std::vector<std::string> child_ids(const OrderedJson& tree) {
    std::vector<std::string> ids;
    for (const auto& child : tree["children"]) {
        ids.push_back(child["id"].get<std::string>());
    }
    return ids;
}

[[nodiscard]] std::size_t count_files(const OrderedJson& tree) {
    if (!tree.contains("children")) {
        return 1;
    }
    std::size_t count = 0;
    for (const auto& child : tree["children"]) {
        count += count_files(child);
    }
    return count;
}

} // namespace

TEST_CASE("2,000 files in 100 folders are listed in at most 5 s") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    for (int folder = 0; folder < 100; ++folder) {
        for (int file = 0; file < 20; ++file) {
            printer.store("folder " + std::to_string(folder) + "/Part " + std::to_string(file) +
                              (file % 2 == 0 ? ".gcode.3mf" : ".txt"),
                          "x");
        }
    }
    const auto begun = std::chrono::steady_clock::now();
    const auto end = printer.run(ListFiles{});
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    MESSAGE("2,000 files in 100 folders in " << took.count() << " s");
    CHECK(ending(end) == "done");
    CHECK(took < timeout_factor * 5s);
    CHECK(end.data["children"].size() == 100);
    CHECK(count_files(end.data) == 2000);
    CHECK_FALSE(end.data.contains("truncated"));
    CHECK_FALSE(end.data.contains("unreadable"));
    const auto only_3mf = printer.run(ListFiles{.path = "/", .only_3mf = true});
    CHECK(count_files(only_3mf.data) == 1000);
}

TEST_CASE("a tree has sizes, times and unchanged names, and can start at any folder") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    printer.store("Größe & Maß/x y.3mf", "12345");
    printer.store("b.3MF", "");
    printer.store("a.txt", "1");
    const auto tree = printer.run(ListFiles{}).data;
    CHECK(child_ids(tree) == std::vector<std::string>{"/Größe & Maß/", "/a.txt", "/b.3MF"});
    CHECK(tree["size"] == 6);
    const auto& file = tree["children"][0]["children"][0];
    CHECK(file["path"] == "/Größe & Maß/x y.3mf");
    CHECK(file["size"] == 5);
    CHECK(file["time"].get<std::string>().size() == 19);
    CHECK(child_ids(printer.run(ListFiles{.path = "Größe & Maß/"}).data) ==
          std::vector<std::string>{"/Größe & Maß/x y.3mf"});
    CHECK(ending(printer.run(ListFiles{.path = "/missing"})) == "refused not_found");
    CHECK(ending(printer.run(ListFiles{.path = "/a.txt"})) == "refused conflict");
}

TEST_CASE("a folder that cannot be listed is named in the tree") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer({.more_lines = {"deny_file={/locked*}"}});
    printer.store("locked/x", "x");
    printer.store("open/y", "y");
    const auto tree = printer.run(ListFiles{}).data;
    CHECK(tree["unreadable"] == OrderedJson{"/locked"});
    CHECK(count_files(tree) == 1);
}

TEST_CASE("the limits of a tree are enforced and reported") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    printer.limits.tree = {.depth = 2, .entries = 5};
    for (const char* const name : {"a/1", "a/2", "a/3", "b/c/d/e"}) {
        printer.store(name, "x");
    }
    CHECK(printer.run(ListFiles{}).data["truncated"] == true);
}

TEST_CASE("file status: present, absent, a folder, or unknown") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    printer.store("x.3mf", "1234");
    printer.store("empty.3mf", "");
    printer.store("folder/x", "");
    CHECK(printer.run(FileExists{"x.3mf"}).data ==
          OrderedJson{{"path", "/x.3mf"}, {"exists", true}, {"size", 4}});
    CHECK(printer.run(FileExists{"/empty.3mf"}).data["exists"] == true);
    CHECK(printer.run(FileExists{"/missing.3mf"}).data ==
          OrderedJson{{"path", "/missing.3mf"}, {"exists", false}, {"size", nullptr}});
    CHECK(printer.run(FileExists{"/folder"}).data["exists"] == false);
    CHECK(printer.run(FileExists{"/folder"}).data["folder"] == true);
    printer.server.stop();
    const auto lost = printer.run(FileExists{"/x.3mf"});
    CHECK(ending(lost) == "failed");
    CHECK(lost.data == OrderedJson{{"path", "/x.3mf"}, {"exists", nullptr}, {"size", nullptr}});
}

TEST_CASE("a file is downloaded into the local folder or into the response") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    std::string content;
    for (int i = 0; i < 3'000'000; ++i) {
        content += static_cast<char>(i * 7 >> 3);
    }
    printer.store("timelapse/a b.mp4", content);
    const auto end = printer.run(DownloadFile{"/timelapse/a b.mp4", "videos/2026/a.mp4"});
    CHECK(ending(end) == "done");
    CHECK(end.data == OrderedJson{{"path", "/timelapse/a b.mp4"},
                                  {"size", content.size()},
                                  {"file", "videos/2026/a.mp4"}});
    CHECK(read_file(printer.local.directory / "videos/2026/a.mp4") == content);
    CHECK(printer.local_names() == std::vector<std::string>{"videos", "videos/2026", "videos/2026/a.mp4"});
    CHECK(printer.progress.front().bytes == 0);
    CHECK(printer.progress.back().bytes == content.size());

    printer.store("small", "some text");
    CHECK(printer.run(DownloadFile{"/small", std::nullopt}).data["content"] == to_base64("some text"));
    printer.store("empty", "");
    CHECK(printer.run(DownloadFile{"/empty", std::nullopt}).data["content"] == "");
    CHECK(ending(printer.run(DownloadFile{"/empty", "empty"})) == "done");
    CHECK(ending(printer.run(DownloadFile{"/small", "videos/2026/a.mp4"})) == "done");
    CHECK(read_file(printer.local.directory / "videos/2026/a.mp4") == "some text");
}

TEST_CASE("downloads that are not possible are refused and leave no local file") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    printer.store("x", "12345");
    printer.store("folder/x", "1");
    printer.local.inline_limit = 4;
    CHECK(ending(printer.run(DownloadFile{"/missing", "new folder/x"})) == "refused not_found");
    CHECK(ending(printer.run(DownloadFile{"/folder", "x"})) == "refused conflict");
    CHECK(ending(printer.run(DownloadFile{"/x", std::nullopt})) == "refused invalid_argument");
    CHECK(ending(printer.run(DownloadFile{"/folder/x", std::nullopt})) == "done");
    std::filesystem::create_directories(printer.path("outside"));
    std::filesystem::create_directory_symlink(printer.path("outside"), printer.local.directory / "out");
    std::filesystem::create_directories(printer.local.directory / "taken");
    for (const std::string& dest : std::vector<std::string>{"../x", "/tmp/x", "a/../../x", "out/x",
                                                            (printer.path("outside") / "x").string()}) {
        INFO(dest);
        CHECK(ending(printer.run(DownloadFile{"/x", dest})) == "refused not_allowed");
    }
    for (const std::string& dest : std::vector<std::string>{"", ".", "folder/", "taken", "a\nb"}) {
        INFO(dest);
        CHECK(ending(printer.run(DownloadFile{"/x", dest})) == "refused invalid_argument");
    }
    CHECK(printer.local_names() == std::vector<std::string>{"out", "taken"});
    CHECK(std::filesystem::is_empty(printer.path("outside")));
}

TEST_CASE("files are deleted; a missing file or a folder is reported as such") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer({.more_lines = {"deny_file={*.locked}"}});
    printer.store("x", "1");
    printer.store("folder/x", "1");
    printer.store("y.locked", "1");
    const auto end = printer.run(DeleteFile{"x"});
    CHECK(ending(end) == "done");
    CHECK(end.data == OrderedJson{{"path", "/x"}});
    CHECK(ending(printer.run(DeleteFile{"/x"})) == "refused not_found");
    CHECK(ending(printer.run(DeleteFile{"/folder"})) == "refused conflict");
    CHECK(printer.run(DeleteFile{"/y.locked"}).status == Status::refused);
    CHECK(printer.stored("folder/x"));
    CHECK(printer.stored("y.locked"));
}

TEST_CASE("a folder is deleted with everything in it, including hidden files") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    for (const char* const name : {"f/a", "f/g/b c", "f/g/h/ö", "f/.hidden", "f/g/.DS_Store", "keep/x"}) {
        printer.store(name, "1");
    }
    std::filesystem::create_directories(printer.server.storage() / "f/empty/.git/refs");
    const auto end = printer.run(DeleteFolder{"/f"});
    CHECK(ending(end) == "done");
    CHECK(end.data == OrderedJson{{"path", "/f"}, {"deleted", 11}});
    CHECK_FALSE(printer.stored("f"));
    CHECK(printer.stored("keep/x"));
}

TEST_CASE("a folder that can be deleted only partly reports what remains") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer({.more_lines = {"deny_file={*.locked}"}});
    for (const char* const name : {"f/a", "f/g/b", "f/g/c.locked", "f/h/d"}) {
        printer.store(name, "1");
    }
    const auto end = printer.run(DeleteFolder{"/f"});
    CHECK(ending(end) == "failed");
    CHECK(end.data == OrderedJson{{"path", "/f"}, {"deleted", 4}, {"left", {"/f/g/c.locked"}}});
    CHECK(contains(end.message, "/f/g/c.locked"));
    CHECK(printer.stored("f/g/c.locked"));
    CHECK_FALSE(printer.stored("f/h"));
}

TEST_CASE("the printer's own folders, files and missing paths cannot be deleted as folders") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    printer.store("cache/x", "1");
    printer.store("timelapse/thumbnail/x", "1");
    printer.store("file", "1");
    for (const char* const path :
         {"/", "", "/cache", "/cache/", "/CACHE", "/timelapse", "/timelapse/thumbnail"}) {
        INFO(path);
        CHECK(ending(printer.run(DeleteFolder{path})) == "refused not_allowed");
        CHECK(ending(printer.run(RenameFile{path, "/elsewhere"})) == "refused not_allowed");
    }
    CHECK(ending(printer.run(DeleteFolder{"/file"})) == "refused conflict");
    CHECK(ending(printer.run(DeleteFolder{"/missing"})) == "refused not_found");
    CHECK(printer.stored("cache/x"));
    CHECK(printer.stored("timelapse/thumbnail/x"));
}

TEST_CASE("folders are created with their parents; an existing one is not an error") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    printer.store("file", "1");
    const auto end = printer.run(MakeFolder{"a/b c/ö/"});
    CHECK(ending(end) == "done");
    CHECK(end.data == OrderedJson{{"path", "/a/b c/ö"}});
    CHECK(std::filesystem::is_directory(printer.server.storage() / "a/b c/ö"));
    CHECK(ending(printer.run(MakeFolder{"/a/b c/ö"})) == "done");
    CHECK(ending(printer.run(MakeFolder{"/"})) == "done");
    CHECK(ending(printer.run(MakeFolder{"/file"})) == "refused conflict");
    CHECK(ending(printer.run(MakeFolder{"/file/a"})) == "refused conflict");
}

TEST_CASE("files and folders are renamed and moved, but never over an existing one") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    printer.store("a", "1");
    printer.store("b", "2");
    printer.store("f/x", "3");
    const auto end = printer.run(RenameFile{"/a", "/f/a"});
    CHECK(ending(end) == "done");
    CHECK(end.data == OrderedJson{{"path", "/f/a"}, {"from", "/a"}});
    CHECK(printer.content("f/a") == "1");
    CHECK(ending(printer.run(RenameFile{"/f", "/g h"})) == "done");
    CHECK(printer.content("g h/x") == "3");
    CHECK(ending(printer.run(RenameFile{"/b", "/g h/x"})) == "refused conflict");
    CHECK(ending(printer.run(RenameFile{"/b", "/g h"})) == "refused conflict");
    CHECK(ending(printer.run(RenameFile{"/missing", "/c"})) == "refused not_found");
    CHECK(ending(printer.run(RenameFile{"/b", "/missing/c"})) == "refused not_found");
    CHECK(ending(printer.run(RenameFile{"/b", "/B"})) == "done");
    CHECK(ending(printer.run(RenameFile{"/g h", "/g h/i"})) == "refused printer_refused");
    CHECK(printer.content("B") == "2");
    CHECK(printer.content("g h/x") == "3");
}

} // namespace bambu2mqtt::files_test
