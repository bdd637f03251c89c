// The table of all configuration keys: where each stands, what it may hold and where it is stored.
// Knows nothing of TOML, of files or of the environment; it never prints a value.
#pragma once

#include <bambu2mqtt/config/config.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bambu2mqtt {

/// The tables of the file. `top` is what stands before the first header, `printer` is the only list.
enum class ConfigSection : std::uint8_t { top, broker, home_assistant, control, files, log, printer };

/// The sections in the order of the contract.
[[nodiscard]] std::span<const ConfigSection> config_sections();

/// The name in the file's header; empty for `top`.
[[nodiscard]] std::string_view section_name(ConfigSection section);

/// What happens to a value before it is stored.
enum class KeyRole : std::uint8_t {
    plain,         ///< stored as it is
    path,          ///< relative paths start at the folder of the configuration file
    readable_file, ///< a path to a regular file that can be read; empty: none
    folder,        ///< a path to a folder that exists; empty: none
    expanded,      ///< text in which ${NAME} is taken from the environment
    secret,        ///< as `expanded`, never shown, and KEY_file may name a file that holds it
    secret_file,   ///< the KEY_file of a secret
};

/// What the key of a secret's file has behind the name of the secret's own key.
inline constexpr std::string_view secret_file_suffix = "_file";

/// One value as the file has it.
using ConfigValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

/// The least and the greatest allowed number.
struct KeyRange {
    std::int64_t least = 0;
    std::int64_t most = 0;
};

/// One row: everything that is known about one key.
struct ConfigKey {
    ConfigSection section = ConfigSection::top;
    std::string_view name{};
    KeyRole role = KeyRole::plain;
    bool required = false;
    std::string expected{}; ///< type and range in words: "a port from 1 to 65535"
    /// Stores an allowed value and says true; anything else leaves the configuration alone and says false.
    /// Keys of `printer` go into the last printer. Rows of secret files have none.
    bool (*store)(const ConfigValue& value, Config& config) = nullptr;
    /// What the example file shows, as TOML: the default, but for what each printer has of its own (`serial`,
    /// `host`, `access_code` and `id`).
    std::string_view example{};
    std::string doc{};                     ///< what the key means: one or more sentences, no line breaks
    std::vector<std::string_view> words{}; ///< all allowed texts; empty: not a list of words
    std::optional<KeyRange> range{};       ///< of a number
};

/// All rows, section by section in the order of the contract.
[[nodiscard]] std::span<const ConfigKey> config_keys();

/// A printer's id: [a-z0-9_-]+ and neither "bridge" nor "response", which are topic levels of their own;
/// nothing if it cannot be one.
[[nodiscard]] std::optional<std::string> read_printer_id(std::string_view text);

/// The log levels, quietest last.
[[nodiscard]] std::span<const std::string_view> log_levels();

/// "A1, A1MINI, ...": the models as users write them.
[[nodiscard]] std::string model_list();

} // namespace bambu2mqtt
