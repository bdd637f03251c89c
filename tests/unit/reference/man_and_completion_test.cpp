// Manual pages are well-formed and complete; completion offers what the command line accepts.
#include "cli/command_syntax.hpp"
#include "reference/completions.hpp"
#include "reference/man_pages.hpp"
#include "support/files.hpp"
#include "support/process.hpp"
#include <bambu2mqtt/config/config_table.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <string>
#include <vector>

using namespace bambu2mqtt;

namespace {

constexpr std::chrono::seconds completion_timeout{30};

bool is_installed(const std::string& program) {
    const test_support::TemporaryDirectory folder;
    test_support::Process look(
        {.arguments = {"sh", "-c", "command -v " + program}, .output = folder / "out"});
    return look.wait(completion_timeout) == 0;
}

/// Output of a program with this file as its last argument; fails the test unless it exits with 0.
std::string output_with(std::vector<std::string> arguments, const std::string& content) {
    const test_support::TemporaryDirectory folder;
    test_support::write_file(folder / "file", content);
    arguments.push_back((folder / "file").string());
    test_support::Process program({.arguments = std::move(arguments), .output = folder / "out"});
    CHECK(program.wait(completion_timeout) == 0);
    return program.output();
}

/// What bash offers for the last of these words, one a line.
std::string completed(const std::vector<std::string>& words) {
    const auto script = fmt::format("{}\nCOMP_WORDS=({})\nCOMP_CWORD={}\n_bambu2mqtt bambu2mqtt '{}' "
                                    "'{}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
                                    reference::bash_completion(), fmt::join(words, " "), words.size() - 1,
                                    words.back(), words.at(words.size() - 2));
    return output_with({"bash"}, script);
}

} // namespace

TEST_CASE("the manual page of the program names every command and option") {
    const auto page = reference::program_manual();
    for (const auto& command : command_syntax()) {
        if (!command.name.empty()) {
            CHECK_MESSAGE(page.find(fmt::format(".SS \\fB{}\\fR", command.name)) != std::string::npos,
                          command.name);
        }
        for (const auto& option : command.options) {
            std::string shown;
            for (const char letter : option.name) {
                shown += letter == '-' ? "\\-" : std::string(1, letter);
            }
            CHECK_MESSAGE(page.find(shown) != std::string::npos, option.name);
            CHECK_MESSAGE(!option.text.empty(), option.name);
        }
    }
}

TEST_CASE("the manual page of the configuration names every key") {
    const auto page = reference::configuration_manual();
    for (const auto& key : config_keys()) {
        CHECK_MESSAGE(page.find(fmt::format(".TP\n\\fB{}\\fR\n", key.name)) != std::string::npos, key.name);
    }
}

TEST_CASE("groff has no warning about the manual pages") {
    if (!is_installed("groff")) {
        MESSAGE("skipped: groff is not installed");
        return;
    }
    for (const auto& page : {reference::program_manual(), reference::configuration_manual()}) {
        CHECK(output_with({"groff", "-man", "-ww", "-z"}, page) == "");
    }
}

TEST_CASE("bash completes commands, options and their values") {
    CHECK(completed({"bambu2mqtt", "doc"}) == "doctor\n");
    CHECK(completed({"bambu2mqtt", "--con"}) == "--config\n");
    CHECK(completed({"bambu2mqtt", "discover", "--s"}) == "--seconds\n");
    CHECK(completed({"bambu2mqtt", "discover", "--y"}) == "\n");
    CHECK(completed({"bambu2mqtt", "--log-level", "w"}) == "warn\n");
    CHECK(completed({"bambu2mqtt", "decode", "--model", "X1"}).starts_with("X1"));
    CHECK(completed({"bambu2mqtt", "encode", "pause_p"}) == "pause_printing\n");
    CHECK(completed({"bambu2mqtt", "--log-level", "warn", "pin", "--f"}) == "--force\n");
}

TEST_CASE("zsh and fish accept their completions") {
    if (is_installed("zsh")) {
        CHECK(output_with({"zsh", "-n"}, reference::zsh_completion()) == "");
    } else {
        MESSAGE("skipped: zsh is not installed");
    }
    if (is_installed("fish")) {
        CHECK(output_with({"fish", "--no-execute"}, reference::fish_completion()) == "");
    } else {
        MESSAGE("skipped: fish is not installed");
    }
}
