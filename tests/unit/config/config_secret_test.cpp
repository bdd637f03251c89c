// Secrets: their sources, that no message ever contains them, and which files cause warnings. Also the
// configuration as a file: unreadable files, and the commented example.
#include "config/config_reading.hpp"
#include "unit/config/config_text.hpp"
#include "unit/source_directory.hpp"
#include <bambu2mqtt/config/config_table.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sys/stat.h>

#include <sstream>
#include <support/files.hpp>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;
using test_support::TemporaryDirectory;
using test_support::write_file;

namespace {

constexpr std::string_view canary = "k4n4ry";

LoadedConfig load(const TemporaryDirectory& folder, std::string_view text) {
    const auto file = folder / "bambu2mqtt.toml";
    write_file(file, text);
    return load_config(file);
}

void allow_group_to_read(const std::filesystem::path& file) {
    std::filesystem::permissions(file, std::filesystem::perms{0640});
}

} // namespace

TEST_CASE("printing a secret shows asterisks") {
    const Secret secret{std::string{canary}};
    std::ostringstream stream;
    stream << secret;
    CHECK(stream.str() == "***");
    CHECK(fmt::format("{}", secret) == "***");
    CHECK(secret.reveal() == canary);
}

TEST_CASE("secrets are read from the environment") {
    const Environment code{"BAMBU_TEST_CODE", std::string{canary}};
    const Environment user{"BAMBU_TEST_USER", "anna"};
    const auto loaded = parse("[broker]\n"
                              "username = \"${BAMBU_TEST_USER}\"\n"
                              "password = \"a${BAMBU_TEST_CODE}b${BAMBU_TEST_USER}$\"\n"
                              "[[printer]]\n"
                              "serial = \"01S00C123456789\"\n"
                              "host = \"a\"\n"
                              "access_code = \"${BAMBU_TEST_CODE}\"\n");
    REQUIRE(all(loaded.problems) == "");
    CHECK(loaded.config.broker.username == "anna");
    CHECK(loaded.config.broker.password.reveal() == "ak4n4rybanna$");
    CHECK(loaded.config.printers[0].access_code.reveal() == canary);
}

TEST_CASE("${NAME} is not allowed for other keys") {
    const auto loaded = parse(after("name = \"${HOME}\""));
    REQUIRE(all(loaded.problems) == "");
    CHECK(loaded.config.printers[0].name == "${HOME}");
}

TEST_CASE("a variable that is missing, empty or misspelt is named, the surrounding text is not") {
    const Environment empty{"BAMBU_TEST_EMPTY", ""};
    const auto problem_text = [](std::string_view value) {
        return all(parse(with_line(6, fmt::format("access_code = \"{}\"", value))).problems);
    };
    CHECK(problem_text("${BAMBU_TEST_MISSING}")
              .starts_with("test.toml:6: printer[1].access_code: environment variable BAMBU_TEST_MISSING is "
                           "not set, expected the access code"));
    CHECK(problem_text("k4n4ry${BAMBU_TEST_MISSING}").find(canary) == std::string::npos);
    CHECK(problem_text("${BAMBU_TEST_EMPTY}").find("found an empty text, expected the access code") !=
          std::string::npos);
    for (const auto* const value : {"k4n4ry${", "${k4n4ry", "${}", "${k4n4ry-x}", "${1k4n4ry}"}) {
        const auto text = problem_text(value);
        CHECK(text.find("found \"${\" without the name of an environment variable") != std::string::npos);
        CHECK(text.find(canary) == std::string::npos);
    }
    const auto username = all(parse(with_line(2, "username = \"${BAMBU_TEST_MISSING}\"")).problems);
    CHECK(username.find("broker.username: environment variable BAMBU_TEST_MISSING is not set") !=
          std::string::npos);
}

TEST_CASE("secrets are read from files, without the trailing newline") {
    const TemporaryDirectory folder;
    write_file(folder / "code", "k4n4ry7 \r\n");
    write_file(folder / "password", "${HOME}\n");
    const auto loaded = load(folder, "[broker]\n"
                                     "username = \"user\"\n"
                                     "password_file = \"password\"\n"
                                     "[[printer]]\n"
                                     "serial = \"01S00C123456789\"\n"
                                     "host = \"a\"\n"
                                     "access_code = \"\"\n"
                                     "access_code_file = \"" +
                                         (folder / "code").string() + "\"\n");
    REQUIRE(all(loaded.problems) == "");
    CHECK(all(loaded.warnings) == "");
    CHECK(loaded.config.broker.password.reveal() == "${HOME}");
    CHECK(loaded.config.printers[0].access_code.reveal() == "k4n4ry7 ");
}

TEST_CASE("secret files that cannot be used") {
    const TemporaryDirectory folder;
    write_file(folder / "empty", "\n");
    write_file(folder / "large", std::string(65537, 'x'));
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    const auto problem_text = [&folder](std::string_view name) {
        const auto loaded = load(folder, with_line(6, fmt::format("access_code_file = \"{}\"", name)));
        REQUIRE(loaded.problems.size() == 1);
        CHECK(loaded.problems[0].line == 6);
        CHECK(loaded.problems[0].key == "printer[1].access_code_file");
        return loaded.problems[0].text;
    };
    CHECK(problem_text("none").find("none\": no such file or directory, expected the path of a file") !=
          std::string::npos);
    CHECK(problem_text("..").find("is a folder, expected") != std::string::npos);
    CHECK(problem_text("pipe").find("is not a regular file") != std::string::npos);
    CHECK(problem_text("/dev/zero").find("is not a regular file") != std::string::npos);
    CHECK(problem_text("large").find("is larger than 65536 bytes") != std::string::npos);
    CHECK(problem_text("empty").find("found an empty file, expected the access code") != std::string::npos);
}

TEST_CASE("a secret has one source") {
    const auto loaded =
        parse("[broker]\npassword = \"k4n4ry\"\npassword_file = \"/nonexistent\"\n[[printer]]\n"
              "serial = \"01S00C123456789\"\nhost = \"a\"\n"
              "access_code_file = \"/nonexistent\"\naccess_code = \"k4n4ry\"\n");
    CHECK(all(loaded.problems) == "test.toml:3: broker.password_file: found together with broker.password, "
                                  "expected only one of the two\n"
                                  "test.toml:7: printer[1].access_code_file: found together with "
                                  "printer[1].access_code, expected only one "
                                  "of the two\n");
}

TEST_CASE("no message shows a secret") {
    const TemporaryDirectory folder;
    write_file(folder / "code", "k4n4ry");
    std::filesystem::permissions(folder / "code", std::filesystem::perms{0644});
    const std::string code_file = (folder / "code").string();
    for (const auto& text : {
             std::string{"[broker]\nurl = \"mqtt://user:k4n4ry@nas\"\n"},
             std::string{"[broker]\npassword = [\"k4n4ry\"]\n"},
             std::string{"[broker]\npassword = {k4n4ry = \"k4n4ry\"}\n"},
             std::string{"[broker]\npassword = \"k4n4ry${NO_SUCH_VARIABLE}\"\n"},
             std::string{"[broker]\npassword = \"k4n4ry\" k4n4ry\n"},
             std::string{"[broker]\npassword = k4n4ry\n"},
             std::string{"[broker]\npassword = \"k4n4ry\n"},
             std::string{"[broker]\npassword = truek4n4ry\n"},
             std::string{"[broker]\npassword = \"k4n4ry\"\npassword = \"k4n4ry\"\n"},
             std::string{"[broker]\npasswort = \"k4n4ry\"\n"},
             std::string{"password = \"k4n4ry\"\n"},
             std::string{"[printer]\naccess_code = \"k4n4ry\"\n"},
             std::string{"[[printer]]\nacces_code = \"k4n4ry\"\n"},
             "[broker]\npassword = \"k4n4ry\"\npassword_file = \"" + code_file + "\"\n",
             "[[printer]]\naccess_code_file = \"" + code_file + "\"\n",
         }) {
        CAPTURE(text);
        const auto loaded = parse(text);
        CHECK_FALSE(loaded.problems.empty());
        CHECK((all(loaded.problems) + all(loaded.warnings)).find(canary) == std::string::npos);
    }
    const auto syntax = all(parse("[broker]\npassword = tk4n4ry\n").problems);
    CHECK(syntax == "test.toml:2: is not valid TOML: Error while parsing boolean: expected 'true'; "
                    "password is a text: put it in quotes\n");
    const auto digits = all(parse(with_line(6, "access_code = 12345678")).problems);
    CHECK(digits.find("found a whole number, expected the access code") != std::string::npos);
    CHECK(digits.find("12345678") == std::string::npos);
}

TEST_CASE("a file that contains a secret should be readable by its owner only") {
    const TemporaryDirectory folder;
    const Environment code{"BAMBU_TEST_CODE", "12345678"};
    CHECK(all(load(folder, smallest).warnings) == "");

    allow_group_to_read(folder / "bambu2mqtt.toml");
    const auto loaded = load_config(folder / "bambu2mqtt.toml");
    REQUIRE(loaded.problems.empty());
    REQUIRE(loaded.warnings.size() == 1);
    CHECK(loaded.warnings[0].text ==
          "holds a secret and has mode 0640, expected 0600 so that only its owner can read it");

    load(folder, with_line(6, "access_code = \"${BAMBU_TEST_CODE}\""));
    allow_group_to_read(folder / "bambu2mqtt.toml");
    CHECK(all(load_config(folder / "bambu2mqtt.toml").warnings) == "");

    write_file(folder / "code", "12345678");
    allow_group_to_read(folder / "code");
    const auto from_file = load(folder, with_line(6, "access_code_file = \"code\""));
    REQUIRE(from_file.warnings.size() == 1);
    CHECK(from_file.warnings[0].key == "printer[1].access_code_file");
    CHECK(from_file.warnings[0].text.find("code\" holds a secret and has mode 0640, expected 0600") !=
          std::string::npos);
}

TEST_CASE("root's file may be readable by the group of the service, and by no other") {
    constexpr unsigned root = 0;
    constexpr unsigned user = 1000;
    constexpr unsigned service = 120;
    CHECK(is_private_file(0600, user, user, service));
    CHECK(is_private_file(0640, root, service, service));
    CHECK(is_private_file(0440, root, service, service));
    CHECK_FALSE(is_private_file(0640, user, service, service)); // its owner could change it
    CHECK_FALSE(is_private_file(0640, root, user, service));
    CHECK_FALSE(is_private_file(0640, root, service, std::nullopt));
    CHECK_FALSE(is_private_file(0660, root, service, service));
    CHECK_FALSE(is_private_file(0644, root, service, service));
}

TEST_CASE("a file that cannot be read is one problem") {
    const TemporaryDirectory folder;
    const auto problem_text = [](const std::filesystem::path& file) {
        const auto loaded = load_config(file);
        REQUIRE(loaded.problems.size() == 1);
        CHECK(loaded.problems[0].line == 0);
        CHECK(loaded.problems[0].to_string() == file.string() + ": " + loaded.problems[0].text);
        return loaded.problems[0].text;
    };
    CHECK(
        problem_text(folder / "none.toml") ==
        "cannot be read (no such file or directory), expected a TOML file; --config FILE names another one");
    CHECK(problem_text(folder.path()) ==
          "cannot be read (is a folder), expected a TOML file; --config FILE names another one");
    CHECK(problem_text("/dev/zero") ==
          "cannot be read (is not a regular file), expected a TOML file; --config FILE names another one");
    write_file(folder / "large.toml", std::string(1048577, '#'));
    CHECK(problem_text(folder / "large.toml").find("is larger than 1048576 bytes") != std::string::npos);
    write_file(folder / "empty.toml", "");
    CHECK(all(load_config(folder / "empty.toml").problems).find("no printer") != std::string::npos);
}

TEST_CASE("the commented example contains every key and is valid") {
    const auto file = test::source_directory() / "config/bambu2mqtt.toml";
    const std::string text = test_support::read_file(file);
    REQUIRE_FALSE(text.empty());

    const auto without_variable = load_config(file);
    REQUIRE(without_variable.problems.size() == 1);
    CHECK(without_variable.problems[0].key == "printer[1].access_code");
    CHECK(without_variable.problems[0].text.starts_with(
        "environment variable BAMBU_ACCESS_CODE is not set, expected"));

    const Environment code{"BAMBU_ACCESS_CODE", "12345678"};
    const auto loaded = load_config(file);
    CHECK(all(loaded.problems) == "");
    CHECK(all(loaded.warnings) == "");

    std::size_t position = 0;
    std::string_view section{};
    for (const auto& key : config_keys()) {
        CAPTURE(key.name);
        if (key.section != section) {
            section = key.section;
            position = text.find(fmt::format("\n{}", header_of(section)), position);
            REQUIRE(position != std::string::npos);
        }
        const auto end = text.find("\n[", position + 2);
        const auto active = text.find(fmt::format("\n{} = ", key.name), position);
        const auto commented = text.find(fmt::format("\n#{} = ", key.name), position);
        CHECK(std::min(active, commented) < end);
    }
}

TEST_CASE("the example's commented keys show the defaults") {
    const Environment code{"BAMBU_ACCESS_CODE", "12345678"};
    const auto file = test::source_directory() / "config/bambu2mqtt.toml";
    std::istringstream lines{test_support::read_file(file)};
    std::string active;
    for (std::string line; std::getline(lines, line);) {
        const bool is_key = line.size() > 1 && line[0] == '#' && line[1] != ' ';
        active += (is_key ? line.substr(1) : line) + "\n";
    }
    const auto shown_defaults = parse_config(active, file);
    REQUIRE(all(shown_defaults.problems) == "");
    CHECK(shown_defaults.config == load_config(file).config);
}
