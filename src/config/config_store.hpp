// Takes single values as the file has them, reads what they point to (files, environment variables), stores
// them along the table of keys and keeps the list of what is wrong. Knows nothing of TOML.
#pragma once

#include "config/config_checks.hpp"
#include "config/config_reader.hpp"
#include <bambu2mqtt/config/config_table.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

/// The row of a key; null when the section has no such key.
[[nodiscard]] const ConfigKey* find_config_key(ConfigSection section, std::string_view name);

/// A value and where it stands.
struct FoundValue {
    std::optional<ConfigValue>
        value{};             ///< nothing for what no key can hold: tables, dates, lists of other than texts
    std::string_view type{}; ///< "a list": what can be said of a value that must not be seen
    unsigned line = 0;       ///< 1-based
    std::string key{};       ///< dotted: "printer[1].serial"
};

/// Fills one configuration.
class ConfigStore {
  public:
    /// `file` is what problems are reported for, and its folder is where relative paths start; it must
    /// outlive this.
    explicit ConfigStore(const std::filesystem::path& file) : file_(file) {}

    /// The values of printer keys that follow belong to a new printer.
    void begin_printer();

    /// Checks and stores a value; what is wrong with it becomes a problem. A secret must come before its
    /// file.
    void put(const ConfigKey& row, const FoundValue& found);

    /// Adds a problem; line 0 is none.
    void problem(unsigned line, std::string key, std::string text);

    /// Checks the rules between keys and hands everything over, ordered by line. The store is empty after
    /// that.
    [[nodiscard]] ReadConfig finish();

  private:
    void wrong(const ConfigKey& row, const FoundValue& found, std::string_view what);
    void put_plain(const ConfigKey& row, const FoundValue& found, const ConfigValue& value);
    void put_path(const ConfigKey& row, const FoundValue& found, const std::string& text);
    void put_expanded(const ConfigKey& row, const FoundValue& found, const std::string& text);
    void put_secret_file(const ConfigKey& row, const FoundValue& found, const std::string& text);
    [[nodiscard]] std::filesystem::path resolved(const std::string& text) const;

    const std::filesystem::path& file_;
    ConfigLines lines_{};
    std::vector<NamedPath> named_{};
    ReadConfig result_{};
};

} // namespace bambu2mqtt
