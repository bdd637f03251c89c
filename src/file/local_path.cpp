#include <bambu2mqtt/base/utf8.hpp>
#include <bambu2mqtt/file/local_path.hpp>

#include <fmt/format.h>

namespace bambu2mqtt {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_local_path = 1024;

} // namespace

unexpected<Error> leads_out(std::string_view path) {
    return failure(Problem::refused, fmt::format("'{}' is outside files.directory", path));
}

expected<fs::path, Error> path_below(const fs::path& directory, std::string_view path) {
    if (path.empty() || path.size() > longest_local_path || has_control_character(path)) {
        return failure(Problem::malformed,
                       fmt::format("expected the path of a file below files.directory, of 1 to {} characters "
                                   "without control characters",
                                   longest_local_path));
    }
    fs::path given(path);
    if (given.is_absolute() && directory.empty()) {
        return leads_out(path);
    }
    if (given.is_absolute()) {
        auto below = given.begin();
        for (auto part = directory.begin(); part != directory.end(); ++part) {
            if (part->empty()) {
                continue; // of a trailing slash
            }
            if (below == given.end() || *below != *part) {
                return leads_out(path);
            }
            ++below;
        }
        fs::path rest;
        for (; below != given.end(); ++below) {
            rest /= *below;
        }
        given = rest;
    }
    fs::path clean;
    for (const auto& part : given) {
        if (part == "..") {
            return leads_out(path);
        }
        if (!part.empty() && part != ".") {
            clean /= part;
        }
    }
    if (clean.empty() || path.ends_with('/')) {
        return failure(Problem::malformed, fmt::format("'{}' is a folder, expected a file", path));
    }
    return clean;
}

} // namespace bambu2mqtt
