#pragma once
// Files of one test: a directory that is removed with its owner, and reading and writing complete files.
// Everything here throws std::runtime_error or std::filesystem::filesystem_error on failure.

#include <filesystem>
#include <string>
#include <string_view>

namespace bambu2mqtt::test_support {

/// A fresh directory (mode 0700) below the system's temporary directory, removed with its content on
/// destruction.
class TemporaryDirectory {
  public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    /// Absolute path of the directory.
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Path of an entry in it; the entry need not exist.
    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

/// Writes `content` as the complete file, readable by its owner only (mode 0600).
void write_file(const std::filesystem::path& path, std::string_view content);

/// The content of the file; empty when there is no such file.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

} // namespace bambu2mqtt::test_support
