#include <bambu2mqtt/base/read.hpp>
#include <bambu2mqtt/base/utf8.hpp>
#include <bambu2mqtt/base/words.hpp>
#include <bambu2mqtt/command/call_text.hpp>

#include <fmt/format.h>

#include <utility>

namespace bambu2mqtt {

namespace {

constexpr std::size_t longest_id = 128;

Refusal invalid_request(std::string text) {
    return Refusal{Code::invalid_argument, std::move(text)};
}

/// Takes a member out of the object.
Json taken(Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) {
        return nullptr;
    }
    Json value = std::move(*found);
    object.erase(found);
    return value;
}

/// What is longer than a name can be is not repeated in full anywhere.
void bound_name(ReadCall& read) {
    auto& name = read.call.command;
    if (name.size() > longest_command_name) {
        read.refusal = Refusal{Code::unknown_command,
                               fmt::format("the name of the command has {} bytes, at most {} are expected",
                                           name.size(), longest_command_name)};
        name = shown(name, longest_command_name - 3);
    }
}

ReadCall read_call(std::string_view payload, std::string_view name) {
    ReadCall read{.call = {.command = std::string{name}}};
    const bool empty = payload.find_first_not_of(" \t\r\n") == std::string_view::npos;
    auto parsed = empty ? Json::object() : read::json(payload);
    if (!parsed || !parsed->is_object()) {
        read.refusal =
            invalid_request(fmt::format("the payload is \"{}\", expected a JSON object", shown(payload)));
        return read;
    }
    auto& content = *parsed;
    const auto id = taken(content, "request_id");
    const auto* const text = id.get_ptr<const std::string*>();
    if (text != nullptr && text->size() <= longest_id && !has_control_character(*text)) {
        read.call.request_id = id.get<std::string>();
    } else if (id.is_number_integer()) {
        read.call.request_id = id.dump();
    } else if (!id.is_null()) {
        read.refusal = invalid_request(
            fmt::format("request_id is expected to be a text of at most {} bytes without control characters",
                        longest_id));
    }
    if (name.empty()) {
        const auto command = taken(content, "command");
        if (command.is_string()) {
            read.call.command = command.get<std::string>();
        } else {
            read.refusal = invalid_request("command is missing, expected the name of one");
        }
    }
    read.call.arguments = std::move(content);
    return read;
}

} // namespace

ReadCall call_of(std::string_view payload, std::string_view name) {
    auto read = read_call(payload, name);
    bound_name(read);
    return read;
}

} // namespace bambu2mqtt
