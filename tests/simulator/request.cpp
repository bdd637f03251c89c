#include "simulator/request.hpp"

#include <limits>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

constexpr int deepest = 32; ///< deeper nesting is left out: copying and printing it could exhaust the stack

const json* field(const json& arguments, std::string_view key) {
    if (!arguments.is_object())
        return nullptr;
    const auto found = arguments.find(std::string{key});
    return found == arguments.end() ? nullptr : &*found;
}

std::optional<int> integer_in(const json& value) {
    if (!value.is_number())
        return std::nullopt;
    const auto wide = value.get<double>();
    if (!(wide >= std::numeric_limits<int>::min() && wide <= std::numeric_limits<int>::max()))
        return std::nullopt;
    return static_cast<int>(wide);
}

} // namespace

std::optional<std::string> Request::text(std::string_view key) const {
    const auto* const value = field(arguments, key);
    return value != nullptr && value->is_string() ? std::optional{value->get<std::string>()} : std::nullopt;
}

std::optional<int> Request::integer(std::string_view key) const {
    const auto* const value = field(arguments, key);
    return value == nullptr ? std::nullopt : integer_in(*value);
}

std::optional<double> Request::number(std::string_view key) const {
    const auto* const value = field(arguments, key);
    return value != nullptr && value->is_number() ? std::optional{value->get<double>()} : std::nullopt;
}

std::optional<bool> Request::flag(std::string_view key) const {
    const auto* const value = field(arguments, key);
    return value != nullptr && value->is_boolean() ? std::optional{value->get<bool>()} : std::nullopt;
}

std::optional<std::vector<int>> Request::integers(std::string_view key) const {
    const auto* const value = field(arguments, key);
    if (value == nullptr || !value->is_array())
        return std::nullopt;
    std::vector<int> result;
    for (const auto& element : *value) {
        const auto number = integer_in(element);
        if (!number)
            return std::nullopt;
        result.push_back(*number);
    }
    return result;
}

bool Request::has(std::string_view key) const {
    return field(arguments, key) != nullptr;
}

std::optional<Request> parse_request(std::string_view text) {
    const auto shallow = [](int depth, json::parse_event_t, json&) { return depth < deepest; };
    const auto whole = json::parse(text, shallow, false);
    if (!whole.is_object())
        return std::nullopt;
    for (const auto& [key, value] : whole.items()) {
        if (key == "header" || !value.is_object())
            continue; // "header" carries the signature of a signed message
        const auto command = value.find("command");
        const bool named = command != value.end() && command->is_string();
        return Request{.name_space = key,
                       .command = named ? command->get<std::string>() : std::string{},
                       .arguments = value};
    }
    return std::nullopt;
}

} // namespace bambu2mqtt::simulator
