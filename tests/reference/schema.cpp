#include "schema.hpp"

#include <bambu2mqtt/command/catalogue.hpp>
#include <bambu2mqtt/entity/event_types.hpp>

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string>

namespace bambu2mqtt::reference {

namespace {

constexpr const char* dialect = "https://json-schema.org/draft/2020-12/schema";

OrderedJson plain(double value) {
    return value == std::floor(value) ? OrderedJson(static_cast<std::int64_t>(value)) : OrderedJson(value);
}

OrderedJson bounded(const char* type, const Argument& argument) {
    OrderedJson schema{{"type", type}};
    if (is_bounded(argument)) {
        schema["minimum"] = plain(argument.min);
        schema["maximum"] = plain(argument.max);
    }
    return schema;
}

OrderedJson text(const Argument& argument, const char* forbidden) {
    OrderedJson schema{{"type", "string"}};
    if (argument.shortest > 0) {
        schema["minLength"] = argument.shortest;
    }
    schema["maxLength"] = argument.longest;
    schema["not"] = {{"pattern", forbidden}};
    return schema;
}

OrderedJson words(const Argument& argument) {
    OrderedJson values = OrderedJson::array();
    for (const auto& word : argument.words) {
        values.push_back(word.name);
    }
    for (const auto& word : argument.words) {
        values.push_back(word.number);
    }
    return {{"enum", std::move(values)}};
}

/// Wire ids, then public names.
OrderedJson units() {
    OrderedJson values{0, 1, 2, 3, 16};
    for (int id = 128; id <= 135; ++id) {
        values.push_back(id);
    }
    values.push_back(254);
    values.push_back(255);
    for (int number = 1; number <= 4; ++number) {
        values.push_back(fmt::format("ams_{}", number));
    }
    values.push_back("ams_lite_1");
    for (int number = 1; number <= 8; ++number) {
        values.push_back(fmt::format("ams_ht_{}", number));
    }
    return {{"enum", std::move(values)}};
}

OrderedJson list(const Argument& argument) {
    OrderedJson schema{{"type", "array"}, {"items", bounded("integer", argument)}};
    if (argument.shortest > 0) {
        schema["minItems"] = argument.shortest;
    }
    schema["maxItems"] = argument.longest;
    return schema;
}

OrderedJson type_of(const Argument& argument) {
    switch (argument.kind) {
    case Kind::boolean:
        return {{"type", "boolean"}};
    case Kind::integer:
        return bounded("integer", argument);
    case Kind::rounded:
    case Kind::number:
        return bounded("number", argument);
    case Kind::text:
        return text(argument, R"([\u0000-\u001F\u007F-\u009F])");
    case Kind::lines:
        return text(argument, R"([\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F])");
    case Kind::word:
        return words(argument);
    case Kind::unit:
        return units();
    case Kind::integers:
        return list(argument);
    case Kind::object:
        return {{"type", "object"}};
    case Kind::on_off_auto:
        return {{"enum", {true, false, "on", "off", "auto"}}};
    }
    return {};
}

OrderedJson schema_of(const Argument& argument) {
    auto schema = type_of(argument);
    const auto unit = argument.unit.empty() ? std::string{} : fmt::format("; in {}", argument.unit);
    schema["description"] = fmt::format("{}{}", argument.meaning, unit);
    if (!argument.fallback.empty()) {
        schema["default"] = OrderedJson::parse(argument.fallback);
    }
    return schema;
}

OrderedJson request_id_schema() {
    return {{"type", {"string", "integer"}},
            {"maxLength", 128},
            {"description", "returned in the outcome; the same id again within 10 minutes gets the first "
                            "outcome and sends nothing"}};
}

std::string description_of(const Command& command) {
    auto text = fmt::format("{}.", command.summary);
    if (!command.needs.empty()) {
        text += fmt::format(" Needs {}.", command.needs);
    }
    if (command.when != When::any) {
        text += fmt::format(" Works only {}.", words_of(command.when));
    }
    if (command.raw) {
        text += " Needs control.raw_commands.";
    }
    if (command.trust) {
        text += " Needs control.trust_commands.";
    }
    return text;
}

OrderedJson nullable_text(const char* description) {
    return {{"type", {"string", "null"}}, {"description", description}};
}

} // namespace

OrderedJson schema_of(const Command& command) {
    OrderedJson properties = OrderedJson::object();
    OrderedJson required = OrderedJson::array();
    for (const auto& argument : command.arguments) {
        properties[std::string{argument.name}] = schema_of(argument);
        if (argument.required) {
            required.push_back(argument.name);
        }
    }
    properties["request_id"] = request_id_schema();
    OrderedJson schema{{"$schema", dialect},
                       {"title", command.name},
                       {"description", description_of(command)},
                       {"type", "object"},
                       {"properties", std::move(properties)},
                       {"additionalProperties", false}};
    if (!required.empty()) {
        schema["required"] = std::move(required);
    }
    return schema;
}

OrderedJson outcome_schema() {
    OrderedJson statuses{"progress"};
    for (const auto status : {Status::effective, Status::accepted, Status::done, Status::refused,
                              Status::unconfirmed, Status::failed}) {
        statuses.push_back(name_of(status));
    }
    OrderedJson codes{nullptr};
    for (int code = static_cast<int>(Code::invalid_argument); code <= static_cast<int>(Code::superseded);
         ++code) {
        codes.push_back(name_of(static_cast<Code>(code)));
    }
    return {{"$schema", dialect},
            {"title", "outcome"},
            {"description",
             "The outcome of a command. Exactly one with a final status per command; file actions may "
             "send some with status progress before it."},
            {"type", "object"},
            {"properties",
             {{"request_id", nullable_text("as it was sent, as text; null if there was none")},
              {"command",
               {{"type", "string"}, {"description", "as it was sent; shortened if too long to be a name"}}},
              {"status", {{"enum", std::move(statuses)}, {"description", "see docs/commands.md"}}},
              {"code",
               {{"enum", std::move(codes)},
                {"description", "why it was refused, or why the gateway did not wait; else null"}}},
              {"message", nullable_text("for people: the reason, and what was expected")},
              {"data",
               {{"description", "the result; progress: {\"bytes\", \"total\"}; null where there is none"}}},
              {"time", {{"type", "string"}, {"format", "date-time"}, {"description", "RFC 3339, UTC"}}},
              {"note",
               {{"type", "string"},
                {"description", "only if there is something else the sender should know: that nothing was "
                                "published on the "
                                "response topic of the request and why, or what was left out"}}}}},
            {"required", {"request_id", "command", "status", "code", "message", "data", "time"}},
            {"additionalProperties", false}};
}

OrderedJson event_schema() {
    OrderedJson types = OrderedJson::array();
    for (const auto type : event_types) {
        types.push_back(type);
    }
    return {
        {"$schema", dialect},
        {"title", "event"},
        {"description", "An event of a printer, published once. See docs/events.md."},
        {"type", "object"},
        {"properties",
         {{"event_type", {{"enum", std::move(types)}, {"description", "see docs/events.md"}}},
          {"time",
           {{"type", "string"},
            {"format", "date-time"},
            {"description", "when the gateway noticed it: RFC 3339, UTC"}}},
          {"task", nullable_text("name of the job")},
          {"file", nullable_text("file of the job")},
          {"progress", {{"type", {"integer", "null"}}, {"description", "of the job; in %"}}},
          {"code", nullable_text("of an error, an HMS message or a cancelled job, as the printer shows it")},
          {"duration",
           {{"type", {"integer", "null"}},
            {"minimum", 0},
            {"description", "since the job's start; in min; null if the gateway did not see the start"}}},
          {"observed",
           {{"const", "late"},
            {"description", "only for events that happened while the gateway was not connected"}}},
          {"unit",
           nullable_text("filament_runout, drying_finished: prefix of the unit or external spool, as ams_1")},
          {"slot",
           {{"type", {"integer", "null"}},
            {"minimum", 1},
            {"description", "filament_runout: slot of the unit, from 1"}}},
          {"from", nullable_text("filament_changed: the tray that ran out, as active_tray shows it")},
          {"to", nullable_text("filament_changed: the tray in use now")}}},
        {"required", {"event_type", "time", "task", "file", "progress", "code", "duration"}},
        {"additionalProperties", false}};
}

} // namespace bambu2mqtt::reference
