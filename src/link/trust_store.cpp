#include <bambu2mqtt/link/trust_store.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <system_error>

namespace bambu2mqtt {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_bytes = 64 * 1024; // a certificate has one or two kilobytes

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

    /// Until the end of the file or `most_bytes`; nothing when reading fails.
    [[nodiscard]] std::optional<std::string> read_all() const {
        std::string text;
        std::array<char, 4096> piece{};
        while (text.size() < most_bytes) {
            const ssize_t count = read(descriptor_, piece.data(), piece.size());
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

    /// All of it, and safe on the disk.
    [[nodiscard]] bool write_all(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t count = write(descriptor_, text.data(), text.size());
            if (count < 0) {
                return false;
            }
            text.remove_prefix(static_cast<std::size_t>(count));
        }
        return fsync(descriptor_) == 0;
    }

    [[nodiscard]] bool sync() const { return fsync(descriptor_) == 0; }

  private:
    int descriptor_;
};

[[nodiscard]] Error disk_error(std::string_view what, const fs::path& path, int number) {
    return {Problem::unavailable,
            fmt::format("cannot {} '{}': {}", what, path.string(), std::generic_category().message(number))};
}

/// Writes beside the file and puts it in place in one step.
[[nodiscard]] std::optional<Error> replace_file(const fs::path& path, std::string_view text) {
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

} // namespace

TrustStore::TrustStore(const fs::path& state_directory) : directory_(state_directory / "pins") {}

Result<std::optional<PinnedCertificate>> TrustStore::load(std::string_view serial) {
    const std::lock_guard lock(mutex_);
    const fs::path path = file_of(serial);
    const File file(path, O_RDONLY);
    if (!file.opened()) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return std::optional<PinnedCertificate>();
        }
        return disk_error("open", path, errno);
    }
    const std::optional<std::string> text = file.read_all();
    if (!text) {
        return disk_error("read", path, errno);
    }
    const Result<PeerCertificate> certificate = parse_certificate(*text);
    if (!certificate) {
        const fs::path aside = path.string() + ".corrupt";
        if (std::rename(path.c_str(), aside.c_str()) != 0) {
            return disk_error("set aside", path, errno);
        }
        return Error{
            Problem::malformed,
            fmt::format("'{}' holds no certificate; it is set aside as '{}', and the certificate the printer "
                        "shows next is trusted if it names the serial",
                        path.string(), aside.string())};
    }
    return std::optional<PinnedCertificate>({certificate->pem, certificate->fingerprint});
}

std::optional<PinnedCertificate> TrustStore::get(std::string_view serial) {
    Result<std::optional<PinnedCertificate>> pin = load(serial);
    return pin ? *std::move(pin) : std::nullopt;
}

Result<PinnedCertificate> TrustStore::put(std::string_view serial, std::string_view pem) {
    const Result<PeerCertificate> certificate = parse_certificate(pem);
    if (!certificate) {
        return certificate.error();
    }
    const std::lock_guard lock(mutex_);
    std::error_code problem;
    fs::create_directories(directory_, problem);
    if (problem) {
        return disk_error("create", directory_, problem.value());
    }
    if (std::optional<Error> failure = replace_file(file_of(serial), certificate->pem)) {
        return *std::move(failure);
    }
    return PinnedCertificate{certificate->pem, certificate->fingerprint};
}

fs::path TrustStore::file_of(std::string_view serial) const {
    std::string name;
    for (const char c : serial) {
        const bool plain =
            (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
        name += plain ? c : '_';
    }
    return directory_ / (name + ".pem");
}

} // namespace bambu2mqtt
