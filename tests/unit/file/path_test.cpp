// Paths on the printer: one canonical form, and none that ends an FTP command or leaves the storage.
#include <bambu2mqtt/file/path.hpp>

#include <doctest/doctest.h>

namespace bambu2mqtt {

namespace {

[[nodiscard]] std::string form_of(std::string_view text) {
    const auto path = printer_path(text);
    return path ? *path : "refused: " + path.error().detail;
}

[[nodiscard]] bool refused(std::string_view text) {
    return !printer_path(text).has_value();
}

} // namespace

TEST_CASE("a path has one form: absolute, without empty parts, without a trailing slash") {
    CHECK(form_of("/cache/x.3mf") == "/cache/x.3mf");
    CHECK(form_of("cache/x.3mf") == "/cache/x.3mf");
    CHECK(form_of("//cache///x.3mf") == "/cache/x.3mf");
    CHECK(form_of("/cache/") == "/cache");
    CHECK(form_of("") == "/");
    CHECK(form_of("/") == "/");
    CHECK(form_of("///") == "/");
}

TEST_CASE("names may contain unusual characters") {
    for (const char* const name :
         {"/My part (2).gcode.3mf", "/Grün & Größe #1 100%.3mf", "/it's \"it\".3mf", "/..hidden", "/...",
          "/a..b", "/~", "/*?[x]{y}", "/a\\b", "/模型.3mf", "/🖨️.3mf", "/ leading and trailing "}) {
        CHECK(form_of(name) == name);
    }
}

TEST_CASE("paths that leave the root, and those with control characters, are refused") {
    for (const char* const text : {"..", "/..", "../etc/passwd", "/cache/../..", "/cache/..", "/./x", ".",
                                   "/a/./b", "a\r\nDELE /b", "a\nb", "a\tb", "a\x7f", "a\x1b[2J"}) {
        INFO(text);
        CHECK(refused(text));
    }
    CHECK(refused(std::string_view("a\0b", 3)));
    CHECK(refused("a\xC2\x85z")); // NEL, treated as a line end by some
    CHECK_FALSE(refused("a\xC2\xA0z"));
}

TEST_CASE("invalid UTF-8 is refused") {
    CHECK(refused("/\xFF\xF4\xFF")); // Telnet's interrupt, which FTP servers handle
    CHECK(refused("/\xC3"));
    CHECK(refused("/\xC0\xAE\xC0\xAE/x")); // an overlong ".."
}

TEST_CASE("length is limited, of the path and of each name") {
    CHECK_FALSE(refused("/" + std::string(255, 'a')));
    CHECK(refused("/" + std::string(256, 'a')));
    CHECK_FALSE(refused("/" + std::string(255, 'a') + "/" + std::string(255, 'b')));
    CHECK(refused("/" + std::string(255, 'a') + "/" + std::string(255, 'b') + "/c"));
}

TEST_CASE("the printer's own folders are matched in any case; their contents are not") {
    for (const char* const path : {"/", "/cache", "/timelapse", "/ipcam", "/image", "/model", "/logger",
                                   "/corelogger", "/Cache", "/TIMELAPSE/thumbnail"}) {
        INFO(path);
        CHECK(is_printers_own(path));
    }
    for (const char* const path : {"/cache/x", "/models", "/mine", "/cach"}) {
        INFO(path);
        CHECK_FALSE(is_printers_own(path));
    }
}

TEST_CASE("a path is split and joined") {
    CHECK(name_in("/cache/x.3mf") == "x.3mf");
    CHECK(name_in("/") == "");
    CHECK(folder_of("/cache/x.3mf") == "/cache");
    CHECK(folder_of("/x.3mf") == "/");
    CHECK(folder_of("/") == "/");
    CHECK(path_in_folder("/", "x") == "/x");
    CHECK(path_in_folder("/a/b", "x") == "/a/b/x");
}

TEST_CASE("a name is a single path component") {
    CHECK(is_file_name("x y.3mf"));
    for (const char* const name : {"", ".", "..", "a/b", "a\rb", "\xFF"}) {
        INFO(name);
        CHECK_FALSE(is_file_name(name));
    }
    CHECK_FALSE(is_file_name(std::string(256, 'x')));
}

} // namespace bambu2mqtt
