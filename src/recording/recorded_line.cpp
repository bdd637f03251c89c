#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/base/json_limits.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/base/utf8.hpp>
#include <bambu2mqtt/recording/recorded_line.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace bambu2mqtt {

namespace {

constexpr std::string_view unreadable_key = "unreadable_bytes";

OrderedJson timed(RecordedTime time) {
    return {{std::string{recorded_time_key}, recorded_time_text(time)}};
}

/// The text of the first member of a line, where that is the time.
std::string_view written_time(std::string_view line) {
    const auto begin = line.find_first_not_of(" \t");
    const auto start = fmt::format("{{\"{}\":\"", recorded_time_key);
    if (begin == std::string_view::npos || !line.substr(begin).starts_with(start)) {
        return {};
    }
    line.remove_prefix(begin + start.size());
    return line.substr(0, line.find('"'));
}

} // namespace

OrderedJson parse_recordable(std::string_view payload) {
    std::string valid;
    for (auto rest = payload; !rest.empty();) {
        const auto length = utf8_length(rest);
        valid += length == 0 ? replacement_character : rest.substr(0, length);
        rest.remove_prefix(std::max<std::size_t>(length, 1));
    }
    auto message = read::ordered_json(valid);
    return message && message->is_object() ? *std::move(message) : OrderedJson(nullptr);
}

std::string recorded_line(const OrderedJson& message, RecordedTime time, std::size_t bytes) {
    auto line = timed(time);
    if (!message.is_object()) {
        line[std::string{unreadable_key}] = bytes;
        return json_text(line);
    }
    auto& members = line.get_ref<OrderedJson::object_t&>();
    members.reserve(message.size() + 1);
    for (const auto& member : message.get_ref<const OrderedJson::object_t&>()) {
        if (member.first != recorded_time_key) {
            members.push_back(member);
        }
    }
    return json_text(line);
}

std::string recorded_header(const RecordingHeader& header, RecordedTime time) {
    constexpr int format = 1;
    auto line = timed(time);
    line[std::string{recording_key}] = {{"format", format},
                                        {"program", header.program},
                                        {"serial", header.serial},
                                        {"model", header.model},
                                        {"scrubbed", header.scrubbed}};
    return json_text(line);
}

std::string recorded_time_text(RecordedTime time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto text = rfc3339(seconds);
    return fmt::format("{}.{:03}Z", std::string_view{text}.substr(0, text.size() - 1),
                       (time - seconds).count());
}

std::optional<RecordedTime> recorded_time(std::string_view line) {
    const auto text = written_time(line);
    const auto seconds = parse_rfc3339(text);
    if (!seconds) {
        return std::nullopt;
    }
    int milliseconds = 0;
    if (const auto dot = text.find('.'); dot != std::string_view::npos) {
        int weight = 100;
        for (const char c : text.substr(dot + 1, 3)) {
            if (c < '0' || c > '9') {
                break;
            }
            milliseconds += weight * (c - '0');
            weight /= 10;
        }
    }
    return RecordedTime{*seconds} + std::chrono::milliseconds{milliseconds};
}

} // namespace bambu2mqtt
