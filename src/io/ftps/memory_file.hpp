// A file that exists in memory only. Independent of its content.
#pragma once

#include <bambu2mqtt/base/unique_fd.hpp>

#include <string>
#include <string_view>

namespace bambu2mqtt {

/// For a library that requires a path where there is only text. Removed with its owner.
class MemoryFile {
  public:
    /// If the system cannot create such a file, reading from path() fails.
    explicit MemoryFile(std::string_view content);

    /// True if the file was created.
    [[nodiscard]] bool made() const noexcept { return descriptor_.valid(); }

    /// Can be opened by this process any number of times.
    [[nodiscard]] const std::string& path() const noexcept;

  private:
    UniqueFd descriptor_;
    std::string path_;
};

} // namespace bambu2mqtt
