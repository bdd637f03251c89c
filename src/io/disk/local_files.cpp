#include <bambu2mqtt/file/local_path.hpp>
#include <bambu2mqtt/io/disk/local_files.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <iterator>
#include <limits>
#include <system_error>
#include <utility>

namespace bambu2mqtt {

namespace {

namespace fs = std::filesystem;

/// Name of the folder itself in messages: clients must not see its path on disk.
constexpr const char* the_folder = "files.directory";

constexpr mode_t file_mode = 0644;
constexpr mode_t folder_mode = 0755;
constexpr int open_folder = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

[[nodiscard]] std::string words_for(int number) {
    return std::generic_category().message(number);
}

/// The error for an errno of opening.
[[nodiscard]] unexpected<Error> open_error(const fs::path& path, int number) {
    switch (number) {
    case EXDEV:
        return leads_out(path.string());
    case ELOOP:
        return failure(
            Problem::refused,
            fmt::format("'{}' is or contains a symbolic link that is not followed", path.string()));
    case ENOENT:
    case ENOTDIR:
        return failure(Problem::unknown, fmt::format("no such file: '{}'", path.string()));
    case EISDIR:
        return failure(Problem::malformed, fmt::format("'{}' is a folder, expected a file", path.string()));
    default:
        return failure(Problem::unavailable,
                       fmt::format("cannot open '{}': {}", path.string(), words_for(number)));
    }
}

[[nodiscard]] int open_by_kernel(int root, const char* path, int flags) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags) | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    constexpr int attempts = 16; // EAGAIN: something was renamed meanwhile
    int descriptor = -1;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        descriptor = static_cast<int>(syscall(SYS_openat2, root, path, &how, sizeof how));
        if (descriptor >= 0 || errno != EAGAIN) {
            break;
        }
    }
    return descriptor;
}

[[nodiscard]] UniqueFd open_by_hand(int root, const fs::path& path, int flags) {
    UniqueFd folder(openat(root, ".", open_folder));
    for (auto part = path.begin(); folder.valid() && part != path.end(); ++part) {
        const bool last = std::next(part) == path.end();
        folder = UniqueFd(openat(folder.get(), part->c_str(),
                                 (last ? flags : O_PATH | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC));
    }
    return folder;
}

} // namespace

std::optional<std::size_t> LocalFile::read(std::uint64_t offset, std::span<char> into) const {
    ssize_t count = -1;
    do {
        count = pread(descriptor_.get(), into.data(), into.size(), static_cast<off_t>(offset));
    } while (count < 0 && errno == EINTR);
    return count < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(count));
}

bool LocalFile::read_all(std::uint64_t offset, std::span<char> into) const {
    while (!into.empty()) {
        const auto count = read(offset, into);
        if (!count || *count == 0) {
            return false;
        }
        offset += *count;
        into = into.subspan(*count);
    }
    return true;
}

std::uint64_t LocalFile::room() const {
    struct statvfs disk {};

    if (keep_free_ == 0 || fstatvfs(descriptor_.get(), &disk) != 0) {
        return std::numeric_limits<std::uint64_t>::max();
    }
    const auto free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    return free > keep_free_ ? free - keep_free_ : 0;
}

expected<void, Error> LocalFile::append(std::string_view bytes) {
    if (const auto left = room(); left == 0 || bytes.size() > left) {
        return failure(Problem::unavailable,
                       fmt::format("the disk of files.directory is nearly full: {} MiB must stay free",
                                   keep_free_ / (1024 * 1024)));
    }
    while (!bytes.empty()) {
        const auto count = pwrite(descriptor_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
        if (count < 0 && errno != EINTR) {
            return failure(Problem::unavailable, "cannot write into files.directory: " + words_for(errno));
        }
        const auto written = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
        size_ += written;
        bytes.remove_prefix(written);
    }
    return {};
}

NewFile::NewFile(UniqueFd folder, std::string name, std::string temporary, fs::path path, LocalFile file)
    : folder_(std::move(folder)), name_(std::move(name)), temporary_(std::move(temporary)),
      path_(std::move(path)), file_(std::move(file)) {}

NewFile::~NewFile() {
    if (folder_.valid()) {
        unlinkat(folder_.get(), temporary_.c_str(), 0);
    }
}

expected<fs::path, Error> NewFile::keep() {
    const bool safe = fsync(file_.descriptor().get()) == 0 &&
                      renameat(folder_.get(), temporary_.c_str(), folder_.get(), name_.c_str()) == 0;
    if (!safe) {
        return failure(Problem::unavailable,
                       fmt::format("cannot write '{}': {}", path_.string(), words_for(errno)));
    }
    fsync(folder_.get());
    folder_ = UniqueFd();
    return path_;
}

LocalFolder::LocalFolder(fs::path directory, PathWalk walk, std::uint64_t keep_free)
    : directory_(fs::absolute(directory).lexically_normal()), walk_(walk), keep_free_(keep_free) {}

expected<void, Error> LocalFolder::check(std::string_view path) const {
    if (const auto below = path_below(directory_, path); !below) {
        return unexpected(below.error());
    }
    return {};
}

UniqueFd LocalFolder::open_beneath(const UniqueFd& root, const fs::path& path, int flags) const {
    if (walk_ == PathWalk::by_kernel) {
        const int descriptor = open_by_kernel(root.get(), path.c_str(), flags);
        // EPERM: old container runtimes forbid system calls they do not know.
        if (descriptor >= 0 || (errno != ENOSYS && errno != EPERM)) {
            return UniqueFd(descriptor);
        }
    }
    return open_by_hand(root.get(), path, flags);
}

expected<LocalFile, Error> LocalFolder::open(std::string_view path) const {
    const auto below = path_below(directory_, path);
    if (!below) {
        return unexpected(below.error());
    }
    const UniqueFd root(::open(directory_.c_str(), open_folder));
    if (!root.valid()) {
        return open_error(the_folder, errno);
    }
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    UniqueFd file = open_beneath(root, *below, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!file.valid()) {
        return open_error(*below, errno);
    }

    struct stat status {};

    if (fstat(file.get(), &status) != 0) {
        return open_error(*below, errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return failure(Problem::malformed,
                       fmt::format("'{}' is {}, expected a file", below->string(),
                                   S_ISDIR(status.st_mode) ? "a folder" : "not a regular file"));
    }
    return LocalFile(std::move(file), static_cast<std::uint64_t>(status.st_size));
}

/// Opens the folder itself and those in it down to `path`, creating missing ones; returns the last.
expected<UniqueFd, Error> LocalFolder::make_folders(const fs::path& path) const {
    std::error_code problem;
    fs::create_directories(directory_, problem);
    if (problem) {
        return failure(Problem::unavailable,
                       fmt::format("cannot create {}: {}", the_folder, problem.message()));
    }
    const UniqueFd root(::open(directory_.c_str(), open_folder));
    UniqueFd folder(openat(root.get(), ".", open_folder));
    fs::path below;
    for (const auto& part : path) {
        below /= part;
        if (folder.valid()) {
            mkdirat(folder.get(), part.c_str(), folder_mode); // it may exist
            folder = open_beneath(root, below, O_RDONLY | O_DIRECTORY);
        }
    }
    if (!folder.valid()) {
        return errno == ENOTDIR
                   ? failure(Problem::malformed, fmt::format("'{}' is not a folder", below.string()))
                   : open_error(below.empty() ? fs::path(the_folder) : below, errno);
    }
    return folder;
}

expected<NewFile, Error> LocalFolder::create(std::string_view path, std::string_view tag) const {
    const auto below = path_below(directory_, path);
    if (!below) {
        return unexpected(below.error());
    }
    auto folder = make_folders(below->parent_path());
    if (!folder) {
        return unexpected(folder.error());
    }
    const int parent = folder->get();
    const std::string name = below->filename();

    struct stat status {};

    if (fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(status.st_mode) &&
        !S_ISLNK(status.st_mode)) {
        return failure(Problem::malformed,
                       fmt::format("'{}' is {}, expected a file", below->string(),
                                   S_ISDIR(status.st_mode) ? "a folder" : "not a regular file"));
    }
    std::string temporary = fmt::format(".bambu2mqtt-{}.part", tag);
    unlinkat(parent, temporary.c_str(), 0);
    UniqueFd file(
        openat(parent, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, file_mode));
    if (!file.valid()) {
        return open_error(*below, errno);
    }
    return NewFile(std::move(*folder), name, std::move(temporary), *below,
                   LocalFile(std::move(file), 0, keep_free_));
}

expected<LocalFile, Error> LocalFolder::scratch() const {
    const auto folder = make_folders({});
    if (!folder) {
        return unexpected(folder.error());
    }
    constexpr mode_t private_mode = 0600;
    UniqueFd file(openat(folder->get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, private_mode));
    if (!file.valid()) { // a file system without unnamed files
        const std::string name = fmt::format(".bambu2mqtt-{}.scratch", getpid());
        unlinkat(folder->get(), name.c_str(), 0);
        file = UniqueFd(openat(folder->get(), name.c_str(),
                               O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, private_mode));
        unlinkat(folder->get(), name.c_str(), 0);
    }
    if (!file.valid()) {
        return open_error(the_folder, errno);
    }
    return LocalFile(std::move(file), 0, keep_free_);
}

} // namespace bambu2mqtt
