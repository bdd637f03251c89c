#include <bambu2mqtt/base/path_relation.hpp>

#include <system_error>

namespace bambu2mqtt {

namespace {

namespace fs = std::filesystem;

bool is_same_folder(const fs::path& one, const fs::path& other) {
    std::error_code problem;
    return one == other || fs::equivalent(one, other, problem);
}

/// Whether `inner` is `outer` or lies anywhere below it.
bool is_within(const fs::path& inner, const fs::path& outer) {
    for (auto path = inner;; path = path.parent_path()) {
        if (is_same_folder(path, outer)) {
            return true;
        }
        if (path == path.parent_path()) {
            return false;
        }
    }
}

} // namespace

fs::path real_path(const fs::path& path) {
    std::error_code problem;
    const auto absolute = fs::absolute(path, problem);
    if (problem) {
        return path.lexically_normal();
    }
    auto real = fs::weakly_canonical(absolute, problem);
    if (problem) { // cyclic links, or no permission
        real = absolute.lexically_normal();
    }
    return real.has_filename() || real == real.root_path() ? real : real.parent_path();
}

std::string_view path_relation(const fs::path& one, const fs::path& other) {
    if (is_same_folder(one, other)) {
        return "is";
    }
    if (is_within(other, one)) {
        return "contains";
    }
    return is_within(one, other) ? "lies inside" : std::string_view{};
}

} // namespace bambu2mqtt
