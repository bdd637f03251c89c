#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/base/utf8.hpp>
#include <bambu2mqtt/file/path.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace bambu2mqtt {

namespace {

constexpr std::size_t longest_printer_path = 512;
constexpr std::size_t longest_file_name = 255;

constexpr std::array<std::string_view, 11> own_folders{
    "/",         "/cache",     "/corelogger",          "/image",     "/ipcam", "/logger", "/model",
    "/recorder", "/timelapse", "/timelapse/thumbnail", "/verify_job"};

[[nodiscard]] expected<void, Error> check_part(std::string_view part) {
    if (part == "." || part == "..") {
        return failure(Problem::malformed,
                       fmt::format("the path has \"{}\" in it, expected an absolute path without", part));
    }
    if (part.size() > longest_file_name) {
        return failure(Problem::out_of_range,
                       fmt::format("the path has a name of {} bytes, at most {} are expected", part.size(),
                                   longest_file_name));
    }
    return {};
}

} // namespace

expected<std::string, Error> printer_path(std::string_view text) {
    if (text.size() > longest_printer_path) {
        return failure(Problem::out_of_range, fmt::format("the path has {} bytes, at most {} are expected",
                                                          text.size(), longest_printer_path));
    }
    if (has_control_character(text)) {
        return failure(Problem::malformed, "the path has a control character");
    }
    if (!is_utf8(text)) {
        return failure(Problem::malformed, "the path is not valid UTF-8");
    }
    std::string path;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('/', at), text.size());
        const auto part = text.substr(at, end - at);
        at = end + 1;
        if (part.empty()) {
            continue;
        }
        if (auto checked = check_part(part); !checked) {
            return unexpected(std::move(checked).error());
        }
        path += '/';
        path += part;
    }
    return path.empty() ? std::string{"/"} : path;
}

bool is_printers_own(std::string_view path) {
    return std::ranges::any_of(own_folders,
                               [path](std::string_view own) { return same_in_any_case(own, path); });
}

std::string_view name_in(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

std::string_view folder_of(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == 0 || slash == std::string_view::npos ? std::string_view{"/"} : path.substr(0, slash);
}

std::string path_in_folder(std::string_view folder, std::string_view name) {
    return fmt::format("{}/{}", folder == "/" ? std::string_view{} : folder, name);
}

bool is_file_name(std::string_view name) {
    return !name.empty() && name.find('/') == std::string_view::npos && !has_control_character(name) &&
           is_utf8(name) && check_part(name).has_value();
}

} // namespace bambu2mqtt
