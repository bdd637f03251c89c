// Display words and error texts in the configured language; values never change.
#include "unit/state/fed_printer.hpp"

namespace bambu2mqtt::test {

TEST_CASE("attributes are in the printer's language, states are not") {
    Printer printer{"TEST", std::nullopt, Rounding::plain};
    ReportParser parser;
    const auto text_of = [&printer](std::string_view id, const char* key) {
        const auto index = printer.layout().find(id);
        REQUIRE(index.has_value());
        return printer.attributes(*index).at(key);
    };
    REQUIRE(printer
                .take(R"({"print":{"command":"push_status","msg":0,"gcode_state":"PAUSE","stg_cur":6,)"
                      R"("print_error":117473297}})",
                      parser, std::nullopt)
                .has_value());
    CHECK(text_of("print_status", "text") == "Paused");
    CHECK(!printer.set_language(Language::en).layout_changed);

    const auto update = printer.set_language(Language::de);
    CHECK(update.layout_changed);
    CHECK(update.changed.size() == printer.values().size());
    CHECK(text_of("print_status", "text") == "Pausiert");
    CHECK(text_of("stage", "text") == "Pausiert: Filament zu Ende");
    CHECK(text_of("print_error", "codes").at(0).at("text") ==
          "AMS 1: das Filament ist zu Ende. Neues in denselben Slot einlegen.");
    CHECK(payload_of(printer.value(*printer.layout().find("stage"))) == "paused_filament_runout");
}

} // namespace bambu2mqtt::test
