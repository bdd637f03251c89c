#include "cli/simulate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <ostream>
#include <sstream>
#include <system_error>

namespace bambu2mqtt {

namespace {

constexpr int exit_no_simulator = 1;
constexpr const char* simulator_name = "bambu2mqtt-simulator"; // the program and the Debian package

bool is_program(const std::filesystem::path& file) {
    std::error_code error;
    return std::filesystem::is_regular_file(file, error) && access(file.c_str(), X_OK) == 0;
}

std::filesystem::path folder_of_this_program() {
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

} // namespace

std::vector<std::string> simulator_arguments(const std::filesystem::path& simulator, const Options& options) {
    const auto models = options.models.empty() ? std::vector<std::string>{"X1C"} : options.models;
    std::vector<std::string> arguments{simulator.string(), "--models",
                                       fmt::format("{}", fmt::join(models, ",")), "--printers",
                                       std::to_string(models.size())};
    if (!options.broker.empty()) {
        arguments.insert(arguments.end(), {"--broker", options.broker});
    }
    return arguments;
}

std::filesystem::path find_simulator(const std::filesystem::path& folder, const std::string& path) {
    if (auto beside = folder / simulator_name; !folder.empty() && is_program(beside)) {
        return beside;
    }
    std::istringstream folders{path};
    for (std::string next; std::getline(folders, next, ':');) {
        if (auto found = std::filesystem::path{next} / simulator_name; !next.empty() && is_program(found)) {
            return found;
        }
    }
    return {};
}

int run_simulate(const Options& options, std::ostream& diagnostics) {
    const char* const path = std::getenv("PATH");
    const auto simulator = find_simulator(folder_of_this_program(), path == nullptr ? "" : path);
    if (simulator.empty()) {
        diagnostics << fmt::format("{0} is neither beside this program nor in PATH; it is in the Debian "
                                   "package {0}\n",
                                   simulator_name);
        return exit_no_simulator;
    }
    auto arguments = simulator_arguments(simulator, options);
    std::vector<char*> words;
    std::ranges::transform(arguments, std::back_inserter(words),
                           [](std::string& word) { return word.data(); });
    words.push_back(nullptr);
    execv(simulator.c_str(), words.data());
    diagnostics << fmt::format("cannot start {}: {}\n", simulator.string(), std::strerror(errno));
    return exit_no_simulator;
}

} // namespace bambu2mqtt
