// Parts of reading a configuration: one value by what its row allows, and the rules between keys.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/config/config_table.hpp>

#include <cstdint>
#include <map>
#include <optional>

namespace bambu2mqtt {

/// A file or folder that a key names.
struct NamedPath {
    std::string key{}; ///< dotted: "printer[1].access_code_file"
    std::filesystem::path path{};
};

/// What reading a file has found so far.
struct ReadState {
    std::filesystem::path file{}; ///< relative paths start at its folder
    LoadedConfig loaded{};
    std::map<std::string, unsigned, std::less<>>
        lines{};                          ///< of all keys whose value is not an empty text, dotted
    std::vector<NamedPath> named{};       ///< by all keys but state_directory and files.directory
    bool literal_secret = false;          ///< the text contains a secret, not only ${NAME}
    std::filesystem::path managed_file{}; ///< of printers that a request has added
    std::size_t configured = SIZE_MAX;    ///< printers of `file`; those after them are in `managed_file`

    [[nodiscard]] bool is_given(std::string_view key) const { return lines.contains(key); }

    /// The file of a dotted key.
    [[nodiscard]] const std::filesystem::path& file_of(std::string_view key) const;

    /// Adds a problem or a warning about a key, with the key's file and line.
    void add(std::vector<ConfigProblem> LoadedConfig::*list, std::string_view key, std::string text);
};

/// The key of the secret that a KEY_file holds.
[[nodiscard]] constexpr std::string_view without_suffix(std::string_view key) {
    return key.substr(0, key.size() - secret_file_suffix.size());
}

/// "found a text": of a value that may be secret.
[[nodiscard]] std::string found_type(const ConfigValue& value);

/// The value as it is stored, or the text of the problem with it. `key` is the dotted name.
[[nodiscard]] expected<ConfigValue, std::string> read_value(const ConfigKey& row, const std::string& key,
                                                            const ConfigValue& value, ReadState& state);

/// The group in which the Debian package runs the gateway: it reads a configuration that only root writes.
inline constexpr const char* service_group = "bambu2mqtt";

/// Whether nobody may use a file but its owner, or, if it is root's, the group `service` by reading.
/// `service`: the number of `service_group`, if there is one.
[[nodiscard]] constexpr bool is_private_file(unsigned mode, unsigned owner, unsigned group,
                                             std::optional<unsigned> service) {
    return (mode & 077U) == 0 || ((mode & 077U) == 040U && owner == 0 && group == service);
}

/// "holds a secret and has mode 0644, ..."; empty when the file is private, or there is none.
[[nodiscard]] std::string open_to_others(const std::filesystem::path& file);

/// Adds the problems and warnings of the rules. A key that has a problem already is not looked at again.
/// Fills in the ids of printers that have none, see default_printer_id(); of two with the same default the
/// later one has to name its own, and the problem proposes one.
void check_rules(ReadState& state);

} // namespace bambu2mqtt
