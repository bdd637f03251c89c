#include "io/disk/disk.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace bambu2mqtt {

namespace {

namespace fs = std::filesystem;

class File {
  public:
    File(const fs::path& path, int flags) : descriptor_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {}

    File(const File&) = delete;
    File& operator=(const File&) = delete;

    ~File() {
        if (descriptor_ >= 0) {
            close(descriptor_);
        }
    }

    [[nodiscard]] bool opened() const { return descriptor_ >= 0; }

    [[nodiscard]] std::optional<std::string> read_all() const {
        std::string text;
        std::array<char, 4096> piece{};
        while (text.size() <= largest_small_file) { // one byte more tells that it is too large
            const ssize_t count = ::read(descriptor_, piece.data(), piece.size());
            if (count < 0) {
                return std::nullopt;
            }
            if (count == 0) {
                break;
            }
            text.append(piece.data(), static_cast<std::size_t>(count));
        }
        return text;
    }

    [[nodiscard]] bool write_all(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t count = write(descriptor_, text.data(), text.size());
            if (count < 0) {
                return false;
            }
            text.remove_prefix(static_cast<std::size_t>(count));
        }
        return sync();
    }

    [[nodiscard]] bool sync() const { return fsync(descriptor_) == 0; }

  private:
    int descriptor_;
};

[[nodiscard]] Error too_large(const fs::path& path) {
    return {Problem::unavailable,
            fmt::format("'{}' is larger than {} bytes", path.string(), largest_small_file)};
}

[[nodiscard]] Error disk_error(std::string_view what, const fs::path& path, int number) {
    return {Problem::unavailable,
            fmt::format("cannot {} '{}': {}", what, path.string(), std::generic_category().message(number))};
}

} // namespace

Result<std::optional<std::string>> read_small_file(const fs::path& path) {
    const File file(path, O_RDONLY);
    if (!file.opened()) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return std::optional<std::string>();
        }
        return disk_error("open", path, errno);
    }
    auto text = file.read_all();
    if (!text) {
        return disk_error("read", path, errno);
    }
    if (text->size() > largest_small_file) {
        return too_large(path);
    }
    return text;
}

std::optional<Error> replace_file(const fs::path& path, std::string_view text) {
    if (text.size() > largest_small_file) {
        return too_large(path);
    }
    std::error_code problem;
    fs::create_directories(path.parent_path(), problem);
    if (problem) {
        return disk_error("create", path.parent_path(), problem.value());
    }
    const fs::path beside = path.string() + fmt::format(".{}.new", getpid());
    {
        const File file(beside, O_WRONLY | O_CREAT | O_TRUNC);
        if (!file.opened() || !file.write_all(text)) {
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
    const File directory(path.parent_path(), O_RDONLY | O_DIRECTORY);
    if (!directory.opened() || !directory.sync()) {
        return disk_error("sync", path.parent_path(), errno);
    }
    return std::nullopt;
}

fs::path path_aside(const fs::path& path) {
    return path.string() + ".corrupt";
}

Result<fs::path> set_aside(const fs::path& path) {
    fs::path aside = path_aside(path);
    if (std::rename(path.c_str(), aside.c_str()) != 0) {
        return disk_error("set aside", path, errno);
    }
    return aside;
}

} // namespace bambu2mqtt
