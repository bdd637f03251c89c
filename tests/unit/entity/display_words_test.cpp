#include "entity/display_words.hpp"
#include <bambu2mqtt/entity/catalogue.hpp>
#include <bambu2mqtt/entity/spools.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace bambu2mqtt;

namespace {

/// Every option has its own display text, of ordinary letters.
void check_words(std::span<const std::string_view> options, std::string (*words)(std::string_view, Language),
                 Language language) {
    std::set<std::string> seen;
    for (const auto option : options) {
        const auto text = words(option, language);
        INFO("option: ", std::string{option}, ", words: ", text);
        CHECK(seen.insert(text).second);
        CHECK(text.find('_') == std::string::npos);
        CHECK(!text.empty());
        CHECK(!(text[0] >= 'a' && text[0] <= 'z'));
        CHECK(text.back() != ' ');
    }
}

std::span<const std::string_view> options_of(std::string_view id) {
    const auto rows = catalogue();
    const auto row = std::ranges::find(rows, id, &Entity::id);
    REQUIRE(row != rows.end());
    return row->options;
}

} // namespace

TEST_CASE("every status, stage and tray has its own display text") {
    for (const auto language : {Language::en, Language::de}) {
        check_words(options_of("print_status"), status_words, language);
        check_words(options_of("stage"), stage_words, language);
        check_words(feed_options(), feed_words, language);
    }
    CHECK(status_words("running", Language::en) == "Printing");
    CHECK(stage_words("auto_bed_leveling", Language::en) == "Auto bed leveling");
    CHECK(stage_words("paused_filament_runout", Language::en) == "Paused: filament runout");
    CHECK(stage_words("paused_ams_lost", Language::en) == "Paused: AMS lost");
    CHECK(stage_words("preparing_ams", Language::en) == "Preparing AMS");
    CHECK(feed_words("ams_1_tray_2", Language::en) == "AMS 1 tray 2");
    CHECK(feed_words("ams_ht_1_tray_1", Language::en) == "AMS HT 1 tray 1");
    CHECK(feed_words("external_spool_left", Language::en) == "External spool left");
    CHECK(feed_words("none", Language::en) == "Nothing loaded");
    CHECK(stage_words("paused_filament_runout", Language::de) == "Pausiert: Filament zu Ende");
    CHECK(feed_words("ams_ht_1_tray_1", Language::de) == "AMS HT 1 Slot 1");
    CHECK(feed_words("external_spool", Language::de) == "Externe Spule");
}

TEST_CASE("filament names are shown unchanged") {
    CHECK(spool_words("empty", Language::en) == "Empty");
    CHECK(spool_words("unidentified", Language::en) == "Unidentified");
    CHECK(spool_words("empty", Language::de) == "Leer");
    CHECK(spool_words("PLA Basic", Language::en) == "PLA Basic");
    CHECK(spool_words("bambu_pla", Language::en) == "bambu_pla");
}
