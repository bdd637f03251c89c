#pragma once
// Files of one test: a directory that disappears with its owner, and reading and writing whole files.
// Everything here throws std::runtime_error or std::filesystem::filesystem_error when the disk says no.

#include <filesystem>
#include <string>
#include <string_view>

namespace bambu2mqtt::test_support {

/// A fresh directory (mode 0700) below the system's temporary directory, removed with all it holds on
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

/// Writes `content` as the whole file, readable by its owner alone (mode 0600).
void write_file(const std::filesystem::path& path, std::string_view content);

/// The bytes of the file; empty text when there is no such file.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

} // namespace bambu2mqtt::test_support
