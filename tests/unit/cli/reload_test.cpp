// The result of reading the configuration again, as a value and in words.
#include "cli/reload.hpp"

#include <doctest/doctest.h>

using namespace bambu2mqtt;

TEST_CASE("the result of a reload names what was changed, and whose connection was concerned") {
    const auto printer = [](const char* id) { return PrinterConfig{.id = id}; };
    const ConfigChange change{
        .config = {.printers = {printer("a"), printer("b"), printer("c"), printer("d")}},
        .applied = {"log.level", "control.allow"},
        .restart = {"broker.url"},
        .printers = {PrinterChange::none, PrinterChange::added, PrinterChange::settings,
                     PrinterChange::reconnects},
        .removed = {printer("e")}};
    const auto result = result_of(change);
    CHECK(result == ReloadResult{.restart = {"broker.url"},
                                 .applied = {"log.level", "control.allow"},
                                 .added = {"b"},
                                 .removed = {"e"},
                                 .changed = {"c"},
                                 .reconnected = {"d"}});
    CHECK(result.any());
    CHECK(in_words(result) ==
          "applied log.level, control.allow; added b; removed e; changed c; connected again d");
    CHECK(in_words({}) == "nothing has changed");
    CHECK(in_words({.errors = {"one", "another"}}) == "2 problem(s), nothing is changed");
    CHECK_FALSE(result_of({}).any());
}
