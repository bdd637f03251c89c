#include <bambu2mqtt/base/utf8.hpp>
#include <bambu2mqtt/topic/topic_text.hpp>

#include <algorithm>
#include <cstddef>

namespace bambu2mqtt {

namespace {

constexpr std::size_t longest_topic = 65535;

/// Removes the text up to the next "/", including it.
std::string_view taken_level(std::string_view& rest) {
    const auto end = std::min(rest.find('/'), rest.size());
    const auto level = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return level;
}

/// U+FDD0 to U+FDEF and the last two code points of each plane; `text` is UTF-8.
bool has_noncharacter(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (byte(i) == 0xEF) {
            const bool arabic = byte(i + 1) == 0xB7 && byte(i + 2) >= 0x90 && byte(i + 2) <= 0xAF;
            if (arabic || (byte(i + 1) == 0xBF && byte(i + 2) >= 0xBE)) {
                return true;
            }
        } else if (byte(i) >= 0xF0 && (byte(i + 1) & 0x0FU) == 0x0F && byte(i + 2) == 0xBF &&
                   byte(i + 3) >= 0xBE) {
            return true;
        }
    }
    return false;
}

bool is_mqtt_text(std::string_view text) {
    return !text.empty() && text.size() <= longest_topic && is_utf8(text) && !has_control_character(text) &&
           !has_noncharacter(text);
}

} // namespace

bool is_topic(std::string_view text) {
    return is_mqtt_text(text) && text.find_first_of("+#") == std::string_view::npos;
}

bool is_topic_filter(std::string_view text) {
    if (!is_mqtt_text(text)) {
        return false;
    }
    auto rest = text;
    bool ended = false;
    while (!ended) {
        ended = rest.find('/') == std::string_view::npos;
        const auto level = taken_level(rest);
        const bool plain = level.find_first_of("+#") == std::string_view::npos;
        if (!plain && level != "+" && !(level == "#" && ended)) {
            return false;
        }
    }
    return true;
}

bool filter_takes(std::string_view filter, std::string_view topic) {
    if (topic.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#'))) {
        return false;
    }
    bool filter_ended = false;
    bool topic_ended = false;
    while (!filter_ended && !topic_ended) {
        filter_ended = filter.find('/') == std::string_view::npos;
        topic_ended = topic.find('/') == std::string_view::npos;
        const auto wanted = taken_level(filter);
        if (wanted == "#") {
            return true;
        }
        if (const auto level = taken_level(topic); wanted != "+" && wanted != level) {
            return false;
        }
    }
    return filter_ended ? topic_ended : filter == "#";
}

bool is_at_or_below(std::string_view topic, std::string_view root) {
    return topic.starts_with(root) && (topic.size() == root.size() || topic[root.size()] == '/');
}

} // namespace bambu2mqtt
