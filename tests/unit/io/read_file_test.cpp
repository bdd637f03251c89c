// Files that are read as a whole: limit, kinds of failure and their texts.
#include "support/files.hpp"
#include <bambu2mqtt/base/read_file.hpp>

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <filesystem>
#include <string>

namespace bambu2mqtt {

using test_support::TemporaryDirectory;
using test_support::write_file;

TEST_CASE("read_file: whole files up to the limit, empty ones too") {
    const TemporaryDirectory directory;
    const std::string text(10'000, 'x');
    write_file(directory / "text", text);
    write_file(directory / "empty", "");
    CHECK(read_file(directory / "text", text.size()).value() == text);
    CHECK(read_file(directory / "empty", 0).value().empty());
    std::filesystem::create_symlink(directory / "text", directory / "link");
    CHECK(read_file(directory / "link", text.size()).value() == text);
}

TEST_CASE("read_file: a file above the limit is an error, not a part of itself") {
    const TemporaryDirectory directory;
    write_file(directory / "text", std::string(10'001, 'x'));
    const auto read = read_file(directory / "text", 10'000);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().problem == Problem::out_of_range);
    CHECK(read.error().detail == "is larger than 10000 bytes");
}

TEST_CASE("read_file: a missing file is distinguished from one that cannot be read") {
    const TemporaryDirectory directory;
    write_file(directory / "text", "x");
    for (const auto* const name : {"none", "text/below"}) {
        const auto read = read_file(directory / name, 10);
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().problem == Problem::unknown);
    }
    CHECK(read_file(directory / "none", 10).error().detail == "no such file or directory");
}

TEST_CASE("read_file: folders, devices and pipes are refused without waiting") {
    const TemporaryDirectory directory;
    REQUIRE(mkfifo((directory / "fifo").c_str(), 0600) == 0);
    CHECK(read_file(directory.path(), 10).error().detail == "is a folder");
    CHECK(read_file(directory / "fifo", 10).error().detail == "is not a regular file");
    CHECK(read_file("/dev/zero", 10).error().detail == "is not a regular file");
    CHECK(read_file("/dev/zero", 10).error().problem == Problem::unavailable);
}

} // namespace bambu2mqtt
