#include "support/proc.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace bambu2mqtt::test_support {

long status_of(const std::string& pid, const std::string& field) {
    std::ifstream status{"/proc/" + pid + "/status"};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(field + ":"))
            return std::stol(line.substr(field.size() + 1));
    return -1;
}

std::size_t descriptors_of(const std::string& pid) {
    const std::filesystem::directory_iterator all{"/proc/" + pid + "/fd"};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

} // namespace bambu2mqtt::test_support
