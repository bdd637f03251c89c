#pragma once
// The files on a printer's storage, as far as requests can name them. Knows paths and sizes, and reads a
// folder if given; transfers nothing.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt::simulator {

/// The path on the storage for a URL or path in a request: "ftp://a.3mf", "file:///sdcard/a.3mf",
/// "/mnt/sdcard/a.3mf" and "/a.3mf" all give "/a.3mf". Nothing for other schemes and paths with "..".
[[nodiscard]] std::optional<std::string> path_on_storage(std::string_view url);

/// By default every file exists.
class StoredFiles {
  public:
    StoredFiles() = default;

    /// Only these files exist: path ("/a.3mf") and size in bytes.
    [[nodiscard]] static StoredFiles listed(std::map<std::string, std::uint64_t> files);

    /// The files below this folder, checked each time: the root of the printer's file server.
    [[nodiscard]] static StoredFiles below(std::filesystem::path root);

    /// Whether the files are known.
    [[nodiscard]] bool checked() const { return static_cast<bool>(resolve_host_); }

    /// Size of the file at that path in bytes; nothing when there is no such file, or the files are unknown.
    [[nodiscard]] std::optional<std::uint64_t> size_of(const std::string& path) const;

    /// True if a job can read this URL or path.
    [[nodiscard]] bool has(std::string_view url) const;

  private:
    std::function<std::optional<std::uint64_t>(const std::string&)> resolve_host_{};
};

} // namespace bambu2mqtt::simulator
