// A simulated printer's knowledge of the files on its storage.

#include "simulator/stored_files.hpp"
#include "support/files.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

namespace {

using namespace bambu2mqtt;
using simulator::path_on_storage;
using simulator::StoredFiles;

} // namespace

TEST_SUITE("stored files") {
    TEST_CASE("all spellings of a URL give the same path") {
        for (const auto* const url :
             {"ftp://a b.3mf", "ftp:///a b.3mf", "file:///sdcard/a b.3mf", "file:///mnt/sdcard/a b.3mf",
              "file:///media/usb0/a b.3mf", "/mnt/sdcard/a b.3mf", "/a b.3mf", "a b.3mf", "///a b.3mf"}) {
            CAPTURE(std::string{url});
            CHECK(path_on_storage(url) == "/a b.3mf");
        }
        CHECK(path_on_storage("ftp://models/x/a.3mf") == "/models/x/a.3mf");
        CHECK(path_on_storage("ftp:///models/..a.3mf") == "/models/..a.3mf");
        for (const auto* const url : {"", "ftp://", "https://example.org/a.3mf", "ftp://../a.3mf",
                                      "file:///sdcard/models/../../a.3mf", "/x/.."}) {
            CAPTURE(std::string{url});
            CHECK_FALSE(path_on_storage(url).has_value());
        }
    }

    TEST_CASE("by default every file exists") {
        const StoredFiles files;
        CHECK_FALSE(files.checked());
        CHECK(files.has("ftp://any.3mf"));
        CHECK_FALSE(files.has("ftp://../any.3mf"));
        CHECK_FALSE(files.size_of("/any.3mf").has_value());
    }

    TEST_CASE("a list of files") {
        const auto files = StoredFiles::listed({{"/a.3mf", 7}});
        CHECK(files.has("file:///sdcard/a.3mf"));
        CHECK_FALSE(files.has("ftp://b.3mf"));
        CHECK(files.size_of("/a.3mf") == 7);
        CHECK_FALSE(files.size_of("a.3mf").has_value());
    }

    TEST_CASE("a folder with its current content; directories are not files") {
        const test_support::TemporaryDirectory directory;
        const auto files = StoredFiles::below(directory.path());
        CHECK_FALSE(files.has("ftp://models/a.3mf"));
        std::filesystem::create_directories(directory / "models");
        test_support::write_file(directory / "models/a.3mf", "12345");
        CHECK(files.has("ftp://models/a.3mf"));
        CHECK(files.size_of("/models/a.3mf") == 5);
        CHECK_FALSE(files.has("ftp://models"));
        std::filesystem::remove(directory / "models/a.3mf");
        CHECK_FALSE(files.has("ftp://models/a.3mf"));
    }
}
