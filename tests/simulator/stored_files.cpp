#include "simulator/stored_files.hpp"

#include <array>
#include <system_error>
#include <utility>

namespace bambu2mqtt::simulator {
namespace {

/// Mount points of the printers' storage.
constexpr std::array<std::string_view, 3> mounts{"/sdcard/", "/mnt/sdcard/", "/media/usb0/"};

bool take_off(std::string_view& text, std::string_view begin) {
    if (!text.starts_with(begin))
        return false;
    text.remove_prefix(begin.size());
    return true;
}

} // namespace

std::optional<std::string> path_on_storage(std::string_view url) {
    if (!take_off(url, "ftp://") && !take_off(url, "file://") && url.find("://") != std::string_view::npos)
        return std::nullopt;
    for (const auto mount : mounts) {
        if (take_off(url, mount))
            break;
    }
    while (take_off(url, "/")) {
    }
    auto path = "/" + std::string{url};
    if (url.empty() || (path + "/").find("/../") != std::string::npos)
        return std::nullopt;
    return path;
}

StoredFiles StoredFiles::listed(std::map<std::string, std::uint64_t> files) {
    StoredFiles result;
    result.resolve_host_ = [files = std::move(files)](const std::string& path) {
        const auto found = files.find(path);
        return found == files.end() ? std::nullopt : std::optional{found->second};
    };
    return result;
}

StoredFiles StoredFiles::below(std::filesystem::path root) {
    StoredFiles result;
    result.resolve_host_ = [root = std::move(root)](const std::string& path) -> std::optional<std::uint64_t> {
        std::error_code error;
        const auto file = root / path.substr(1);
        if (!std::filesystem::is_regular_file(file, error))
            return std::nullopt;
        const auto size = std::filesystem::file_size(file, error);
        return error ? std::nullopt : std::optional<std::uint64_t>{size};
    };
    return result;
}

std::optional<std::uint64_t> StoredFiles::size_of(const std::string& path) const {
    return resolve_host_ && path.starts_with('/') ? resolve_host_(path) : std::nullopt;
}

bool StoredFiles::has(std::string_view url) const {
    const auto path = path_on_storage(url);
    return path && (!checked() || size_of(*path).has_value());
}

} // namespace bambu2mqtt::simulator
