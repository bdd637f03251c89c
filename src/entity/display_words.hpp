// Display texts of enum values; automations use the values themselves, which never change.
#pragma once

#include <bambu2mqtt/entity/entity.hpp>
#include <bambu2mqtt/texts/language.hpp>

#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Of `print_status`: "Printing" for "running".
[[nodiscard]] std::string status_words(std::string_view status, Language language);

/// Of `stage`: "Auto bed leveling" for "auto_bed_leveling", "Paused: filament runout" for
/// "paused_filament_runout".
[[nodiscard]] std::string stage_words(std::string_view stage, Language language);

/// Of `active_tray`: "AMS 1 tray 2" for "ams_1_tray_2", "Nothing loaded" for "none".
[[nodiscard]] std::string feed_words(std::string_view feed, Language language);

/// Of a tray or external spool: "Empty" for "empty", "Unidentified" for "unidentified"; names of filaments
/// are unchanged.
[[nodiscard]] std::string spool_words(std::string_view spool, Language language);

/// Attribute `text`: the display text of a value, by one of the functions above; null if unknown.
void put_words(const Value& value, std::string (*words)(std::string_view, Language), const View& view,
               OrderedJson& out);

} // namespace bambu2mqtt
