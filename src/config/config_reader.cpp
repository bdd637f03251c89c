// Walks a TOML text along the table of keys.
#include "config/config_advice.hpp"
#include "config/config_reading.hpp"
#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/base/read_file.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/config/managed_printers.hpp>

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <sstream>
#include <utility>

namespace bambu2mqtt {

namespace {

constexpr std::size_t largest_config = 1048576; // bytes

/// toml++ follows dotted keys recursively: some ten thousand levels exhaust the stack. No reasonable file
/// comes near.
constexpr std::ptrdiff_t most_dots = 4000;

constexpr std::string_view no_printer = R"(no printer, expected at least one; the smallest file is:
    [broker]
    url = "mqtt://127.0.0.1:1883"
    [[printer]]
    serial = "01S00C000000000"
    host = "192.168.1.50"
    access_code = "12345678")";

ConfigValue value_of(const toml::node& node) {
    if (auto text = node.value_exact<std::string>()) {
        return std::move(*text);
    }
    if (const auto truth = node.value_exact<bool>()) {
        return *truth;
    }
    if (const auto whole = node.value_exact<std::int64_t>()) {
        return *whole;
    }
    if (const auto fraction = node.value_exact<double>()) {
        return *fraction;
    }
    const auto* const list = node.as_array();
    if (list == nullptr) {
        return OtherValue{node.is_table() ? "a table" : "a date or time"};
    }
    std::vector<std::string> texts;
    for (const auto& member : *list) {
        auto text = member.value_exact<std::string>();
        if (!text) {
            return OtherValue{"a list"};
        }
        texts.push_back(std::move(*text));
    }
    return texts;
}

unsigned line_of(const toml::node& node) {
    return node.source().begin.line;
}

/// One walk over one document.
class ConfigReader {
  public:
    /// `managed` in place of what the file of managed printers holds.
    ConfigReader(const std::filesystem::path& file, std::optional<std::string> managed)
        : managed_(std::move(managed)) {
        state_.file = file;
    }

    LoadedConfig read(const toml::table& root) {
        for (const auto section : config_sections()) {
            if (section.empty()) {
                read_keys(section, root, {});
            } else if (section == printer_section) {
                read_printers(root.get(section));
            } else if (const auto* const node = root.get(section)) {
                read_table(section, *node, std::string{section}, "a section");
            }
        }
        if (const auto why = open_to_others(state_.file); state_.literal_secret && !why.empty()) {
            state_.add(&LoadedConfig::warnings, {}, why);
        }
        state_.configured = state_.loaded.config.printers.size();
        if (state_.loaded.config.control.manage_printers) {
            read_managed();
        }
        check_rules(state_);
        // Line 0 means no line: the unsigned subtraction puts it last.
        const auto position = [this](const ConfigProblem& problem) {
            return std::pair{problem.file != state_.file, problem.line - 1};
        };
        std::ranges::stable_sort(state_.loaded.problems, {}, position);
        std::ranges::stable_sort(state_.loaded.warnings, {}, position);
        return std::move(state_.loaded);
    }

  private:
    void problem(unsigned line, std::string key, std::string text) {
        const auto& file = state_.file_of(key);
        state_.loaded.problems.push_back(
            {.file = file, .line = line, .key = std::move(key), .text = std::move(text)});
    }

    void managed_problem(unsigned line, std::string text) {
        state_.loaded.problems.push_back(
            {.file = state_.managed_file, .line = line, .key = {}, .text = std::move(text)});
    }

    /// The printers that requests have added.
    void read_managed() {
        state_.managed_file = managed_printers_file(state_.loaded.config);
        std::error_code error;
        if (!managed_ && !std::filesystem::exists(state_.managed_file, error) && !error) {
            return;
        }
        auto text = managed_ ? expected<std::string, Error>{*managed_}
                             : read_file(state_.managed_file, largest_config);
        if (!text) {
            managed_problem(0,
                            fmt::format("cannot be read ({}), expected the printers that requests have added",
                                        text.error().detail));
            return;
        }
        if (const auto why = open_to_others(state_.managed_file); !managed_ && !why.empty()) {
            state_.loaded.warnings.push_back({.file = state_.managed_file, .text = why});
        }
        try {
            const auto root = toml::parse(*text, std::string_view{state_.managed_file.native()});
            for (auto&& [key, node] : root) {
                const auto* const list = key.str() == printer_section ? node.as_array() : nullptr;
                if (list == nullptr || !list->is_homogeneous<toml::table>()) {
                    managed_problem(key.source().begin.line, "found something else than [[printer]]");
                    return;
                }
                list->for_each([&](const toml::table& table) { read_managed_printer(table); });
            }
        } catch (const toml::parse_error& parse_error) {
            managed_problem(parse_error.source().begin.line, "is not valid TOML");
        }
    }

    void read_managed_printer(const toml::table& table) {
        auto& printers = state_.loaded.config.printers;
        printers.emplace_back();
        const auto prefix = fmt::format("{}[{}].", printer_section, printers.size());
        for (auto&& [key, node] : table) {
            const auto text = node.value_or(std::string_view{});
            if (!is_managed_key(key.str()) || text.find("${") != std::string_view::npos) {
                problem(key.source().begin.line, prefix + sanitize_for_log(key.str()),
                        "is not allowed in this file");
                return;
            }
        }
        read_keys(printer_section, table, prefix);
        printers.back().managed = true;
        const auto same = std::ranges::find(printers, printers.back().serial, &PrinterConfig::serial);
        if (static_cast<std::size_t>(same - printers.begin()) < state_.configured) {
            state_.add(&LoadedConfig::warnings, prefix + "serial",
                       "is in the configuration file too, which holds: this one is left out");
            printers.pop_back();
        }
    }

    void read_table(std::string_view section, const toml::node& node, const std::string& key,
                    std::string_view what) {
        if (const auto* const table = node.as_table()) {
            read_keys(section, *table, key + ".");
        } else {
            problem(line_of(node), key,
                    fmt::format("{}, expected {} that begins with {}", found_type(value_of(node)), what,
                                header_of(section)));
        }
    }

    void read_printers(const toml::node* node) {
        const std::string name{printer_section};
        const auto* const list = node == nullptr ? nullptr : node->as_array();
        if (node == nullptr && state_.loaded.config.control.manage_printers) {
            return; // all printers may be managed ones
        }
        if (node == nullptr || (list != nullptr && list->empty())) {
            problem(node == nullptr ? 0 : line_of(*node), name, std::string{no_printer});
            return;
        }
        if (list == nullptr) {
            problem(
                line_of(*node), name,
                fmt::format("{}, expected each printer to begin with [[printer]], in two brackets",
                            node->is_table() ? "found one table [printer]" : found_type(value_of(*node))));
            return;
        }
        for (const auto& member : *list) {
            state_.loaded.config.printers.emplace_back();
            read_table(name, member, fmt::format("{}[{}]", name, state_.loaded.config.printers.size()),
                       "a table");
        }
    }

    void read_keys(std::string_view section, const toml::table& table, const std::string& prefix) {
        const auto known = names_in(section);
        for (auto&& [key, node] : table) {
            if (std::ranges::find(known, key.str()) == known.end()) {
                problem(key.source().begin.line, prefix + sanitize_for_log(key.str()),
                        fmt::format("is unknown here, {}", advice(section, key.str(), known)));
            } else if (!node.is_string() || !node.as_string()->get().empty()) {
                state_.lines.emplace(prefix + std::string{key.str()}, key.source().begin.line);
            }
        }
        for (const auto& row : config_keys()) {
            if (row.section == section) {
                read_key(row, table, prefix);
            }
        }
    }

    void read_key(const ConfigKey& row, const toml::table& table, const std::string& prefix) {
        const auto key = fmt::format("{}{}", prefix, row.name);
        const bool is_in_file = row.allowed.type == KeyType::secret &&
                                state_.is_given(fmt::format("{}{}", key, secret_file_suffix));
        if (is_in_file && !state_.is_given(key)) {
            return;
        }
        const auto entry = table.find(row.name);
        if (entry == table.end()) {
            if (row.use == KeyUse::required) {
                problem(line_of(table), key, fmt::format("is missing, expected {}", row.allowed.in_words));
            }
            return;
        }
        const auto line = entry->first.source().begin.line;
        if (row.allowed.type == KeyType::secret_file && entry->second.is_string()) {
            const auto secret = std::string{without_suffix(key)};
            if (!state_.is_given(key)) {
                return;
            }
            if (state_.is_given(secret)) {
                problem(line, key,
                        fmt::format("found together with {}, expected only one of the two", secret));
                return;
            }
        }
        const auto value = read_value(row, key, value_of(entry->second), state_);
        if (value) {
            row.store(*value, state_.loaded.config);
        } else {
            problem(line, key, value.error());
        }
    }

    std::optional<std::string> managed_;
    ReadState state_{};
};

LoadedConfig only_problem(const std::filesystem::path& file, unsigned line, std::string text) {
    LoadedConfig result;
    result.problems.push_back({.file = file, .line = line, .key = {}, .text = std::move(text)});
    return result;
}

/// Advice where the line gives a text without quotes; else empty.
std::string quotes_advice(std::string_view line) {
    constexpr std::array without_quotes{KeyType::flag, KeyType::whole, KeyType::number, KeyType::list};
    const auto equals = std::min(line.find('='), line.size());
    const auto name = trimmed(line.substr(0, equals));
    const auto value = trimmed(line.substr(std::min(equals + 1, line.size())));
    const auto row = std::ranges::find(config_keys(), name, &ConfigKey::name);
    constexpr std::string_view begin_of_others = "\"'[{";
    if (value.empty() || row == config_keys().end() ||
        begin_of_others.find(value.front()) != std::string_view::npos ||
        std::ranges::find(without_quotes, row->allowed.type) != without_quotes.end()) {
        return {};
    }
    return fmt::format("; {} is a text: put it in quotes", name);
}

/// The message of toml++, without the found characters if they may be part of a secret.
std::string description_of(const toml::parse_error& error, std::string_view text) {
    std::istringstream lines{std::string{text}};
    std::string line;
    for (unsigned number = 0; number < error.source().begin.line; ++number) {
        std::getline(lines, line);
    }
    std::string_view parser_text = error.description();
    if (line.find("password") != std::string::npos || line.find("access_code") != std::string::npos) {
        parser_text = parser_text.substr(0, parser_text.find(", saw "));
    }
    return fmt::format("is not valid TOML: {}{}", sanitize_for_log(parser_text, 300), quotes_advice(line));
}

/// Dots that can be part of keys, in lines that are not comments.
std::ptrdiff_t count_dots(std::string_view text) {
    std::ptrdiff_t dots = 0;
    std::istringstream lines{std::string{text}};
    for (std::string line; std::getline(lines, line);) {
        dots += trimmed(line).starts_with('#') ? 0 : std::ranges::count(line, '.');
    }
    return dots;
}

LoadedConfig parse_with(std::string_view text, const std::filesystem::path& file,
                        std::optional<std::string> managed) {
    if (text.size() > largest_config || count_dots(text) > most_dots) {
        return only_problem(
            file, 0,
            fmt::format("is too large to be a configuration, expected at most {} bytes and {} dots",
                        largest_config, most_dots));
    }
    try {
        return ConfigReader{file, std::move(managed)}.read(
            toml::parse(text, std::string_view{file.native()}));
    } catch (const toml::parse_error& error) {
        return only_problem(file, error.source().begin.line, description_of(error, text));
    } catch (const std::exception& error) {
        return only_problem(file, 0, fmt::format("cannot be read: {}", sanitize_for_log(error.what(), 300)));
    }
}

LoadedConfig load_with(const std::filesystem::path& file, std::optional<std::string> managed) {
    const auto text = read_file(file, largest_config);
    return text
               ? parse_with(*text, file, std::move(managed))
               : only_problem(
                     file, 0,
                     fmt::format("cannot be read ({}), expected a TOML file; --config FILE names another one",
                                 text.error().detail));
}

} // namespace

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
    return load_with(file, std::nullopt);
}

LoadedConfig load_config(const std::filesystem::path& file, const std::string& managed) {
    return load_with(file, managed);
}

LoadedConfig parse_config(std::string_view text, const std::filesystem::path& file) {
    return parse_with(text, file, std::nullopt);
}

} // namespace bambu2mqtt
