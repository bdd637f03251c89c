#include <bambu2mqtt/entity/catalogue.hpp>
#include <bambu2mqtt/entity/names.hpp>
#include <bambu2mqtt/texts/texts.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace bambu2mqtt;

namespace {

/// The ids that need a name, as in the language files.
std::set<std::string> named_ids() {
    std::set<std::string> ids{"bridge_connection", "bridge_version", "bridge_memory"};
    for (const auto& entity : catalogue()) {
        ids.insert(pattern_of(entity));
        if (!entity.statistics.empty()) {
            ids.insert(std::string{entity.statistics});
        }
    }
    return ids;
}

} // namespace

TEST_CASE("every entity has a name in every language; English names may come from the id") {
    const auto ids = named_ids();
    const auto& german = texts_in(Language::de);
    for (const auto& id : ids) {
        INFO("texts/de.txt, section names, key: ", id);
        const auto name = german.find(TextGroup::names, id);
        CHECK(!name.empty());
        CHECK((name.find("{n}") == std::string_view::npos) == (id.find("{n}") == std::string::npos));
    }
    for (const auto language : {Language::en, Language::de}) {
        for (const auto& line : texts_in(language).lines(TextGroup::names)) {
            INFO("no entity has this name: ", std::string{line.first});
            CHECK(ids.contains(std::string{line.first}));
        }
    }
}

TEST_CASE("names of one device differ in every language") {
    Facts facts;
    facts.complete = true;
    facts.model = Model::h2c;
    facts.features.set();
    facts.units.push_back(Unit{.id = 0, .kind = UnitKind::ams_2_pro});
    const Layout layout{facts};
    for (const auto language : {Language::en, Language::de}) {
        std::set<std::string> seen;
        for (const auto& instance : layout.instances()) {
            const auto name = name_in(instance, language);
            INFO("id: ", instance.id, ", name: ", name);
            CHECK(!name.empty());
            CHECK(seen.insert(instance.device + "/" + name).second);
        }
    }
}

TEST_CASE("names contain the number of the slot or the place") {
    Facts facts;
    facts.complete = true;
    facts.units.push_back(Unit{.id = 0});
    const Layout layout{facts};
    const auto index = layout.find("ams_1_tray_3_type");
    REQUIRE(index.has_value());
    CHECK(name_in(layout.instances()[*index], Language::en) == "Tray 3 type");
    CHECK(name_in(layout.instances()[*index], Language::de) == "Slot 3 Material");
    CHECK(name_in("bed_target", Language::en) == "Bed target");
    CHECK(name_in("bed_target", Language::de) == "Sollwert des Betts");
    CHECK(name_in("bridge_version", Language::en) == "Version");
}

TEST_CASE("names of units, spools and the rack") {
    CHECK(device_words("ams_1", Language::en) == "AMS 1");
    CHECK(device_words("ams_lite_1", Language::en) == "AMS Lite 1");
    CHECK(device_words("ams_ht_2", Language::de) == "AMS HT 2");
    CHECK(device_words("external_spool_left", Language::en) == "External spool left");
    CHECK(device_words("external_spool_left", Language::de) == "Externe Spule links");
    CHECK(device_words("rack", Language::en) == "Hotend rack");
    CHECK(device_words("other_7", Language::en) == "AMS");
    CHECK(device_words("", Language::de) == "AMS");
}
