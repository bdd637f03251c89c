#include "config/config_reader.hpp"

#include "config/config_store.hpp"
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/config/config_table.hpp>

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <exception>
#include <vector>

namespace bambu2mqtt {

namespace {

/// toml++ follows dotted keys recursively: some ten thousand levels exhaust the stack. No sensible file comes
/// near.
constexpr std::ptrdiff_t most_dots = 4000;

constexpr std::string_view no_printer = R"(no printer, expected at least one; the smallest file is:
    [broker]
    url = "mqtt://127.0.0.1:1883"
    [[printer]]
    serial = "01S00C000000000"
    host = "192.168.1.50"
    access_code = "12345678")";

std::optional<ConfigValue> value_of(const toml::node& node) {
    if (const auto* const text = node.as_string()) {
        return ConfigValue{text->get()};
    }
    if (const auto* const whole = node.as_integer()) {
        return ConfigValue{whole->get()};
    }
    if (const auto* const fraction = node.as_floating_point()) {
        return ConfigValue{fraction->get()};
    }
    if (const auto* const truth = node.as_boolean()) {
        return ConfigValue{truth->get()};
    }
    if (const auto* const list = node.as_array()) {
        std::vector<std::string> texts;
        for (const auto& member : *list) {
            if (const auto* const text = member.as_string()) {
                texts.push_back(text->get());
            }
        }
        return texts.size() == list->size() ? std::optional{ConfigValue{std::move(texts)}} : std::nullopt;
    }
    return std::nullopt;
}

std::string_view type_name(const toml::node& node) {
    switch (node.type()) {
    case toml::node_type::table:
        return "a table";
    case toml::node_type::array:
        return "a list";
    case toml::node_type::string:
        return "a text";
    case toml::node_type::integer:
        return "a whole number";
    case toml::node_type::floating_point:
        return "a number with a fraction";
    case toml::node_type::boolean:
        return "true or false";
    default:
        return "a date or time";
    }
}

/// Is there a value at all, and not just an empty text?
bool is_given(const toml::table& table, std::string_view name) {
    const auto* const node = table.get(name);
    return node != nullptr && (!node->is_string() || !node->as_string()->get().empty());
}

/// What may stand in a section: its keys, and at the top of the file the sections too.
std::vector<std::string_view> known_names(ConfigSection section) {
    std::vector<std::string_view> names;
    for (const auto& row : config_keys()) {
        if (row.section == section) {
            names.push_back(row.name);
        }
    }
    for (const auto other : config_sections()) {
        if (section == ConfigSection::top && other != ConfigSection::top) {
            names.push_back(section_name(other));
        }
    }
    return names;
}

/// "[broker]", as the file has it.
std::string header_of(ConfigSection section) {
    const auto name = section_name(section);
    return section == ConfigSection::printer ? fmt::format("[[{}]]", name) : fmt::format("[{}]", name);
}

/// Where a name that is unknown here would belong, or which known name is near.
std::string advice(ConfigSection section, std::string_view name) {
    for (const auto& row : config_keys()) {
        if (row.name == name) {
            return row.section == ConfigSection::top
                       ? "expected before the first section"
                       : fmt::format("expected in the section {}", header_of(row.section));
        }
    }
    const auto known = known_names(section);
    const auto meant = nearest_name(name, known);
    return meant.empty() ? fmt::format("expected one of {}", one_of(known))
                         : fmt::format("did you mean \"{}\"?", meant);
}

/// One walk over one document.
class ConfigReader {
  public:
    explicit ConfigReader(const std::filesystem::path& file) : store_(file) {}

    ReadConfig read(const toml::table& root) {
        for (const auto section : config_sections()) {
            read_section(section, root);
        }
        return store_.finish();
    }

  private:
    void read_section(ConfigSection section, const toml::table& root) {
        const std::string name{section_name(section)};
        if (section == ConfigSection::top) {
            read_keys(section, root, {});
            return;
        }
        const auto entry = root.find(name);
        if (section == ConfigSection::printer) {
            read_printers(entry == root.end() ? nullptr : &entry->second);
            return;
        }
        if (entry == root.end()) {
            return;
        }
        if (const auto* const table = entry->second.as_table()) {
            read_keys(section, *table, name + ".");
            return;
        }
        store_.problem(entry->first.source().begin.line, name,
                       fmt::format("found {}, expected a section that begins with [{}]",
                                   type_name(entry->second), name));
    }

    void read_printers(const toml::node* node) {
        const auto* const list = node == nullptr ? nullptr : node->as_array();
        if (node == nullptr || (list != nullptr && list->empty())) {
            store_.problem(node == nullptr ? 0 : node->source().begin.line, "printer",
                           std::string{no_printer});
            return;
        }
        if (list == nullptr) {
            store_.problem(
                node->source().begin.line, "printer",
                fmt::format("found {}, expected each printer to begin with [[printer]], in two brackets",
                            node->is_table() ? "one table [printer]" : type_name(*node)));
            return;
        }
        for (std::size_t index = 0; index < list->size(); ++index) {
            read_printer(*list->get(index), fmt::format("printer[{}]", index + 1));
        }
    }

    void read_printer(const toml::node& node, const std::string& name) {
        store_.begin_printer();
        if (const auto* const table = node.as_table()) {
            read_keys(ConfigSection::printer, *table, name + ".");
            return;
        }
        store_.problem(
            node.source().begin.line, name,
            fmt::format("found {}, expected a table that begins with [[printer]]", type_name(node)));
    }

    void read_keys(ConfigSection section, const toml::table& table, const std::string& prefix) {
        const auto known = known_names(section);
        for (auto&& [key, node] : table) {
            if (std::ranges::find(known, key.str()) == known.end()) {
                store_.problem(key.source().begin.line, prefix + sanitize_for_log(key.str()),
                               fmt::format("is not known here, {}", advice(section, key.str())));
            }
        }
        for (const auto& row : config_keys()) {
            if (row.section == section) {
                read_key(row, table, prefix + std::string{row.name});
            }
        }
    }

    void read_key(const ConfigKey& row, const toml::table& table, const std::string& key) {
        const auto entry = table.find(row.name);
        const bool in_file =
            row.role == KeyRole::secret && is_given(table, fmt::format("{}{}", row.name, secret_file_suffix));
        if (in_file && !is_given(table, row.name)) {
            return;
        }
        if (entry == table.end()) {
            if (row.required) {
                store_.problem(table.source().begin.line, key,
                               fmt::format("is missing, expected {}", row.expected));
            }
            return;
        }
        store_.put(row, {.value = value_of(entry->second),
                         .type = type_name(entry->second),
                         .line = entry->first.source().begin.line,
                         .key = key});
    }

    ConfigStore store_;
};

ReadConfig only_problem(const std::filesystem::path& file, unsigned line, std::string text) {
    ReadConfig result;
    result.loaded.problems.push_back({.file = file, .line = line, .key = {}, .text = std::move(text)});
    return result;
}

std::string_view line_of(std::string_view text, unsigned line) {
    for (unsigned current = 1; current < line; ++current) {
        text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
        if (text.empty()) {
            return text;
        }
    }
    return text.substr(0, text.find('\n'));
}

/// What toml++ says, without the characters it saw where these may be part of a secret.
std::string description_of(const toml::parse_error& error, std::string_view text) {
    const std::string_view line = line_of(text, error.source().begin.line);
    std::string_view said = error.description();
    const bool near_secret =
        line.find("password") != std::string_view::npos || line.find("access_code") != std::string_view::npos;
    if (near_secret) {
        said = said.substr(0, said.find(", saw "));
    }
    return fmt::format("is no valid TOML: {}", sanitize_for_log(said, 300));
}

/// Dots that can be part of keys, in lines that are no comments.
std::ptrdiff_t count_dots(std::string_view text) {
    std::ptrdiff_t dots = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size() - 1);
        const auto line = text.substr(0, end + 1);
        const auto start = line.find_first_not_of(" \t");
        if (start != std::string_view::npos && line[start] != '#') {
            dots += std::ranges::count(line, '.');
        }
        text.remove_prefix(end + 1);
    }
    return dots;
}

} // namespace

ReadConfig read_config(std::string_view text, const std::filesystem::path& file) {
    if (text.size() > largest_config || count_dots(text) > most_dots) {
        return only_problem(
            file, 0,
            fmt::format("is too large to be a configuration, expected at most {} bytes and {} dots",
                        largest_config, most_dots));
    }
    try {
        const toml::table root = toml::parse(text, std::string_view{file.native()});
        return ConfigReader{file}.read(root);
    } catch (const toml::parse_error& error) {
        return only_problem(file, error.source().begin.line, description_of(error, text));
    } catch (const std::exception& error) {
        return only_problem(file, 0, fmt::format("cannot be read: {}", sanitize_for_log(error.what(), 300)));
    }
}

} // namespace bambu2mqtt
