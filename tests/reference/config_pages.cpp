#include "config_pages.hpp"

#include <bambu2mqtt/config/config_table.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace bambu2mqtt::reference {

namespace {

constexpr std::string_view example_head =
    R"(# bambu2mqtt: the configuration, with every key there is.
#
# Keys with "#" in front stand at their defaults. Check your file with: bambu2mqtt check
# Relative paths start at the folder of this file.
#
# broker.password and access_code are secrets. Each of them can be given in one of three ways:
#   the text itself          access_code = "12345678"            (then: chmod 600 on this file)
#   a file that holds it     access_code_file = "/run/secrets/x1c"
#   the environment          access_code = "${BAMBU_ACCESS_CODE}"
)";

constexpr std::string_view page_head = R"(# Configuration

Made from the table of keys by `scripts/docs.sh`; `config/bambu2mqtt.toml` is an example file with every key, and
`docs/schemas/config.json` a JSON Schema for editors. `bambu2mqtt check` says what is wrong in a file, with the line.

The format is TOML. Relative paths start at the folder of the file. A secret is given as the text itself, as a file that
holds it (the key with `_file` behind it) or as `"${NAME}"`, which is taken from the environment.

On SIGHUP the running gateway reads the file again, see [installation](installation.md#changes-while-it-runs). The last column
says when a changed value applies: at once, with a new connection to this printer, or after a restart.
)";

/// Comment lines of at most 120 characters.
std::string comment(std::string_view text) {
    constexpr std::size_t widest = 118;
    std::string lines;
    while (!text.empty()) {
        const auto end = text.size() <= widest ? text.size() : text.rfind(' ', widest);
        lines += fmt::format("# {}\n", text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// Text for a cell of a Markdown table.
std::string cell(std::string_view text) {
    std::string result;
    for (const char letter : text) {
        result += letter == '|' ? "\\|" : letter == '<' ? "&lt;" : std::string(1, letter);
    }
    return result;
}

/// When a changed value applies.
std::string_view applies(KeyChange change) {
    switch (change) {
    case KeyChange::at_once:
        return "at once";
    case KeyChange::reconnects:
        return "reconnects";
    case KeyChange::restarts:
        break;
    }
    return "restart";
}

/// The type of a key's value in JSON.
std::string type_of(const ConfigKey& key) {
    switch (key.allowed.type) {
    case KeyType::flag:
        return "boolean";
    case KeyType::whole:
        return "integer";
    case KeyType::number:
        return "number";
    case KeyType::list:
        return "array";
    default:
        return "string";
    }
}

OrderedJson schema_of_key(const ConfigKey& key) {
    const auto& allowed = key.allowed;
    OrderedJson schema{{"description", key.doc}, {"type", type_of(key)}};
    if (allowed.type == KeyType::texts) {
        schema["type"] = OrderedJson::array({"string", "array"});
        schema["minItems"] = 1;
    }
    if (allowed.type == KeyType::list || allowed.type == KeyType::texts) {
        schema["items"] = {{"type", "string"}};
    }
    for (const auto word : allowed.words) {
        schema["enum"].push_back(std::string{word});
    }
    if (allowed.type == KeyType::whole || allowed.type == KeyType::number) {
        schema["minimum"] = allowed.least;
        schema["maximum"] = allowed.most;
    }
    if (key.sample.empty()) {
        schema["default"] = OrderedJson::parse(key.default_value);
    }
    return schema;
}

/// The keys of a section as properties of an object.
OrderedJson schema_of_section(std::string_view section) {
    OrderedJson schema{
        {"type", "object"}, {"additionalProperties", false}, {"properties", OrderedJson::object()}};
    for (const auto& key : config_keys()) {
        if (key.section != section) {
            continue;
        }
        schema["properties"][std::string{key.name}] = schema_of_key(key);
        if (key.use == KeyUse::required && key.allowed.type == KeyType::secret) {
            const auto in_file = fmt::format("{}{}", key.name, secret_file_suffix);
            for (const auto& name : {std::string{key.name}, in_file}) {
                schema["anyOf"].push_back(OrderedJson{{"required", OrderedJson::array({name})}});
            }
        } else if (key.use == KeyUse::required) {
            schema["required"].push_back(std::string{key.name});
        }
    }
    return schema;
}

} // namespace

std::string config_example() {
    std::string text{example_head};
    for (const auto section : config_sections()) {
        text += '\n';
        if (section == printer_section) {
            text += comment("One [[printer]] for each printer.");
        }
        if (!section.empty()) {
            text += header_of(section) + "\n";
        }
        for (const auto& key : config_keys()) {
            if (key.section == section) {
                text += comment(key.doc);
                text += fmt::format("{}{} = {}\n", key.use == KeyUse::optional ? "#" : "", key.name,
                                    key.sample.empty() ? key.default_value : key.sample);
            }
        }
    }
    return text;
}

std::string config_page() {
    std::string text{page_head};
    for (const auto section : config_sections()) {
        text += section.empty() ? std::string{"\n## Before the first section\n"}
                                : fmt::format("\n## {}\n", header_of(section));
        text += "\n| Key | Default | Meaning | Expected | Change |\n|---|---|---|---|---|\n";
        for (const auto& key : config_keys()) {
            if (key.section == section) {
                const auto shown = key.use == KeyUse::required ? std::string{"required"}
                                   : key.sample.empty()        ? fmt::format("`{}`", key.default_value)
                                                               : std::string{};
                text += fmt::format("| `{}` | {} | {} | {} | {} |\n", key.name, shown, cell(key.doc),
                                    cell(key.allowed.in_words), applies(key.change));
            }
        }
    }
    return text;
}

OrderedJson config_schema() {
    OrderedJson schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                       {"title", "bambu2mqtt.toml"}};
    for (const auto section : config_sections()) {
        const std::string name{section};
        if (section.empty()) {
            schema.update(schema_of_section(section));
        } else if (section == printer_section) {
            schema["properties"][name] = {
                {"type", "array"}, {"minItems", 1}, {"items", schema_of_section(section)}};
        } else {
            schema["properties"][name] = schema_of_section(section);
        }
    }
    schema["required"] = OrderedJson::array({printer_section});
    return schema;
}

} // namespace bambu2mqtt::reference
