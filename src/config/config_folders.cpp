#include "config/config_folders.hpp"

#include <bambu2mqtt/base/text_util.hpp>

#include <fmt/format.h>

#include <system_error>

namespace bambu2mqtt {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_shown = 512;

/// Absolute, without links and "..", as far as it exists.
fs::path real_path(const fs::path& path) {
    std::error_code problem;
    const auto absolute = fs::absolute(path, problem);
    if (problem) {
        return path.lexically_normal();
    }
    auto real = fs::weakly_canonical(absolute, problem);
    if (problem) { // links in a circle, or no right to look
        real = absolute.lexically_normal();
    }
    return real.has_filename() || real == real.root_path() ? real : real.parent_path();
}

/// Also when one folder is mounted at both paths.
bool is_same(const fs::path& one, const fs::path& other) {
    std::error_code problem;
    return one == other || fs::equivalent(one, other, problem);
}

/// Whether `inner` is `outer` or lies anywhere below it. Both are real paths.
bool is_within(const fs::path& inner, const fs::path& outer) {
    for (auto path = inner;; path = path.parent_path()) {
        if (is_same(path, outer)) {
            return true;
        }
        if (path == path.parent_path()) {
            return false;
        }
    }
}

/// "'/a'", or "'/a' (that is '/b')".
std::string in_words(const fs::path& path, const fs::path& real) {
    const auto written = sanitize_for_log(path.string(), longest_shown);
    return path == real
               ? fmt::format("'{}'", written)
               : fmt::format("'{}' (that is '{}')", written, sanitize_for_log(real.string(), longest_shown));
}

/// How the two lie to each other: "is", "contains", "lies inside"; empty when they are apart.
std::string_view relation(const fs::path& one, const fs::path& other) {
    if (is_same(one, other)) {
        return "is";
    }
    if (is_within(other, one)) {
        return "contains";
    }
    return is_within(one, other) ? "lies inside" : std::string_view{};
}

} // namespace

std::optional<std::string> fault_of_files_directory(const Config& config, const fs::path& config_file,
                                                    const std::vector<NamedPath>& named) {
    const auto& written = config.files.directory;
    const auto files = real_path(written);
    const auto state = real_path(config.state_directory);
    const auto folder = config_file.has_parent_path() ? config_file.parent_path() : fs::path{"."};
    const auto home = real_path(folder);
    const auto fault = [&](std::string_view how, std::string_view what, const fs::path& path,
                           const fs::path& real) {
        return fmt::format("found {}, which {} {} {}, expected a folder apart from it: others have files "
                           "read from files.directory and written into it",
                           in_words(written, files), how, what, in_words(path, real));
    };
    const bool is_dedicated = files == state / files_in_state_directory; // and no link that leads elsewhere
    const auto to_state = relation(files, state);
    if (!to_state.empty() && !is_dedicated) {
        return fault(to_state, "state_directory", config.state_directory, state);
    }
    const auto to_home = relation(files, home);
    if (!to_home.empty() && !(is_dedicated && to_home == "lies inside")) {
        return fault(to_home, "the folder of the configuration file", folder, home);
    }
    for (const auto& other : named) {
        const auto real = real_path(other.path);
        if (is_within(real, files)) {
            return fault("contains", other.key, other.path, real);
        }
        std::error_code problem;
        if (fs::is_directory(real, problem) && is_within(files, real)) { // as the folder of templates
            return fault("lies inside", other.key, other.path, real);
        }
    }
    return std::nullopt;
}

} // namespace bambu2mqtt
