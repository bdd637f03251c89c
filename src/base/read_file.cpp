#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/base/read_file.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace bambu2mqtt {

namespace {

[[nodiscard]] unexpected<Error> open_failure(int number) {
    const bool missing = number == ENOENT || number == ENOTDIR;
    return failure(missing ? Problem::unknown : Problem::unavailable, system_error_text(number));
}

} // namespace

std::string system_error_text(int number) {
    std::string text = std::generic_category().message(number);
    if (!text.empty()) {
        text.front() = lower(text.front());
    }
    return text;
}

expected<UniqueFd, Error> open_regular_file(const std::filesystem::path& path) {
    struct stat status {};

    if (::stat(path.c_str(), &status) != 0) { // before it is opened: opening a device can have side effects
        return open_failure(errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return failure(Problem::unavailable,
                       S_ISDIR(status.st_mode) ? "is a folder" : "is not a regular file");
    }
    UniqueFd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!file.valid()) {
        return open_failure(errno);
    }
    return file;
}

expected<std::string, Error> read_file(const std::filesystem::path& path, std::size_t limit) {
    const auto file = open_regular_file(path);
    if (!file) {
        return unexpected(file.error());
    }
    std::string text;
    std::array<char, 4096> piece{};
    while (true) {
        const ssize_t count = ::read(file->get(), piece.data(), piece.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return failure(Problem::unavailable, system_error_text(errno));
        }
        if (count == 0) {
            return text;
        }
        text.append(piece.data(), static_cast<std::size_t>(count));
        if (text.size() > limit) {
            return failure(Problem::out_of_range, fmt::format("is larger than {} bytes", limit));
        }
    }
}

} // namespace bambu2mqtt
