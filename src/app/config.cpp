#include <bambu2mqtt/app/config.hpp>
#include <bambu2mqtt/app/config_reader.hpp>
#include <bambu2mqtt/app/config_sources.hpp>

#include <fmt/format.h>

namespace bambu2mqtt {

std::string ConfigProblem::to_string() const {
    std::string result = file.string();
    if (line > 0) {
        result += fmt::format(":{}", line);
    }
    if (!result.empty()) {
        result += ": ";
    }
    if (!key.empty()) {
        result += key + ": ";
    }
    return result + text;
}

LoadedConfig load_config(const std::filesystem::path& file) {
    const auto text = read_small_file(file, largest_config);
    if (!text) {
        LoadedConfig unreadable;
        unreadable.problems.push_back(
            {.file = file,
             .line = 0,
             .key = {},
             .text = fmt::format("cannot be read ({}), expected a TOML file", text.error().detail)});
        return unreadable;
    }
    ReadConfig result = read_config(*text, file);
    const auto mode = mode_open_to_others(file);
    if (result.literal_secret && !mode.empty()) {
        result.loaded.warnings.push_back(
            {.file = file,
             .line = 0,
             .key = {},
             .text = fmt::format(
                 "holds a secret and has mode {}, expected 0600 so that only its owner can read it", mode)});
    }
    return std::move(result.loaded);
}

LoadedConfig parse_config(std::string_view text, const std::filesystem::path& file) {
    return read_config(text, file).loaded;
}

} // namespace bambu2mqtt
