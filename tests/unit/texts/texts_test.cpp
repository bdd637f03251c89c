#include <bambu2mqtt/texts/error_patterns.hpp>
#include <bambu2mqtt/texts/texts.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

using namespace bambu2mqtt;

namespace {

std::vector<ErrorPattern> all_patterns() {
    std::vector<ErrorPattern> all;
    for (const auto part : {print_error_patterns(), hms_machine_patterns(), hms_ams_patterns()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

std::set<std::string> keys_of(Language language, TextGroup group) {
    std::set<std::string> keys;
    for (const auto& line : texts_in(language).lines(group)) {
        keys.insert(std::string{line.first});
    }
    return keys;
}

/// The "{...}" of a text, in order.
std::vector<std::string> placeholders(std::string_view text) {
    std::vector<std::string> found;
    while (text.find('{') != std::string_view::npos) {
        text.remove_prefix(text.find('{'));
        found.emplace_back(text.substr(0, text.find('}') + 1));
        text.remove_prefix(found.back().size());
    }
    std::ranges::sort(found);
    return found;
}

/// A code that a pattern covers: unit 1, slot 2, any other digit 5.
std::string sample_of(std::string_view pattern) {
    std::string code{pattern};
    for (const auto& [letter, digit] : {std::pair{'u', '1'}, std::pair{'s', '2'}, std::pair{'x', '5'},
                                        std::pair{'m', '7'}, std::pair{'n', '7'}}) {
        std::ranges::replace(code, letter, digit);
    }
    if (pattern.starts_with("mm") || pattern.starts_with("nn")) {
        code.replace(0, 2, "18");
    }
    return code;
}

} // namespace

TEST_CASE("a language file has sections, comments and lines with a key and a text") {
    const Texts texts{
        "# first\n[errors]\r\n  fire =  Fire!  \nfire.small = a = b\n\n[places]\nunit = AMS {n}"};
    CHECK(texts.problems().empty());
    CHECK(texts.find(TextGroup::errors, "fire") == "Fire!");
    CHECK(texts.find(TextGroup::errors, "fire.small") == "a = b");
    CHECK(texts.find(TextGroup::places, "unit") == "AMS {n}");
    CHECK(texts.find(TextGroup::places, "fire").empty());
    CHECK(texts.find(TextGroup::errors, "fir").empty());
    CHECK(texts.lines(TextGroup::errors).size() == 2);
}

TEST_CASE("invalid lines of a language file are named") {
    const Texts texts{"early = text\n[errors]\nno equals sign\n= text\nkey =\n[nothing]\na = 1\na = 2\n"};
    REQUIRE(texts.problems().size() == 6);
    CHECK(texts.problems()[0] == "line 1: expected [SECTION] or KEY = TEXT");
    CHECK(texts.problems()[1] == "line 3: expected [SECTION] or KEY = TEXT");
    CHECK(texts.problems()[4] == "line 6: expected [SECTION] or KEY = TEXT");
    CHECK(texts.problems()[5] == "a: occurs twice");
    CHECK(Texts{""}.problems().empty());
}

TEST_CASE("placeholders with a value are filled in") {
    CHECK(filled("{a} and {b}{b}", {{"a", "x{b}"}, {"b", "y"}}) == "x{b} and yy");
    CHECK(filled("{c} {", {{"a", "x"}}) == "{c} {");
    CHECK(filled("", {{"a", "x"}}).empty());
}

TEST_CASE("every language has the same keys, with the same placeholders") {
    for (const auto language : {Language::en, Language::de}) {
        const auto& texts = texts_in(language);
        INFO("language: ", static_cast<int>(language));
        CHECK(texts.problems().empty());
        for (const auto group : {TextGroup::errors, TextGroup::places, TextGroup::words}) {
            CHECK(keys_of(language, group) == keys_of(Language::en, group));
            for (const auto& line : texts.lines(group)) {
                INFO("key: ", std::string{line.first});
                CHECK(placeholders(line.second) ==
                      placeholders(texts_in(Language::en).find(group, line.first)));
            }
        }
    }
}

TEST_CASE("every error pattern has a text in every language, and every text a pattern") {
    const auto patterns = all_patterns();
    CHECK(patterns.size() >= 500);
    std::set<std::string> used;
    for (const auto& pattern : patterns) {
        INFO("pattern: ", std::string{pattern.code});
        CHECK(!texts_in(Language::en).find(TextGroup::errors, pattern.text).empty());
        CHECK(!texts_in(Language::de).find(TextGroup::errors, pattern.text).empty());
        used.insert(std::string{pattern.text});
    }
    CHECK(used == keys_of(Language::en, TextGroup::errors));
}

TEST_CASE("error texts are sentences, different in German") {
    for (const auto language : {Language::en, Language::de}) {
        for (const auto& line : texts_in(language).lines(TextGroup::errors)) {
            const auto& key = line.first;
            const auto& text = line.second;
            INFO("key: ", std::string{key});
            CHECK((text.ends_with('.') || text.ends_with('!') || text.ends_with('?')));
            CHECK(text.size() <= 140);
            CHECK((language == Language::en || text != texts_in(Language::en).find(TextGroup::errors, key)));
        }
    }
}

TEST_CASE("every pattern covers a code of its own: none hides a later one completely") {
    for (const auto& pattern : all_patterns()) {
        const auto code = sample_of(pattern.code);
        INFO("pattern: ", std::string{pattern.code}, ", code: ", code);
        const auto* const found = find_error_pattern(code);
        REQUIRE(found != nullptr);
        CHECK(found->code == pattern.code);
    }
}

TEST_CASE("a pattern covers the same code of all units and slots, and no other") {
    const auto text_of = [](std::string_view code) {
        const auto* const pattern = find_error_pattern(code);
        return pattern == nullptr ? std::string_view{} : pattern->text;
    };
    CHECK(text_of("0700-8011") == "ams_runout");
    CHECK(text_of("1803-8011") == "ams_runout");
    CHECK(text_of("1201-8011") == "ams_runout");
    CHECK(text_of("07FF-8011") == "external_runout");
    CHECK(text_of("0800-8011").empty());
    CHECK(text_of("0700-2200-0002-0001") == "ams_runout");
    CHECK(text_of("0700-2400-0002-0001").empty());
    CHECK(text_of("1200-0100-0001-0001").empty());
    CHECK(text_of("0702-0100-0001-0001") == "ams_slipped");
    CHECK(text_of("0300-0D00-0001-000B") == "z_stuck");
    CHECK(text_of("0300-0D00-0001-0005") == "plate_misplaced");
    CHECK(text_of("0500-0500-0001-0007") == "command_signature");
    CHECK(text_of("0500-4019") == "cloud_binding");
    CHECK(text_of("0501-4022") == "no_cloud");
    CHECK(text_of("0300-4001") == "nozzle_cooling_timeout");
    CHECK(text_of("").empty());
    CHECK(text_of("0300").empty());
    CHECK(text_of("07uu-8011").empty());
    CHECK(slot_in(*find_error_pattern("0701-2300-0002-0001"), "0701-2300-0002-0001") == 3);
    CHECK(slot_in(*find_error_pattern("0701-8011"), "0701-8011") == -1);
}
