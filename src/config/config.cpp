#include "config/config_reader.hpp"
#include "config/config_sources.hpp"
#include <bambu2mqtt/base/read_file.hpp>
#include <bambu2mqtt/config/config.hpp>

#include <fmt/format.h>

#include <algorithm>

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

std::uint32_t packet_bound(std::uint64_t inline_limit) noexcept {
    constexpr std::uint64_t least = 2UL * 1024 * 1024;
    constexpr std::uint64_t beside_content = 64UL * 1024; // topic, properties and the other arguments
    constexpr std::uint64_t most = 268'435'455;           // of MQTT
    const std::uint64_t in_base64 = (inline_limit / 3 + 1) * 4;
    return static_cast<std::uint32_t>(std::clamp(in_base64 + beside_content, least, most));
}

LoadedConfig load_config(const std::filesystem::path& file) {
    const auto text = read_file(file, largest_config);
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
