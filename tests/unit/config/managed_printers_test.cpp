// Printers that requests add: the rules of a request, and their file read after the configuration.
#include "unit/config/config_text.hpp"
#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/config/managed_printers.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <support/files.hpp>

using namespace bambu2mqtt;

namespace {

const std::string configured_serial = "01S00C000000001";
const std::string managed_serial = "01P00C000000002";

/// A configuration file with one printer, in a folder of its own with its state directory.
struct Setup {
    test_support::TemporaryDirectory folder;
    std::filesystem::path file = folder / "bambu2mqtt.toml";

    explicit Setup(const std::string& control = "manage_printers = true") {
        test_support::write_file(file, "state_directory = \"" + folder.path().string() +
                                           "/state\"\n[files]\ndirectory = \"/nowhere/files\"\n[control]\n" +
                                           control + "\n[[printer]]\nserial = \"" + configured_serial +
                                           "\"\naccess_code = \"12345678\"\nhost = \"192.0.2.1\"\n");
        std::filesystem::create_directories(folder / "state");
    }

    void keep(const std::string& managed) const {
        test_support::write_file(folder / "state" / "printers.toml", managed);
        std::filesystem::permissions(folder / "state" / "printers.toml", std::filesystem::perms::owner_read);
    }

    [[nodiscard]] LoadedConfig load() const { return load_config(file); }

    /// The problems and warnings with this content, as "FILE:LINE: KEY: TEXT", without folders.
    [[nodiscard]] std::string complaints(const std::string& managed) const {
        const auto loaded = load_config(file, managed);
        std::string text;
        for (const auto* const list : {&loaded.problems, &loaded.warnings}) {
            for (auto problem : *list) {
                problem.file = problem.file.filename();
                text += problem.to_string() + "\n";
            }
        }
        return text;
    }
};

Json new_printer() {
    return {{"serial", managed_serial}, {"access_code", "87654321"}, {"host", "192.0.2.2"}};
}

/// "CODE: message" of a refusal.
std::string refusal(const Config& config, PrinterAction action, const Json& printer) {
    const auto result = managed_after(config, action, printer);
    REQUIRE_FALSE(result.has_value());
    return std::string{name_of(result.error().code)} + ": " + result.error().message;
}

} // namespace

TEST_CASE("a printer that a request adds is read back, and stays when its file is read again") {
    const Setup home;
    auto printer = new_printer();
    printer["name"] = "Second \"floor\"";
    printer["area"] = "Cellar";
    printer["groups"] = {"pla", "upstairs"};
    const auto managed = managed_after(home.load().config, PrinterAction::add, printer);
    REQUIRE(managed.has_value());
    home.keep(managed_text(*managed));
    const auto loaded = home.load();
    CHECK(loaded.problems.empty());
    CHECK(loaded.warnings.empty());
    REQUIRE(loaded.config.printers.size() == 2);
    CHECK_FALSE(loaded.config.printers[0].managed);
    CHECK(loaded.config.printers[1] == PrinterConfig{.serial = managed_serial,
                                                     .host = "192.0.2.2",
                                                     .access_code = Secret{"87654321"},
                                                     .id = "p1s_0002",
                                                     .name = "Second \"floor\"",
                                                     .area = "Cellar",
                                                     .groups = {"pla", "upstairs"},
                                                     .managed = true});
}

TEST_CASE("without control.manage_printers the file is not read") {
    const Setup home{"allow = \"full\""};
    home.keep("not TOML");
    CHECK(home.load().problems.empty());
    CHECK(home.load().config.printers.size() == 1);
}

TEST_CASE("a configuration may have managed printers alone") {
    const test_support::TemporaryDirectory folder;
    const auto file = folder / "bambu2mqtt.toml";
    test_support::write_file(file, "state_directory = \"/nowhere\"\n[files]\ndirectory = \"/nowhere/files\"\n"
                                   "[control]\nmanage_printers = true\n");
    CHECK(load_config(file).problems.empty());
    CHECK(load_config(file).config.printers.empty());
}

TEST_CASE("the file of managed printers is checked like the configuration, and named in problems") {
    const Setup home;
    const std::string good = "[[printer]]\nserial = \"" + managed_serial + "\"\naccess_code = \"87654321\"\n";
    CHECK(home.complaints(good).empty());
    CHECK(home.complaints(good + "host = \"http://x\"\n")
              .starts_with("printers.toml:4: printer[2].host: found \"http://x\""));
    CHECK(home.complaints("[[printer]\n") == "printers.toml:1: is not valid TOML\n");
    CHECK(home.complaints("[broker]\nurl = \"mqtt://x\"\n") ==
          "printers.toml:1: found something else than [[printer]]\n");
    for (const std::string line :
         {"tls = \"insecure\"", "access_code_file = \"/etc/passwd\"", "name = \"${HOME}\""}) {
        CAPTURE(line);
        CHECK(home.complaints(good + line + "\n").find("is not allowed in this file") != std::string::npos);
    }
    CHECK(home.complaints("[[printer]]\nserial = \"" + configured_serial +
                          "\"\naccess_code = \"87654321\"\n") ==
          "printers.toml:2: printer[2].serial: is in the configuration file too, which holds: this one is "
          "left out\n");
    CHECK(home.complaints(good + good).starts_with("printers.toml:5: printer[3].serial: found the serial"));
    home.keep("");
    CHECK(home.load().problems.empty());
}

TEST_CASE("what a request may not do is refused with the reason") {
    const Setup home;
    const auto config = home.load().config;
    using enum PrinterAction;
    const auto with = [](const std::string& key, const Json& value) {
        auto printer = new_printer();
        printer[key] = value;
        return printer;
    };
    for (const std::string key :
         {"tls", "ca_file", "access_code_file", "username", "mqtt_port", "allow", "no_such"}) {
        CAPTURE(key);
        CHECK(refusal(config, add, with(key, "x")).starts_with("not_allowed: found the key \"" + key + "\""));
    }
    CHECK(refusal(config, add, with("name", "${PATH}")).starts_with("not_allowed: found \"${\" in name"));
    CHECK(refusal(config, add, with("groups", {"a", "${PATH}"}))
              .starts_with("not_allowed: found \"${\" in groups"));
    CHECK(refusal(config, add, with("name", 5)) == "invalid_argument: name: expected a text");
    CHECK(refusal(config, add, with("groups", "a")) == "invalid_argument: groups: expected a list of texts");
    CHECK(refusal(config, add, with("serial", "?")).starts_with("invalid_argument: serial: "));
    CHECK(refusal(config, add, with("serial", configured_serial)).starts_with("conflict: "));
    CHECK(refusal(config, change, with("serial", configured_serial)).starts_with("conflict: "));
    CHECK(refusal(config, remove, {{"serial", configured_serial}}).starts_with("conflict: "));
    CHECK(refusal(config, change, new_printer()).starts_with("not_found: "));
    CHECK(refusal(config, remove, {{"serial", managed_serial}}).starts_with("not_found: "));
}

TEST_CASE("a change keeps what it does not name; the access code goes to no new host") {
    const Setup home;
    auto config = home.load().config;
    using enum PrinterAction;
    config.printers.push_back((*managed_after(config, add, new_printer())).front());
    CHECK(refusal(config, add, new_printer()).starts_with("conflict: "));
    const auto renamed = managed_after(config, change, {{"serial", managed_serial}, {"name", "Attic"}});
    REQUIRE(renamed.has_value());
    CHECK(renamed->front().name == "Attic");
    CHECK(renamed->front().access_code == Secret{"87654321"});
    CHECK(refusal(config, change, {{"serial", managed_serial}, {"host", "198.51.100.1"}})
              .starts_with("not_allowed: a new host needs access_code too"));
    const auto moved = managed_after(
        config, change, {{"serial", managed_serial}, {"host", "198.51.100.1"}, {"access_code", "11111111"}});
    REQUIRE(moved.has_value());
    CHECK(moved->front().host == "198.51.100.1");
    CHECK(managed_after(config, remove, {{"serial", managed_serial}})->empty());
}
