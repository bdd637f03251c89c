#include "simulator/replay.hpp"

#include "simulator/request.hpp"

#include <algorithm>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

/// The object under `print` of a status report; null for everything else, acknowledgements included.
json status_in(const std::string& message) {
    const auto whole = json::parse(message, nullptr, false);
    if (!whole.is_object() || !whole.contains("print") || !whole["print"].is_object())
        return nullptr;
    const auto& print = whole["print"];
    return print.value("command", json("push_status")) == "push_status" ? print : json(nullptr);
}

/// The key that identifies the elements of an array; empty when the array is replaced.
std::string_view identity_of(std::string_view array) {
    if (array == "ams" || array == "tray" || array == "vir_slot" || array == "parts")
        return "id";
    return array == "lights_report" ? "node" : "";
}

void merge_elements(json& known, const json& report, const std::string& identity) {
    for (const auto& element : report) {
        const auto same = std::find_if(known.begin(), known.end(), [&](const json& candidate) {
            return candidate.contains(identity) && element.contains(identity) &&
                   candidate[identity] == element[identity];
        });
        if (same == known.end())
            known.push_back(element);
        else if (element.contains("tray") || element.contains("func")) // an AMS unit, a part of the air duct
            merge_report(*same, element);
        else
            *same = element;
    }
}

} // namespace

std::vector<std::string> split_messages(std::string_view text) {
    std::vector<std::string> messages;
    std::size_t begin = 0;
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\')
                ++i;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' && depth++ == 0) {
            begin = i;
        } else if (c == '}' && depth > 0 && --depth == 0) {
            messages.emplace_back(text.substr(begin, i + 1 - begin));
        }
    }
    if (depth > 0)
        messages.emplace_back(text.substr(begin));
    return messages;
}

void merge_report(json& known, const json& report) {
    for (const auto& [key, value] : report.items()) {
        const auto identity = identity_of(key);
        if (value.is_object() && known.contains(key) && known[key].is_object())
            merge_report(known[key], value);
        else if (value.is_array() && !identity.empty() && known.contains(key) && known[key].is_array())
            merge_elements(known[key], value, std::string{identity});
        else
            known[key] = value;
    }
}

ReplayPrinter::ReplayPrinter(ReplayOptions options) : options_{std::move(options)} {
    std::vector<std::string> played;
    for (auto& message : options_.messages) {
        auto whole = json::parse(message, nullptr, false);
        if (whole.is_object() && whole.contains("info"))
            version_ = whole["info"];
        else
            played.push_back(std::move(message));
    }
    options_.messages = std::move(played);
}

std::vector<std::string> ReplayPrinter::advance(Uptime) {
    if (next_ == options_.messages.size() && options_.at_end == AtEnd::begin_again)
        next_ = 0;
    if (next_ >= options_.messages.size())
        return {};
    const auto& message = options_.messages[next_++];
    const auto status = status_in(message);
    if (status.is_object() && status.value("msg", json(0)) == 0)
        known_ = status;
    else if (status.is_object())
        merge_report(known_, status);
    return {message};
}

Reaction ReplayPrinter::answer(std::string_view text, Uptime) {
    const auto request = parse_request(text);
    if (!request)
        return {};
    json whole;
    if (request->name() == "info.get_version" && version_.is_object()) {
        whole["info"] = version_;
        whole["info"]["sequence_id"] = request->arguments.value("sequence_id", json("0"));
        return {.answers = {whole.dump(-1, ' ', false, json::error_handler_t::replace)}};
    }
    if (request->name() != "pushing.pushall")
        return {};
    for (std::size_t i = 0; known_.is_null() && i < options_.messages.size(); ++i)
        known_ = status_in(options_.messages[i]);
    if (known_.is_null())
        return {};
    whole["print"] = known_;
    whole["print"]["msg"] = 0;
    return {.answers = {whole.dump(-1, ' ', false, json::error_handler_t::replace)}};
}

Reaction ReplayPrinter::connected(int, Uptime) {
    return {};
}

std::string ReplayPrinter::obey(std::string_view, Uptime) {
    return "this printer only plays a file";
}

} // namespace bambu2mqtt::simulator
