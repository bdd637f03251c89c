#include <bambu2mqtt/base/utf8.hpp>

#include <simdjson.h>

#include <algorithm>

namespace bambu2mqtt {

std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto continues = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0U) == 0x80U; };
    const auto lead = byte(0);
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
        return continues(1) ? 2 : 0;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        const bool whole = continues(1) && continues(2);
        const bool overlong = whole && lead == 0xE0 && byte(1) < 0xA0;
        const bool surrogate = whole && lead == 0xED && byte(1) > 0x9F;
        return whole && !overlong && !surrogate ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const bool whole = continues(1) && continues(2) && continues(3);
        const bool overlong = whole && lead == 0xF0 && byte(1) < 0x90;
        const bool beyond = whole && lead == 0xF4 && byte(1) > 0x8F;
        return whole && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

bool is_utf8(std::string_view text) {
    return simdjson::validate_utf8(text.data(), text.size());
}

bool has_control_character(std::string_view text) {
    bool after_c2 = false;
    return std::ranges::any_of(text, [&](unsigned char c) {
        const bool control = c < 0x20 || c == 0x7F || (after_c2 && c >= 0x80 && c < 0xA0);
        after_c2 = c == 0xC2;
        return control;
    });
}

std::string clean_text(std::string_view text, std::size_t most_bytes) {
    std::string clean;
    while (!text.empty()) {
        const auto length = utf8_length(text);
        const auto character = text.substr(0, std::max<std::size_t>(length, 1));
        if (length > 0 && !has_control_character(character)) {
            if (clean.size() + length > most_bytes) {
                break;
            }
            clean += character;
        }
        text.remove_prefix(character.size());
    }
    return clean;
}

} // namespace bambu2mqtt
