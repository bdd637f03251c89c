// Error codes in words.
#include "unit/state/fed_printer.hpp"
#include <bambu2mqtt/entity/error_texts.hpp>

namespace bambu2mqtt::test {

namespace {

/// 0x0700'2200'0002'0001 as a message.
HmsMessage message_of(std::uint64_t code) {
    return {static_cast<std::uint32_t>(code >> 32U), static_cast<std::uint32_t>(code & 0xFFFFFFFFU)};
}

std::string english(std::uint64_t hms, const Facts& facts = {}) {
    return error_text(message_of(hms), facts, Language::en);
}

std::string german(std::uint64_t hms, const Facts& facts = {}) {
    return error_text(message_of(hms), facts, Language::de);
}

} // namespace

TEST_CASE("the text of an HMS message names the unit and the slot") {
    CHECK(english(0x0700220000020001) ==
          "AMS 1 slot 3: the filament has run out. Put new filament into the same slot.");
    CHECK(english(0x0703200000020002) == "AMS 4 slot 1: empty. Insert filament.");
    CHECK(english(0x1201130000020002) ==
          "AMS 2 slot 4: the filament is hard to move: tangled, or the spool is stuck.");
    CHECK(english(0x1800200000030001) ==
          "AMS HT 1 slot 1: the filament has run out. The rest is being purged.");
    CHECK(german(0x0700220000020001) ==
          "AMS 1 Slot 3: das Filament ist zu Ende. Neues in denselben Slot einlegen.");
    CHECK(english(0x0502050000010014) ==
          "AMS 3: could not prove that it is genuine. Check its cable or restart.");
    CHECK(english(0x0581050000010017) ==
          "AMS HT 2: could not prove that it is genuine. Check its cable or restart.");
    CHECK(english(0x0300120000020001) ==
          "The front cover of the toolhead has come off. Put it back, then resume.");
}

TEST_CASE("the text of a print_error names the unit or the external spool") {
    CHECK(error_text(0x07018006, Facts{}, Language::en).starts_with("AMS 2: the filament does not reach"));
    CHECK(error_text(0x07FF8001, Facts{}, Language::en).starts_with("External spool: the filament could"));
    CHECK(error_text(0x07FF8001, Facts{}, Language::de).starts_with("Externe Spule: das Filament"));
    CHECK(error_text(0x07FF8011, Facts{}, Language::en) ==
          "The filament on the external spool has run out. Load new filament, then resume.");
    Facts two_nozzles;
    two_nozzles.model = Model::h2d;
    CHECK(error_text(0x07FE8012, two_nozzles, Language::en).starts_with("External spool left: the job"));
    Facts a2l;
    a2l.units.push_back(Unit{.id = 16});
    CHECK(error_text(0x12008010, a2l, Language::en).starts_with("AMS Lite 1: the filament is hard to move"));
}

TEST_CASE("a code without a text gets its subject and its severity") {
    CHECK(english(0x0300EE0000020001) == "Motion controller: serious fault; the link explains it.");
    CHECK(english(0x0C00EE0000040001) == "Camera: notice; the link explains it.");
    CHECK(english(0x0702EE0000010001) == "AMS 3: fatal fault; the link explains it.");
    CHECK(english(0x4400EE0000070001) == "Printer: message; the link explains it.");
    CHECK(german(0x0500EE0000030001) == "Hauptplatine: Störung; der Link erklärt mehr.");
    CHECK(error_text(0x0500BFFF, Facts{}, Language::en) == "Mainboard: message; the link explains it.");
    CHECK(error_text(0x0500CFFF, Facts{}, Language::de) == "Hauptplatine: Hinweis; der Link erklärt mehr.");
}

TEST_CASE("the severity of a print_error is its class") {
    CHECK(severity_of(0x03004000U) == "error");
    CHECK(severity_of(0x03008000U) == "warning");
    CHECK(severity_of(0x0300C000U) == "info");
    CHECK(severity_of(0x0300F000U).empty());
    CHECK(severity_of(HmsMessage{0, 0x00020001}) == "serious");
    CHECK(severity_of(HmsMessage{0, 0x00050001}).empty());
}

TEST_CASE("links to the vendor's pages contain the code alone") {
    FedPrinter printer{Given{.serial = "01P00A000000003"}};
    printer.full(R"("print_error":117473297,"hms":[{"attr":50331904,"code":65543}])");
    const auto error = OrderedJson::parse(printer.attribute("print_error", "codes"));
    REQUIRE(error.size() == 1);
    CHECK(error[0]["url"] == "https://e.bambulab.com/?e=07008011");
    CHECK(error[0]["text"] == "AMS 1: the filament has run out. Put new filament into the same slot.");
    const auto hms = OrderedJson::parse(printer.attribute("hms", "codes"));
    REQUIRE(hms.size() == 1);
    CHECK(hms[0]["url"] == "https://e.bambulab.com/?e=0300010000010007");
    CHECK(hms[0]["text"] == "The temperature sensor of the bed gives no signal. Check its cable.");
}

} // namespace bambu2mqtt::test
