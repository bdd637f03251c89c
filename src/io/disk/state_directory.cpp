#include <bambu2mqtt/io/disk/state_directory.hpp>

#include <fmt/format.h>

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace bambu2mqtt {

namespace fs = std::filesystem;

std::string writable_folder_advice(const fs::path& folder) {
    const auto user = geteuid();
    const auto make =
        user == 0 ? std::string{}
                  : fmt::format(", or run as root: install -d -m 0700 -o {} '{}'", user, folder.string());
    return fmt::format("set state_directory to a folder that this user can write{}", make);
}

std::string why_not_writable(const fs::path& folder) {
    std::error_code problem;
    auto nearest = fs::absolute(folder, problem);
    while (!fs::exists(nearest, problem) && nearest.has_relative_path()) {
        nearest = nearest.parent_path();
    }
    const bool is_folder = fs::is_directory(nearest, problem);
    if (is_folder && access(nearest.c_str(), W_OK | X_OK) == 0) {
        return {};
    }
    const int number = is_folder ? errno : ENOTDIR;
    return fmt::format("'{}' cannot be {}: {}; {}", folder.string(),
                       fs::exists(folder, problem) ? "written" : "made",
                       std::generic_category().message(number), writable_folder_advice(folder));
}

std::string owner_of(const fs::path& folder) {
    struct stat status {};

    if (::stat(folder.c_str(), &status) != 0) {
        return {};
    }
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> buffer{};
    (void)getpwuid_r(status.st_uid, &entry, buffer.data(), buffer.size(), &found);
    return found != nullptr ? std::string{found->pw_name} : std::to_string(status.st_uid);
}

} // namespace bambu2mqtt
