#include "entity/display_words.hpp"

#include <bambu2mqtt/base/ascii.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace bambu2mqtt {

namespace {

using DisplayWords = std::pair<std::string_view, std::string_view>;

// clang-format off
/// Values whose display text is not simply the value with blanks.
constexpr auto special_words = std::to_array<DisplayWords>({
    {"init", "Starting"}, {"prepare", "Preparing"}, {"running", "Printing"}, {"pause", "Paused"}, {"finish", "Finished"},
    {"m400_pause", "Paused by M400"}, {"paused_user", "Paused by the user"}, {"paused_user_gcode", "Paused by G-code"},
    {"paused_nozzle_filament_covered_detected", "Paused: nozzle covered with filament"},
    {"paused_low_fan_speed_heat_break", "Paused: low speed of the heat break fan"},
    {"sweeping_xy_mech_mode", "Sweeping XY mechanical modes"},
    {"none", "Nothing loaded"},
});

/// Words with capital letters.
constexpr auto word_spellings = std::to_array<DisplayWords>({{"ams", "AMS"}, {"ht", "HT"}, {"lite", "Lite"}});

// clang-format on

std::string_view spelled(std::string_view word) {
    const auto* const found = std::ranges::find(word_spellings, word, &DisplayWords::first);
    return found == word_spellings.end() ? word : found->second;
}

/// "ams_1_tray_2" gives "AMS 1 tray 2".
std::string plain_words(std::string_view value) {
    std::string text;
    while (!value.empty()) {
        const auto end = std::min(value.find('_'), value.size());
        text += text.empty() ? "" : " ";
        text += spelled(value.substr(0, end));
        value.remove_prefix(std::min(end + 1, value.size()));
    }
    if (!text.empty()) {
        text[0] = upper(text[0]);
    }
    return text;
}

std::string words_for(std::string_view value) {
    constexpr std::string_view paused = "paused_";
    if (const auto* const found = std::ranges::find(special_words, value, &DisplayWords::first);
        found != special_words.end()) {
        return std::string{found->second};
    }
    if (value.starts_with(paused)) {
        std::string text{"Paused: "};
        auto reason = plain_words(value.substr(paused.size()));
        if (!reason.starts_with("AMS")) {
            reason[0] = lower(reason[0]);
        }
        return text + reason;
    }
    return plain_words(value);
}

} // namespace

std::string status_words(std::string_view status) {
    return words_for(status);
}

std::string stage_words(std::string_view stage) {
    return words_for(stage);
}

std::string feed_words(std::string_view feed) {
    return words_for(feed);
}

std::string spool_words(std::string_view spool) {
    return spool == "empty" || spool == "unidentified" ? plain_words(spool) : std::string{spool};
}

} // namespace bambu2mqtt
