#pragma once
// The files on a printer's storage, as far as requests can name them. Knows paths and sizes, and looks at a
// folder where one is given; carries nothing over.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt::simulator {

/// The path on the storage that a URL or path in a request means: "ftp://a.3mf", "file:///sdcard/a.3mf",
/// "/mnt/sdcard/a.3mf" and "/a.3mf" are all "/a.3mf". Nothing for other schemes and paths with "..".
[[nodiscard]] std::optional<std::string> path_on_storage(std::string_view url);

/// Unless told otherwise every file is there.
class StoredFiles {
  public:
    StoredFiles() = default;

    /// These and no others: path ("/a.3mf") and size in bytes.
    [[nodiscard]] static StoredFiles listed(std::map<std::string, std::uint64_t> files);

    /// What lies below this folder, looked up each time: the root of a file server that plays the printer's.
    [[nodiscard]] static StoredFiles below(std::filesystem::path root);

    /// Whether anything is known of the files.
    [[nodiscard]] bool checked() const { return static_cast<bool>(resolve_host_); }

    /// Size of the file at that path in bytes; nothing when there is no such file, or nothing is known.
    [[nodiscard]] std::optional<std::uint64_t> size_of(const std::string& path) const;

    /// Whether a job can read what this URL or path names.
    [[nodiscard]] bool has(std::string_view url) const;

  private:
    std::function<std::optional<std::uint64_t>(const std::string&)> resolve_host_{};
};

} // namespace bambu2mqtt::simulator
