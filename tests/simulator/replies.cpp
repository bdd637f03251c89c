#include "simulator/replies.hpp"

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

constexpr int deepest = 32; ///< what lies deeper is left out: copying and printing it could use up the stack

std::string in_envelope(const Request& request, json body) {
    json whole;
    whole[request.name_space] = std::move(body);
    return whole.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace

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

std::string acknowledgement(const Request& request) {
    json body = request.arguments;
    body["result"] = "success";
    body["reason"] = "success";
    return in_envelope(request, std::move(body));
}

std::string failure(const Request& request, std::string_view reason) {
    json body = request.arguments;
    body["result"] = "fail";
    body["reason"] = reason;
    return in_envelope(request, std::move(body));
}

std::string refusal(const Request& request, std::uint32_t error_code) {
    json body{{"command", request.command}, {"err_code", error_code}};
    if (request.arguments.contains("sequence_id"))
        body["sequence_id"] = request.arguments.at("sequence_id");
    return in_envelope(request, std::move(body));
}

} // namespace bambu2mqtt::simulator
