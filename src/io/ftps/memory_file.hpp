// A file that exists in memory only. Knows nothing of what is in it.
#pragma once

#include <bambu2mqtt/base/unique_fd.hpp>

#include <string>
#include <string_view>

namespace bambu2mqtt {

/// For a library that wants the path of a file where there is only a text. Gone with its owner.
class MemoryFile {
  public:
    /// When the system gives no such file, reading from path() fails.
    explicit MemoryFile(std::string_view content);

    /// Whether there is such a file.
    [[nodiscard]] bool made() const noexcept { return descriptor_.valid(); }

    /// Can be opened by this process any number of times.
    [[nodiscard]] const std::string& path() const noexcept;

  private:
    UniqueFd descriptor_;
    std::string path_;
};

} // namespace bambu2mqtt
