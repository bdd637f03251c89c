// What is written of the configuration from its table of keys: example file, reference page, JSON schema.
// Pure.
#pragma once

#include <bambu2mqtt/base/json.hpp>

#include <nlohmann/json.hpp>

#include <string>

namespace bambu2mqtt::reference {

/// config/bambu2mqtt.toml: all keys with their meaning, those at their defaults behind "#".
[[nodiscard]] std::string config_example();

/// docs/configuration.md: a table of keys for each section.
[[nodiscard]] std::string config_page();

/// docs/schemas/config.json, a JSON Schema (draft 2020-12) of the file as JSON has it, for editors.
[[nodiscard]] OrderedJson config_schema();

} // namespace bambu2mqtt::reference
