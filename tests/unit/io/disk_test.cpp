// Small files: reader and writer have the same limit.
#include "io/disk/disk.hpp"
#include "support/files.hpp"

#include <doctest/doctest.h>

#include <string>

namespace bambu2mqtt {

using test_support::TemporaryDirectory;
using test_support::write_file;

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

} // namespace bambu2mqtt
