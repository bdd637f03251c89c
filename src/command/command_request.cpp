#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/base/utf8.hpp>
#include <bambu2mqtt/command/command_request.hpp>

#include <fmt/format.h>

#include <utility>

namespace bambu2mqtt {

namespace {

constexpr std::size_t longest_id = 128;

Refusal invalid_request(std::string text) {
    return Refusal{Code::invalid_argument, std::move(text)};
}

/// Removes a member from the object.
Json taken(Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) {
        return nullptr;
    }
    Json value = std::move(*found);
    object.erase(found);
    return value;
}

/// Text longer than any name is never repeated in full.
void bound_name(ParsedCommandRequest& read) {
    auto& name = read.command_request.command;
    if (name.size() > longest_command_name) {
        read.refusal = Refusal{Code::unknown_command,
                               fmt::format("the name of the command has {} bytes, at most {} are expected",
                                           name.size(), longest_command_name)};
        name = sanitize_for_log(name, longest_command_name - 3);
    }
}

ParsedCommandRequest parse_command_request(std::string_view payload, std::string_view name) {
    ParsedCommandRequest read{.command_request = {.command = std::string{name}}};
    const bool empty = payload.find_first_not_of(" \t\r\n") == std::string_view::npos;
    auto parsed = empty ? Json::object() : read::json(payload);
    if (!parsed || !parsed->is_object()) {
        read.refusal = invalid_request(
            fmt::format("the payload is \"{}\", expected a JSON object", sanitize_for_log(payload)));
        return read;
    }
    auto& content = *parsed;
    const auto id = taken(content, "request_id");
    const auto* const text = id.get_ptr<const std::string*>();
    if (text != nullptr && text->size() <= longest_id && !has_control_character(*text)) {
        read.command_request.request_id = id.get<std::string>();
    } else if (id.is_number_integer()) {
        read.command_request.request_id = id.dump();
    } else if (!id.is_null()) {
        read.refusal = invalid_request(
            fmt::format("request_id is expected to be a text of at most {} bytes without control characters",
                        longest_id));
    }
    if (name.empty()) {
        const auto command = taken(content, "command");
        if (command.is_string()) {
            read.command_request.command = command.get<std::string>();
        } else {
            read.refusal = invalid_request("command is missing, expected the name of a command");
        }
    }
    read.command_request.arguments = std::move(content);
    return read;
}

} // namespace

ParsedCommandRequest command_request_of(std::string_view payload, std::string_view name) {
    auto read = parse_command_request(payload, name);
    bound_name(read);
    return read;
}

} // namespace bambu2mqtt
