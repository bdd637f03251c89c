#include "cli/simulate.hpp"
#include "support/files.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace bambu2mqtt::test {
namespace {

using test_support::TemporaryDirectory;
using test_support::write_file;

/// A file with the simulator's name.
std::filesystem::path new_simulator(const std::filesystem::path& folder, std::filesystem::perms permissions) {
    std::filesystem::create_directories(folder);
    const auto file = folder / "bambu2mqtt-simulator";
    write_file(file, "");
    std::filesystem::permissions(file, permissions);
    return file;
}

} // namespace

TEST_CASE(
    "the simulator beside the program comes before those in PATH; what cannot be executed is passed over") {
    const TemporaryDirectory directory;
    using enum std::filesystem::perms;
    const auto closed = directory / "closed";
    new_simulator(closed, owner_read);
    const auto open = new_simulator(directory / "open", owner_all);
    const auto beside = new_simulator(directory / "beside", owner_all);
    const auto path = closed.string() + "::" + (directory / "open").string();
    CHECK(find_simulator(directory / "beside", path) == beside);
    CHECK(find_simulator(directory / "other", path) == open);
    CHECK(find_simulator({}, path) == open);
    CHECK(find_simulator(closed, closed.string()).empty());
    CHECK(find_simulator({}, "").empty());
}

TEST_CASE("the simulator has one printer for each model") {
    using Words = std::vector<std::string>;
    Options options;
    CHECK(simulator_arguments("/s", options) == Words{"/s", "--models", "X1C", "--printers", "1"});
    options.models = {"P1S", "H2D"};
    options.broker = "mqtt://b";
    CHECK(simulator_arguments("/s", options) ==
          Words{"/s", "--models", "P1S,H2D", "--printers", "2", "--broker", "mqtt://b"});
}

} // namespace bambu2mqtt::test
