// The one folder in which files are read and written for clients. Knows the disk and how paths can escape;
// not the meaning of the files.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/base/unique_fd.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Bytes that stay free on the disk of files.directory, also with concurrent writers: state files are often
/// on the same disk.
inline constexpr std::uint64_t least_free = 64UL * 1024 * 1024;

/// An open regular file.
class LocalFile {
  public:
    /// `keep_free`: bytes that append() leaves free on its disk.
    LocalFile(UniqueFd descriptor, std::uint64_t size, std::uint64_t keep_free = 0)
        : descriptor_(std::move(descriptor)), size_(size), keep_free_(keep_free) {}

    /// Bytes, when it was opened or last written here.
    [[nodiscard]] std::uint64_t size() const { return size_; }

    /// Fills a part of the span from an offset on; 0 at the end of the file, nothing on failure.
    [[nodiscard]] std::optional<std::size_t> read(std::uint64_t offset, std::span<char> into) const;

    /// Fills all of it; false on failure.
    [[nodiscard]] bool read_all(std::uint64_t offset, std::span<char> into) const;

    /// Adds to its end. Fails as `unavailable`: "no space left on device", or before
    /// that, when too little would stay free; with nothing to add it only says whether that is so.
    [[nodiscard]] expected<void, Error> append(std::string_view bytes);

    /// Number of bytes append() may currently add.
    [[nodiscard]] std::uint64_t room() const;

    [[nodiscard]] const UniqueFd& descriptor() const { return descriptor_; }

  private:
    UniqueFd descriptor_;
    std::uint64_t size_;
    std::uint64_t keep_free_;
};

/// A new file: it has a temporary name until keep(), and is removed without it.
class NewFile {
  public:
    NewFile(UniqueFd folder, std::string name, std::string temporary, std::filesystem::path path,
            LocalFile file);
    NewFile(NewFile&&) noexcept = default;
    NewFile& operator=(NewFile&&) = delete;
    ~NewFile();

    [[nodiscard]] expected<void, Error> append(std::string_view bytes) { return file_.append(bytes); }

    [[nodiscard]] std::uint64_t size() const { return file_.size(); }

    [[nodiscard]] std::uint64_t room() const { return file_.room(); }

    /// Syncs it to disk and gives it its name, replacing an existing file. Returns its path relative to the
    /// folder.
    [[nodiscard]] expected<std::filesystem::path, Error> keep();

  private:
    UniqueFd folder_; // not valid: kept, or moved from
    std::string name_;
    std::string temporary_;
    std::filesystem::path path_;
    LocalFile file_;
};

/// Whether the kernel keeps paths inside (openat2, Linux 5.6) or they are opened part by part, which allows
/// no symbolic links.
enum class PathWalk : std::uint8_t { by_kernel, by_hand };

/// Paths are relative to the folder, or absolute and inside it; ".." is refused. Symbolic links are followed
/// as long as they stay inside. Errors: `refused` for a path that leads out, `unknown` for a missing file,
/// `malformed` for an invalid path and for anything but a regular file, `unavailable` for the rest.
class LocalFolder {
  public:
    /// `keep_free`: bytes that writes leave free on its disk.
    explicit LocalFolder(std::filesystem::path directory, PathWalk walk = PathWalk::by_kernel,
                         std::uint64_t keep_free = least_free);

    /// Checks a path without a look at the disk, as path_below() does.
    [[nodiscard]] expected<void, Error> check(std::string_view path) const;

    /// For reading.
    [[nodiscard]] expected<LocalFile, Error> open(std::string_view path) const;

    /// Opens a temporary file for writing and creates missing folders. `tag` becomes part of its name: a
    /// remaining temporary file with the same tag in that folder is removed.
    [[nodiscard]] expected<NewFile, Error> create(std::string_view path, std::string_view tag) const;

    /// For writing and reading, without a name: removed when closed.
    [[nodiscard]] expected<LocalFile, Error> scratch() const;

  private:
    [[nodiscard]] UniqueFd open_beneath(const UniqueFd& root, const std::filesystem::path& path,
                                        int flags) const;
    [[nodiscard]] expected<UniqueFd, Error> make_folders(const std::filesystem::path& path) const;

    std::filesystem::path directory_;
    PathWalk walk_;
    std::uint64_t keep_free_;
};

} // namespace bambu2mqtt
