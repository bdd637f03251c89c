#include "io/disk/disk.hpp"

#include <bambu2mqtt/base/read_file.hpp>
#include <bambu2mqtt/base/unique_fd.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace bambu2mqtt {

namespace {

namespace fs = std::filesystem;

[[nodiscard]] bool write_all(const UniqueFd& file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = write(file.get(), text.data(), text.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return fsync(file.get()) == 0;
}

[[nodiscard]] unexpected<Error> disk_error(std::string_view what, const fs::path& path, int number) {
    return failure(Problem::unavailable, fmt::format("cannot {} '{}': {}", what, path.string(),
                                                     std::generic_category().message(number)));
}

} // namespace

expected<std::optional<std::string>, Error> read_small_file(const fs::path& path) {
    auto text = read_file(path, largest_small_file);
    if (text) {
        return std::optional(std::move(*text));
    }
    if (text.error().problem == Problem::unknown) {
        return std::optional<std::string>();
    }
    return failure(Problem::unavailable,
                   fmt::format("cannot read '{}': {}", path.string(), text.error().detail));
}

expected<void, Error> replace_file(const fs::path& path, std::string_view text) {
    if (text.size() > largest_small_file) {
        return failure(Problem::unavailable,
                       fmt::format("cannot write '{}': it would be larger than {} bytes", path.string(),
                                   largest_small_file));
    }
    std::error_code problem;
    fs::create_directories(path.parent_path(), problem);
    if (problem) {
        return disk_error("create", path.parent_path(), problem.value());
    }
    const fs::path beside = path.string() + fmt::format(".{}.new", getpid());
    {
        const UniqueFd file(open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (!file.valid() || !write_all(file, text)) {
            const int number = errno;
            unlink(beside.c_str());
            return disk_error("write", beside, number);
        }
    }
    if (std::rename(beside.c_str(), path.c_str()) != 0) {
        const int number = errno;
        unlink(beside.c_str());
        return disk_error("replace", path, number);
    }
    const UniqueFd directory(open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.valid() || fsync(directory.get()) != 0) {
        return disk_error("sync", path.parent_path(), errno);
    }
    return {};
}

fs::path path_aside(const fs::path& path) {
    return path.string() + ".corrupt";
}

expected<fs::path, Error> set_aside(const fs::path& path) {
    fs::path aside = path_aside(path);
    if (std::rename(path.c_str(), aside.c_str()) != 0) {
        return disk_error("set aside", path, errno);
    }
    return aside;
}

} // namespace bambu2mqtt
