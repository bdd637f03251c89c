#include "io/disk/disk.hpp"
#include <bambu2mqtt/io/disk/config_file.hpp>

#include <fmt/format.h>

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <system_error>

namespace bambu2mqtt {

namespace {

namespace files = std::filesystem;

constexpr const char* service_group = "bambu2mqtt";
constexpr mode_t owner_and_group = 0640;

/// Called before any thread reads the groups.
std::optional<gid_t> group_of_service() {
    const auto* const group = geteuid() == 0 ? getgrnam(service_group) : nullptr;
    return group == nullptr ? std::nullopt : std::optional{group->gr_gid};
}

} // namespace

expected<void, Error> write_config_file(const files::path& path, std::string_view text, Existing existing) {
    std::error_code problem;
    const bool exists = files::symlink_status(path, problem).type() != files::file_type::not_found;
    if (exists && existing == Existing::kept) {
        return failure(Problem::refused, fmt::format("'{}' exists and is not overwritten", path.string()));
    }
    // Complete beside the final place, so that neither a part of it nor one readable by others is ever seen
    // there.
    const files::path beside = path.string() + fmt::format(".{}.init", getpid());
    if (auto written = replace_file(beside, text); !written) {
        return written;
    }
    if (const auto group = group_of_service()) {
        if (chown(beside.c_str(), 0, *group) != 0 || chmod(beside.c_str(), owner_and_group) != 0) {
            const int number = errno;
            unlink(beside.c_str());
            return path_error("give the group bambu2mqtt the file", beside, number);
        }
    }
    if (exists) {
        const files::path backup = path.string() + ".bak";
        if (std::rename(path.c_str(), backup.c_str()) != 0) {
            const int number = errno;
            unlink(beside.c_str());
            return path_error("keep a copy of", path, number);
        }
    }
    // link() fails where a file was created meanwhile; rename() would replace it.
    if (link(beside.c_str(), path.c_str()) != 0) {
        const int number = errno;
        unlink(beside.c_str());
        return path_error("create", path, number);
    }
    unlink(beside.c_str());
    return {};
}

expected<void, Error> write_managed_printers(const std::filesystem::path& path, std::string_view text) {
    return replace_file(path, text);
}

} // namespace bambu2mqtt
