// Allowed places of files.directory, so that no client can read secrets from it or write pins into it.
#include "support/files.hpp"
#include "unit/config/config_text.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;
using test_support::TemporaryDirectory;
using test_support::write_file;

namespace {

namespace fs = std::filesystem;

/// A disk with a configuration folder and a state directory.
struct Disk {
    TemporaryDirectory root;

    Disk() {
        fs::create_directories(root / "etc");
        fs::create_directories(root / "var/state/pins");
    }

    [[nodiscard]] std::string at(std::string_view path) const { return (root / path).string(); }

    /// The problems of a configuration whose state directory is var/state.
    [[nodiscard]] std::string message(const std::string& directory, std::string_view more_printer_lines = {},
                                      const std::string& config = "etc/bambu2mqtt.toml",
                                      const std::string& state = "var/state") const {
        const auto text =
            fmt::format("state_directory = \"{}\"\n[files]\ndirectory = \"{}\"\n[[printer]]\n"
                        "serial = \"01S00C123456789\"\nhost = \"192.0.2.1\"\n{}",
                        at(state), directory,
                        more_printer_lines.empty() ? "access_code = \"12345678\"\n" : more_printer_lines);
        return all(parse_config(text, root / config).problems);
    }
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("files.directory is separate from the state directory and the configuration folder") {
    const Disk disk;
    CHECK(disk.message(disk.at("srv/files")) == "");
    CHECK(disk.message("../srv/files") == "");
    CHECK(disk.message(disk.at("var/state-files")) == "");
    CHECK(disk.message(disk.at("var/other/../files")) == "");
}

TEST_CASE("the folder files in the state directory is the one exception, and the default") {
    const Disk disk;
    CHECK(disk.message(disk.at("var/state/files")) == "");
    CHECK(disk.message(disk.at("var/state/./files/")) == "");
    // Also when one folder contains the configuration, the state and the files.
    CHECK(disk.message(disk.at("var/state/files"), {}, "var/state/bambu2mqtt.toml") == "");
    CHECK(disk.message(disk.at("var/state/files"), {}, "var/bambu2mqtt.toml") == "");
    CHECK(has(disk.message(disk.at("var/state/files"), {}, "var/state/files/bambu2mqtt.toml"),
              "which is the folder of the configuration file"));
    CHECK(has(disk.message(disk.at("var/state/files"), {}, "var/state/files/conf/bambu2mqtt.toml"),
              "which contains the folder of the configuration file"));
    CHECK(has(disk.message(disk.at("var/state/files/more")), "lies inside state_directory"));
    CHECK(has(disk.message(disk.at("var/state/filesystem")), "lies inside state_directory"));
}

TEST_CASE("a files.directory that is, contains or lies inside one of them is refused with both paths") {
    const Disk disk;

    struct Row {
        std::string directory{};
        std::string how{};
        std::string other{};
    };

    fs::create_directory_symlink(disk.at("var/state"), disk.root / "link");
    fs::create_directory_symlink(disk.at("var/state/pins"), disk.root / "pins-link");
    fs::create_directory_symlink(disk.at("etc"), disk.root / "conf");
    fs::create_directory_symlink("loop", disk.root / "loop");
    const std::string state = "state_directory '" + disk.at("var/state") + "'";
    const std::string home = "the folder of the configuration file '" + disk.at("etc") + "'";
    for (const auto& row : std::vector<Row>{{disk.at("var/state"), "is", state},
                                            {disk.at("var/state/"), "is", state},
                                            {disk.at("var/state/pins"), "lies inside", state},
                                            {disk.at("var/state/pins/new"), "lies inside", state},
                                            {disk.at("var/state/files/../pins"), "lies inside", state},
                                            {disk.at("var"), "contains", state},
                                            {"/", "contains", state},
                                            {disk.at("nothing/../var"), "contains", state},
                                            {disk.at("link"), "is", state},
                                            {disk.at("link/pins"), "lies inside", state},
                                            {disk.at("pins-link"), "lies inside", state},
                                            {disk.at("pins-link/new"), "lies inside", state},
                                            {disk.at("etc"), "is", home},
                                            {".", "is", home},
                                            {"files", "lies inside", home},
                                            {"../etc/files", "lies inside", home},
                                            {disk.at("conf/files"), "lies inside", home}}) {
        INFO(row.directory);
        const auto message = disk.message(row.directory);
        CHECK(has(message, "bambu2mqtt.toml:3: files.directory: found '"));
        CHECK(has(message, fmt::format("which {} {}", row.how, row.other)));
    }
    CHECK(has(disk.message(disk.at("pins-link")), "(that is '" + disk.at("var/state/pins") + "')"));
    CHECK(disk.message(disk.at("loop/files")) == "");
}

TEST_CASE("a symbolic link or mount with that name is not accepted as the exception") {
    const Disk disk;
    fs::create_directory_symlink("pins", disk.root / "var/state/files");
    CHECK(has(disk.message(disk.at("var/state/files")), "lies inside state_directory"));
    fs::remove(disk.root / "var/state/files");
    fs::create_directory_symlink("/", disk.root / "var/state/files");
    CHECK(has(disk.message(disk.at("var/state/files")), "contains state_directory"));
    fs::remove(disk.root / "var/state/files");
    fs::create_directories(disk.root / "big");
    fs::create_directory_symlink(disk.at("big"), disk.root / "var/state/files");
    CHECK(disk.message(disk.at("var/state/files")) == ""); // for example another disk
}

TEST_CASE("the state directory may be a symbolic link") {
    const Disk disk;
    fs::create_directory_symlink(disk.at("var/state"), disk.root / "link");
    CHECK(has(disk.message(disk.at("var/state/pins"), {}, "etc/bambu2mqtt.toml", "link"), "(that is '"));
    CHECK(disk.message(disk.at("link/files"), {}, "etc/bambu2mqtt.toml", "link") == "");
    CHECK(disk.message(disk.at("var/state/files"), {}, "etc/bambu2mqtt.toml", "link") == "");
}

TEST_CASE("files named by the configuration must lie outside folders that others can access") {
    const Disk disk;
    fs::create_directories(disk.root / "srv/files/deep");
    write_file(disk.root / "srv/files/deep/code", "12345678");
    write_file(disk.root / "code", "12345678");
    CHECK(disk.message(disk.at("srv/files"), fmt::format("access_code_file = \"{}\"\n", disk.at("code"))) ==
          "");
    CHECK(has(disk.message(disk.at("srv/files"),
                           fmt::format("access_code_file = \"{}\"\n", disk.at("srv/files/deep/code"))),
              "which contains printer[1].access_code_file '" + disk.at("srv/files/deep/code") + "'"));
    CHECK(has(disk.message(disk.at("srv/files"),
                           fmt::format("access_code = \"12345678\"\ntls = \"ca\"\nca_file = \"{}\"\n",
                                       disk.at("srv/files/deep/code"))),
              "which contains printer[1].ca_file"));
}

TEST_CASE("files.directory may neither be, contain nor lie inside the folder of templates") {
    const Disk disk;
    fs::create_directories(disk.root / "srv/templates/entities");
    fs::create_directories(disk.root / "srv/files");
    fs::create_directory_symlink(disk.at("srv/templates"), disk.root / "link");
    const auto templates = fmt::format("access_code = \"12345678\"\n[home_assistant]\ntemplates = \"{}\"\n",
                                       disk.at("srv/templates"));
    const auto message = [&](const std::string& directory) {
        return disk.message(disk.at(directory), templates);
    };
    const std::string named = "home_assistant.templates '" + disk.at("srv/templates") + "'";
    CHECK(message("srv/files") == "");
    CHECK(has(message("srv"), "which contains " + named));
    CHECK(has(message("srv/templates"), "which is " + named));
    CHECK(has(message("srv/templates/entities"), "which lies inside " + named));
    CHECK(has(message("srv/templates/new/one"), "which lies inside " + named));
    CHECK(has(message("link/entities"), "which lies inside " + named));
}

TEST_CASE("unset folders have valid defaults") {
    CHECK(all(parse(smallest).problems) == "");
    CHECK(all(parse_config(smallest, "/etc/bambu2mqtt/bambu2mqtt.toml").problems) == "");
    CHECK(all(parse_config(smallest, "/var/lib/bambu2mqtt/bambu2mqtt.toml").problems) == "");
    CHECK(all(parse_config(smallest, "/bambu2mqtt.toml").problems) == "");
}
