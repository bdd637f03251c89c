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
#include <utility>

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

[[nodiscard]] UniqueFd open_directory(const fs::path& path, int flags = 0) {
    const fs::path named = path.empty() ? fs::path{"."} : path;
    return UniqueFd(open(named.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags));
}

/// Run by root: gives what was just created in the folder to the folder's owner. Returns false with `errno`
/// set when that fails.
[[nodiscard]] bool give_to_owner_of(const UniqueFd& folder, const UniqueFd& created) {
    if (geteuid() != 0) {
        return true;
    }

    struct stat above {};

    struct stat below {};

    if (fstat(folder.get(), &above) != 0 || fstat(created.get(), &below) != 0) {
        return false;
    }
    const bool same = above.st_uid == below.st_uid && above.st_gid == below.st_gid;
    return same || fchown(created.get(), above.st_uid, above.st_gid) == 0;
}

/// Writes a new file in the open folder; symbolic links are not followed. Returns false with `errno` set.
[[nodiscard]] bool write_new(const UniqueFd& folder, const fs::path& path, std::string_view text) {
    const auto name = path.filename();
    unlinkat(folder.get(), name.c_str(), 0); // left by a process that was killed
    const UniqueFd file = create_file(folder, name.c_str(), O_WRONLY);
    return file.valid() && write_all(file, text);
}

} // namespace

UniqueFd create_file(const UniqueFd& folder, const char* name, int access) {
    UniqueFd file(openat(folder.get(), name, access | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    return file.valid() && give_to_owner_of(folder, file) ? std::move(file) : UniqueFd{};
}

unexpected<Error> path_error(std::string_view what, const fs::path& path, int number) {
    return failure(Problem::unavailable, fmt::format("cannot {} '{}': {}", what, path.string(),
                                                     std::generic_category().message(number)));
}

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

expected<void, Error> make_folders(const fs::path& path) {
    std::error_code problem;
    if (path.empty() || fs::is_directory(path, problem)) {
        return {};
    }
    const auto above = path.parent_path();
    if (above != path) {
        if (auto made = make_folders(above); !made) {
            return made;
        }
    }
    if (mkdir(path.c_str(), 0777) != 0) {
        const int number = errno == EEXIST ? ENOTDIR : errno;
        return fs::is_directory(path, problem) ? expected<void, Error>{} : path_error("create", path, number);
    }
    const UniqueFd folder = open_directory(above);
    const UniqueFd created = open_directory(path, O_NOFOLLOW);
    if (!folder.valid() || !created.valid() || !give_to_owner_of(folder, created)) {
        return path_error("set the owner of", path, errno);
    }
    return {};
}

expected<void, Error> replace_file(const fs::path& path, std::string_view text) {
    if (text.size() > largest_small_file) {
        return failure(Problem::unavailable,
                       fmt::format("cannot write '{}': it would be larger than {} bytes", path.string(),
                                   largest_small_file));
    }
    if (auto made = make_folders(path.parent_path()); !made) {
        return made;
    }
    const UniqueFd directory = open_directory(path.parent_path());
    if (!directory.valid()) {
        return path_error("open", path.parent_path(), errno);
    }
    const fs::path beside = path.string() + fmt::format(".{}.new", getpid());
    if (!write_new(directory, beside, text)) {
        const int number = errno;
        unlink(beside.c_str());
        return path_error("write", beside, number);
    }
    if (std::rename(beside.c_str(), path.c_str()) != 0) {
        const int number = errno;
        unlink(beside.c_str());
        return path_error("replace", path, number);
    }
    if (fsync(directory.get()) != 0) {
        return path_error("sync", path.parent_path(), errno);
    }
    return {};
}

fs::path path_aside(const fs::path& path) {
    return path.string() + ".corrupt";
}

expected<fs::path, Error> set_aside(const fs::path& path) {
    fs::path aside = path_aside(path);
    if (std::rename(path.c_str(), aside.c_str()) != 0) {
        return path_error("set aside", path, errno);
    }
    return aside;
}

} // namespace bambu2mqtt
