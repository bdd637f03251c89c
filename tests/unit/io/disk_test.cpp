// Small files: reader and writer have the same limit.
#include "io/disk/disk.hpp"
#include "support/files.hpp"
#include <bambu2mqtt/io/disk/state_directory.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace bambu2mqtt {

using test_support::TemporaryDirectory;
using test_support::write_file;

namespace {

uid_t owner_id(const std::filesystem::path& path) {
    struct stat status {};

    REQUIRE(lstat(path.c_str(), &status) == 0);
    return status.st_uid;
}

} // namespace

TEST_CASE("written data is read back completely") {
    const TemporaryDirectory directory;
    const auto path = directory.path() / "deep" / "state.json";
    const std::string largest(largest_small_file, 'x');
    REQUIRE(replace_file(path, largest).has_value());
    const auto read = read_small_file(path);
    REQUIRE(read.has_value());
    CHECK(read->value_or("") == largest);

    const auto refused = replace_file(path, largest + "y");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().problem == Problem::unavailable);
    CHECK(refused.error().detail.find("larger than") != std::string::npos);
    CHECK(read_small_file(path)->value_or("") == largest);
}

TEST_CASE("a file above the limit is an error, not truncated") {
    const TemporaryDirectory directory;
    const auto path = directory.path() / "state.json";
    write_file(path, std::string(largest_small_file + 1, 'x'));
    const auto read = read_small_file(path);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().detail.find("larger than") != std::string::npos);
}

TEST_CASE("what root writes belongs to the owner of the folder") {
    if (geteuid() != 0) {
        MESSAGE("skipped: only root can write for another user");
        return;
    }
    constexpr uid_t gateway = 10001;
    const TemporaryDirectory directory;
    REQUIRE(chown(directory.path().c_str(), gateway, gateway) == 0);
    const auto pin = directory.path() / "pins" / "01S00C000000001.pem";
    REQUIRE(replace_file(pin, "first").has_value());
    CHECK(owner_id(pin.parent_path()) == gateway);
    CHECK(owner_id(pin) == gateway);

    // A link that the owner of the folder has put in place of the new file is not followed.
    const TemporaryDirectory elsewhere;
    const auto target = elsewhere.path() / "shadow";
    write_file(target, "untouched");
    std::filesystem::create_symlink(target, pin.string() + fmt::format(".{}.new", getpid()));
    REQUIRE(replace_file(pin, "second").has_value());
    CHECK(owner_id(target) == 0);
    CHECK(test_support::read_file(target) == "untouched");
    CHECK(test_support::read_file(pin) == "second");
    CHECK(owner_id(pin) == gateway);
}

TEST_CASE("a folder that cannot be made is an error with the reason") {
    const TemporaryDirectory directory;
    write_file(directory.path() / "file", "in the way");
    const auto made = make_folders(directory.path() / "file" / "below");
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().detail.find("Not a directory") != std::string::npos);
    CHECK(make_folders(directory.path() / "deep" / "deeper").has_value());
    CHECK(std::filesystem::is_directory(directory.path() / "deep" / "deeper"));
}

TEST_CASE("a state directory that cannot be written is an error with what to do") {
    const TemporaryDirectory directory;
    CHECK(why_not_writable(directory.path()).empty());
    CHECK(why_not_writable(directory.path() / "missing" / "deep").empty());
    CHECK_FALSE(std::filesystem::exists(directory.path() / "missing"));
    write_file(directory.path() / "file", "in the way");
    for (const auto& path : {directory.path() / "file", directory.path() / "file" / "below"}) {
        const auto why = why_not_writable(path);
        CHECK_MESSAGE(why.find("Not a directory") != std::string::npos, why);
        CHECK_MESSAGE(
            why.find("set state_directory to a folder that this user can write") != std::string::npos, why);
    }
}

} // namespace bambu2mqtt
