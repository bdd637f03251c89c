#include <bambu2mqtt/file/path.hpp>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

constexpr std::size_t longest = 512;

constexpr std::array<std::string_view, 9> own_folders{
    "/", "/cache", "/corelogger", "/image", "/ipcam", "/logger", "/model", "/recorder", "/timelapse"};

} // namespace

Result<std::string> printer_path(std::string_view text) {
    if (text.size() > longest) {
        return Error{Problem::out_of_range, "the path is longer than 512 bytes"};
    }
    const bool control = std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    if (control) {
        return Error{Problem::malformed, "the path has a control character"};
    }
    std::string path;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto end = std::min(text.find('/', at), text.size());
        const auto part = text.substr(at, end - at);
        if (part == "." || part == "..") {
            return Error{Problem::malformed,
                         "the path has \".\" or \"..\" in it, an absolute path is expected"};
        }
        if (!part.empty()) {
            path += '/';
            path += part;
        }
        at = end + 1;
    }
    return path.empty() ? std::string{"/"} : path;
}

bool is_printers_own(std::string_view path) {
    return std::ranges::find(own_folders, path) != own_folders.end();
}

} // namespace bambu2mqtt
