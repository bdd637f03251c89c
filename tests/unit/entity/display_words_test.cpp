#include "entity/display_words.hpp"
#include <bambu2mqtt/entity/catalogue.hpp>
#include <bambu2mqtt/entity/spools.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace bambu2mqtt;

namespace {

/// Every option has its own display text, of ordinary letters.
void check_words(std::span<const std::string_view> options, std::string (*words)(std::string_view)) {
    std::set<std::string> seen;
    for (const auto option : options) {
        const auto text = words(option);
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
    check_words(options_of("print_status"), status_words);
    check_words(options_of("stage"), stage_words);
    check_words(feed_options(), feed_words);
    CHECK(status_words("running") == "Printing");
    CHECK(stage_words("auto_bed_leveling") == "Auto bed leveling");
    CHECK(stage_words("paused_filament_runout") == "Paused: filament runout");
    CHECK(stage_words("paused_ams_lost") == "Paused: AMS lost");
    CHECK(stage_words("preparing_ams") == "Preparing AMS");
    CHECK(feed_words("ams_1_tray_2") == "AMS 1 tray 2");
    CHECK(feed_words("ams_ht_1_tray_1") == "AMS HT 1 tray 1");
    CHECK(feed_words("external_spool_left") == "External spool left");
    CHECK(feed_words("none") == "Nothing loaded");
}

TEST_CASE("filament names are shown unchanged") {
    CHECK(spool_words("empty") == "Empty");
    CHECK(spool_words("unidentified") == "Unidentified");
    CHECK(spool_words("PLA Basic") == "PLA Basic");
    CHECK(spool_words("bambu_pla") == "bambu_pla");
}
