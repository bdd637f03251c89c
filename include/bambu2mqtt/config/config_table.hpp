// The table of all configuration keys. From its rows come the reader, its errors, config/bambu2mqtt.toml,
// docs/configuration.md and docs/schemas/config.json.
#pragma once

#include <bambu2mqtt/config/config.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bambu2mqtt {

/// What no key can hold: "a table", "a date or time", "a list" (of other things than texts).
struct OtherValue {
    std::string_view what{};
};

/// One value from the file.
using ConfigValue =
    std::variant<OtherValue, bool, std::int64_t, double, std::string, std::vector<std::string>>;

enum class KeyType : std::uint8_t {
    flag,            ///< true or false
    whole,           ///< a whole number in a range
    number,          ///< a number in a range, with or without a fraction
    text,            ///< a text that `read` accepts
    list,            ///< a list of texts that `read` accepts
    texts,           ///< a text that `read` accepts, or a list of at least one
    word,            ///< one of `words`
    expanded,        ///< as `text`, with ${NAME} from the environment
    secret,          ///< the same, but never shown; KEY_file may name a file that holds it
    secret_file,     ///< KEY_file
    folder,          ///< the path of a folder that need not exist
    existing_folder, ///< an empty text: none
    readable_file,   ///< an empty text: none
};

/// What a key may hold.
struct Allowed {
    KeyType type = KeyType::flag;
    std::string in_words{}; ///< "a whole number from 1 to 65535"
    /// What a text means, or nothing for one that is not allowed. A secret without it may be any text.
    std::optional<std::string> (*read)(std::string_view text) = nullptr;
    std::vector<std::string_view> words{};
    std::int64_t least = 0;
    std::int64_t most = 0;
};

/// How a key appears in the example file.
enum class KeyUse : std::uint8_t {
    optional,  ///< behind "#"
    suggested, ///< set
    required,  ///< set; a file without it is wrong
};

/// When a changed value applies after the running gateway has read the file again.
enum class KeyChange : std::uint8_t {
    at_once,    ///< it applies, and no connection ends
    reconnects, ///< of `printer`: it applies with a new connection to this printer
    restarts,   ///< it applies after a restart
};

/// One row: the complete description of one key.
struct ConfigKey {
    std::string_view section{}; ///< empty: before the first header; "printer" is the only list of tables
    std::string_view name{};
    Allowed allowed{};
    std::string doc{}; ///< what the key means: one or more sentences, no line breaks
    KeyUse use = KeyUse::optional;
    KeyChange change = KeyChange::at_once;
    std::string_view sample{};   ///< as TOML; what the example file shows instead of the default
    std::string default_value{}; ///< as TOML
    std::function<void(const ConfigValue&, Config&)>
        store{}; ///< an allowed value; of `printer`: into the last one
    std::function<void(Config from, Config& to)>
        copy{}; ///< of `printer`: from the last one into the last one
};

inline constexpr std::string_view printer_section = "printer";
inline constexpr std::string_view secret_file_suffix = "_file";

/// All rows, section by section.
[[nodiscard]] std::span<const ConfigKey> config_keys();

/// The row of a key; null if the section has no such key.
[[nodiscard]] const ConfigKey* find_config_key(std::string_view section, std::string_view name);

/// The sections in the order of the rows; the first one is empty.
[[nodiscard]] std::vector<std::string_view> config_sections();

/// A section's header in the file: "[broker]", "[[printer]]".
[[nodiscard]] std::string header_of(std::string_view section);

/// "A1, A1MINI, ...": the model codes.
[[nodiscard]] std::string model_list();

} // namespace bambu2mqtt
