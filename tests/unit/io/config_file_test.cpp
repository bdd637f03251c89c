// Writing a new configuration file: complete or not at all, private, and never over another one.
#include "support/files.hpp"
#include <bambu2mqtt/io/disk/config_file.hpp>

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <filesystem>
#include <iterator>

using namespace bambu2mqtt;
using test_support::read_file;
using test_support::TemporaryDirectory;
using test_support::write_file;

namespace {

std::size_t files_in(const std::filesystem::path& folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{folder}, {}));
}

} // namespace

TEST_CASE("a new configuration file is not readable by others, in a folder that is made") {
    const TemporaryDirectory directory;
    const auto file = directory / "new/bambu2mqtt.toml";
    REQUIRE(write_config_file(file, "text", Existing::kept).has_value());
    CHECK(read_file(file) == "text");

    struct stat status {};

    REQUIRE(stat(file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0007U) == 0);
    CHECK((status.st_mode & 0600U) == 0600U);
    CHECK(files_in(directory / "new") == 1);
}

TEST_CASE("an existing configuration file stays, or is kept as .bak") {
    const TemporaryDirectory directory;
    const auto folder = directory / "config";
    const auto file = folder / "bambu2mqtt.toml";
    std::filesystem::create_directories(folder);
    write_file(file, "old");
    const auto refused = write_config_file(file, "new", Existing::kept);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().problem == Problem::refused);
    CHECK(read_file(file) == "old");
    CHECK(files_in(folder) == 1);

    REQUIRE(write_config_file(file, "new", Existing::backed_up).has_value());
    CHECK(read_file(file) == "new");
    CHECK(read_file(folder / "bambu2mqtt.toml.bak") == "old");
    CHECK(files_in(folder) == 2);

    REQUIRE(write_config_file(file, "newest", Existing::backed_up).has_value());
    CHECK(read_file(folder / "bambu2mqtt.toml.bak") == "new");
    CHECK(files_in(folder) == 2);
}

TEST_CASE("a link to nowhere is not overwritten either") {
    const TemporaryDirectory directory;
    const auto file = directory / "bambu2mqtt.toml";
    std::filesystem::create_symlink(directory / "nowhere", file);
    CHECK_FALSE(write_config_file(file, "new", Existing::kept).has_value());
    CHECK(std::filesystem::is_symlink(file));
}
