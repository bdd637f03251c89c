#include "compare/callgrind.hpp"

#include "support/process.hpp"

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <string_view>

namespace bambu2mqtt::compare {

namespace {

void control(const char* action, pid_t process) {
    test_support::Process command{
        {.arguments = {"callgrind_control", action, std::to_string(process)}, .output = "/dev/null"}};
    if (command.wait(std::chrono::seconds{60}) != 0) {
        throw std::runtime_error{fmt::format("callgrind_control {} {} failed", action, process)};
    }
}

} // namespace

std::vector<std::string> callgrind_arguments(const std::filesystem::path& file) {
    return {"valgrind", "--tool=callgrind", "--callgrind-out-file=" + file.string()};
}

void callgrind_zero(pid_t process) {
    control("--zero", process);
}

void callgrind_dump(pid_t process) {
    control("--dump", process);
}

double callgrind_count(const std::filesystem::path& file) {
    std::ifstream lines{file.string() + ".1"};
    constexpr std::string_view key = "summary: ";
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(key)) {
            return std::stod(line.substr(key.size()));
        }
    }
    throw std::runtime_error{fmt::format("no counts of callgrind in {}.1", file.string())};
}

} // namespace bambu2mqtt::compare
