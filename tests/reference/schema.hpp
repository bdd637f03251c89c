// JSON Schemas (draft 2020-12) of command payloads and responses. Pure.
#pragma once

#include <bambu2mqtt/command/command.hpp>

#include <nlohmann/json.hpp>

namespace bambu2mqtt::reference {

/// The arguments of a command, as keys of the payload of B/P/command/NAME: their types in the one canonical
/// form (numbers as numbers), ranges, words, defaults and meanings.
[[nodiscard]] OrderedJson schema_of(const Command& command);

/// The payload of B/P/response.
[[nodiscard]] OrderedJson outcome_schema();

/// The payload of B/P/event.
[[nodiscard]] OrderedJson event_schema();

} // namespace bambu2mqtt::reference
