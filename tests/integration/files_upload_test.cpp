// Uploads to a real vsftpd: content, progress, and what remains on the server.
#include "files_fixture.hpp"
#include "support/proc.hpp"
#include "support/sanitizers.hpp"

#include <malloc.h>

#include <algorithm>
#include <fstream>

namespace bambu2mqtt::files_test {

namespace {

/// A file of this many bytes with varying content, without holding it in memory.
void write_big_file(const std::filesystem::path& path, std::size_t bytes) {
    std::ofstream file(path, std::ios::binary);
    std::string block(1U << 20U, '\0');
    for (std::size_t at = 0; at < bytes; at += block.size()) {
        for (std::size_t i = 0; i < block.size(); i += 4096) {
            block[i] = static_cast<char>(at >> 20U ^ i >> 12U);
        }
        file.write(block.data(), static_cast<std::streamsize>(std::min(block.size(), bytes - at)));
    }
}

[[nodiscard]] bool same_content(const std::filesystem::path& a, const std::filesystem::path& b) {
    std::ifstream one(a, std::ios::binary);
    std::ifstream other(b, std::ios::binary);
    std::vector<char> left(1U << 20U);
    std::vector<char> right(left.size());
    while (one && other) {
        one.read(left.data(), static_cast<std::streamsize>(left.size()));
        other.read(right.data(), static_cast<std::streamsize>(right.size()));
        if (one.gcount() != other.gcount() ||
            !std::equal(left.begin(), left.begin() + one.gcount(), right.begin())) {
            return false;
        }
    }
    return one.eof() && other.eof();
}

} // namespace

TEST_CASE("an upload of 100 MB arrives complete, reports progress and needs little memory") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    constexpr std::size_t size = 100'000'000;
    write_big_file(printer.local.directory / "big.gcode.3mf", size);
    // The library is loaded and a session established before the measurement.
    REQUIRE(ending(printer.run(UploadFile{printer.local_file("small", "x"), "/small"})) == "done");

    malloc_trim(0); // memory left unused by other tests does not count
    const auto before = static_cast<std::size_t>(test_support::status_of("self", "VmRSS"));
    const auto begun = std::chrono::steady_clock::now();
    printer.start(UploadFile{LocalSource{"big.gcode.3mf"}, "/big.gcode.3mf"});
    std::size_t most = 0;
    std::optional<FileEnd> end;
    std::vector<Event> events;
    while (!end) {
        most = std::max(most, static_cast<std::size_t>(test_support::status_of("self", "VmRSS")));
        if (auto event = printer.inbox.queue.pop_until(std::chrono::steady_clock::now() + 20ms)) {
            if (const auto* const done = std::get_if<WorkDone>(&event->body)) {
                end = std::any_cast<FileEnd>(done->result);
            } else {
                events.push_back(*event);
            }
        }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    MESSAGE("100 MB in " << took.count() << " s; resident memory grew by " << (most - before) << " kB");
    CHECK(ending(*end) == "done");
    CHECK(end->data == OrderedJson{{"path", "/big.gcode.3mf"}, {"size", size}});
    CHECK((test_support::sanitized || most <= before + 4096)); // a sanitizer keeps freed memory
    CHECK(
        same_content(printer.local.directory / "big.gcode.3mf", printer.server.storage() / "big.gcode.3mf"));

    REQUIRE(events.size() >= 2);
    const auto& first = std::get<WorkProgress>(events.front().body);
    const auto& last = std::get<WorkProgress>(events.back().body);
    CHECK(first.bytes == 0);
    CHECK(first.total == size);
    CHECK(last.bytes == size);
    CHECK(static_cast<double>(events.size()) <= 3 + 2 * took.count());
    CHECK_FALSE(printer.stored("bambu2mqtt-upload.part"));
}

TEST_CASE("an upload replaces an existing file, creates missing folders and accepts an empty file") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    printer.store("x.3mf", "old and longer");
    CHECK(ending(printer.run(UploadFile{printer.local_file("x", "new"), "x.3mf"})) == "done");
    CHECK(printer.content("x.3mf") == "new");
    CHECK(ending(printer.run(UploadFile{printer.local_file("x", "deep"), "/a/b c/ö/x.3mf"})) == "done");
    CHECK(printer.content("a/b c/ö/x.3mf") == "deep");
    const auto end = printer.run(UploadFile{printer.local_file("x", ""), "/empty.3mf"});
    CHECK(end.data == OrderedJson{{"path", "/empty.3mf"}, {"size", 0}});
    CHECK(printer.stored("empty.3mf"));
    CHECK(ending(printer.run(UploadFile{InlineSource{std::string("a\0b\r\n", 5)}, "/inline"})) == "done");
    CHECK(printer.content("inline") == std::string("a\0b\r\n", 5));
}

TEST_CASE("names with spaces, quotes, umlauts and reserved URL characters arrive unchanged") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    for (const std::string name : {"two  spaces.3mf", " leading", "trailing ", "it's \"quoted\".3mf",
                                   "Größe & Maß.3mf", "#1 100% ;type=a.3mf", "a?b=c+d.3mf", "[x]{y}*.3mf",
                                   "-rf", "~", "模型 🖨.3mf", "back\\slash", "%41", ".hidden"}) {
        INFO(name);
        CHECK(ending(printer.run(UploadFile{InlineSource{name}, "/" + name})) == "done");
        CHECK(printer.content(name) == name);
        CHECK(printer.run(FileExists{"/" + name}).data["exists"] == true);
        CHECK(ending(printer.run(RenameFile{"/" + name, "/d " + name})) == "done");
        CHECK(printer.content("d " + name) == name);
        CHECK(printer.run(DownloadFile{"/d " + name, std::nullopt}).data["size"] == name.size());
        CHECK(ending(printer.run(DeleteFile{"/d " + name})) == "done");
        CHECK_FALSE(printer.stored("d " + name));
    }
}

TEST_CASE("CR and LF never reach the server, and paths cannot leave the storage") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    printer.store("keep.3mf", "kept");
    for (const std::string& path : std::vector<std::string>{
             "/a\r\nDELE /keep.3mf", "/a\nDELE /keep.3mf", "/a\rb", std::string("/a\0b", 4), "/../keep.3mf",
             "../../etc/x", "/a/../../x", "/./x", "/", "", "/folder/", "/\xFF\xF2"}) {
        INFO(path);
        CHECK(ending(printer.run(UploadFile{InlineSource{"x"}, path})) == "refused invalid_argument");
    }
    for (const std::string path : {"/a\r\nDELE /keep.3mf", "/../x", "/x\x7f"}) {
        INFO(path);
        CHECK(ending(printer.run(DeleteFile{path})) == "refused invalid_argument");
        CHECK(ending(printer.run(DeleteFolder{path})) == "refused invalid_argument");
        CHECK(ending(printer.run(MakeFolder{path})) == "refused invalid_argument");
        CHECK(ending(printer.run(ListFiles{path})) == "refused invalid_argument");
        CHECK(ending(printer.run(FileExists{path})) == "refused invalid_argument");
        CHECK(ending(printer.run(DownloadFile{path, "x"})) == "refused invalid_argument");
        CHECK(ending(printer.run(RenameFile{path, "/x"})) == "refused invalid_argument");
        CHECK(ending(printer.run(RenameFile{"/keep.3mf", path})) == "refused invalid_argument");
    }
    CHECK(printer.content("keep.3mf") == "kept");
    CHECK_FALSE(contains(printer.server.log(), "DELE"));
}

TEST_CASE("a folder in place of the file, or a file in place of a folder, is a conflict") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    printer.store("folder/file", "x");
    CHECK(ending(printer.run(UploadFile{InlineSource{"x"}, "/folder"})) == "refused conflict");
    CHECK(ending(printer.run(UploadFile{InlineSource{"x"}, "/folder/file/new"})) == "refused conflict");
    CHECK(printer.content("folder/file") == "x");
}

TEST_CASE("what the printer may not write is refused with the server's text") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer({.more_lines = {"deny_file={*.exe}"}});
    const auto end = printer.run(UploadFile{InlineSource{"x"}, "/virus.exe"});
    CHECK(end.status != Status::done);
    CHECK(contains(end.message, "550"));
    CHECK_FALSE(printer.stored("virus.exe"));
    CHECK_FALSE(printer.stored("bambu2mqtt-upload.part"));
}

TEST_CASE("full storage is a clear failure, and the partial file is removed") {
    if (no_vsftpd(true)) {
        return;
    }
    RealPrinter printer({.space = 2'000'000});
    write_big_file(printer.local.directory / "big", 5'000'000);
    const auto end = printer.run(UploadFile{LocalSource{"big"}, "/big.3mf"});
    INFO(end.message);
    CHECK(ending(end) == "failed");
    CHECK(contains(end.message, "full"));
    CHECK(contains(end.message, "the partial file is removed"));
    CHECK(std::filesystem::is_empty(printer.server.storage()));
    CHECK(ending(printer.run(UploadFile{InlineSource{"fits"}, "/small.3mf"})) == "done");
}

TEST_CASE("only a plate that exists in the file is printed") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    const std::string archive = gateway_test::sliced();
    REQUIRE_FALSE(archive.empty());
    const auto source = printer.local_file("x.3mf", archive);
    CHECK(ending(printer.run(UploadFile{source, "/x.3mf", 2})) == "done");
    const auto missing = printer.run(UploadFile{source, "/y.3mf", 3});
    CHECK(ending(missing) == "refused not_found");
    CHECK(contains(missing.message, "it has 1, 2"));
    CHECK(ending(printer.run(UploadFile{printer.local_file("x.gcode", "G28"), "/z.3mf", 1})) ==
          "refused invalid_argument");
    CHECK_FALSE(printer.stored("y.3mf"));
    CHECK_FALSE(printer.stored("z.3mf"));
}

TEST_CASE("local paths stay inside files.directory, and inline content within its limit") {
    if (no_vsftpd()) {
        return;
    }
    RealPrinter printer;
    write_file(printer.path("secret"), "secret");
    std::filesystem::create_symlink(printer.path("secret"), printer.local.directory / "link");
    for (const std::string& path : std::vector<std::string>{"../secret", printer.path("secret").string(),
                                                            "/etc/passwd", "link", "a/../../secret"}) {
        INFO(path);
        CHECK(ending(printer.run(UploadFile{LocalSource{path}, "/x"})) == "refused not_allowed");
    }
    CHECK(ending(printer.run(UploadFile{LocalSource{"missing"}, "/x"})) == "refused not_found");
    CHECK(ending(printer.run(UploadFile{LocalSource{""}, "/x"})) == "refused invalid_argument");
    CHECK(ending(printer.run(UploadFile{LocalSource{"."}, "/x"})) == "refused invalid_argument");
    printer.local.inline_limit = 3;
    CHECK(ending(printer.run(UploadFile{InlineSource{"four"}, "/x"})) == "refused invalid_argument");
    CHECK(ending(printer.run(UploadFile{InlineSource{"333"}, "/x"})) == "done");
    CHECK(ending(printer.run(UploadFile{LocalSource{(printer.local.directory / "link2").string()}, "/x"})) ==
          "refused not_found");
}

} // namespace bambu2mqtt::files_test
