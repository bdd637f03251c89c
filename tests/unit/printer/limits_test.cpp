#include "unit/state/fed_printer.hpp"
#include <bambu2mqtt/printer/limits.hpp>

using namespace bambu2mqtt;
using test::FedPrinter;
using test::Given;

TEST_CASE("a printer of an unknown model has the lowest limits") {
    CHECK(nozzle_limit(Facts{}) == 300);
    CHECK(bed_limit(Facts{}) == 100);
    CHECK(chamber_limit(Facts{}) == 65);
}

TEST_CASE("the mains voltage limits the bed of the X1 family only") {
    for (const auto& model : models()) {
        INFO("model: ", std::string{model.code});
        Facts facts{.model = model.model};
        CHECK(bed_limit(facts) == model.bed_max);
        facts.features.set(static_cast<std::size_t>(Feature::mains_220_volt));
        CHECK(bed_limit(facts) == (model.family == Family::x1 ? 110 : model.bed_max));
    }
}

TEST_CASE("targets beyond the model's limit are learned from every field that reports them, and stay") {
    FedPrinter printer(Given{.model = Model::h2d});
    printer.full(R"("nozzle_target_temper":355,"bed_target_temper":125,"ctt":70)");
    CHECK(nozzle_limit(printer.facts()) == 355);
    CHECK(bed_limit(printer.facts()) == 125);
    CHECK(chamber_limit(printer.facts()) == 70);
    printer.partial(R"("device":{"extruder":{"info":[{"id":0,"temp":0},{"id":1,"temp":23592960}]},
                                "bed":{"info":{"temp":8519680}},"ctc":{"info":{"temp":4915200}}})");
    CHECK(nozzle_limit(printer.facts()) == 360);
    CHECK(bed_limit(printer.facts()) == 130);
    CHECK(chamber_limit(printer.facts()) == 75);
    printer.partial(R"("nozzle_target_temper":0,"bed_target_temper":0,"ctt":0,
                       "device":{"extruder":{"info":[{"id":1,"temp":0}]},"bed":{"info":{"temp":0}},"ctc":{"info":{"temp":0}}})");
    CHECK(nozzle_limit(printer.facts()) == 360);
    CHECK(bed_limit(printer.facts()) == 130);
    CHECK(chamber_limit(printer.facts()) == 75);
}

TEST_CASE("implausible values and values within the limit are not learned") {
    FedPrinter printer(Given{.model = Model::p1s});
    printer.full(
        R"("nozzle_target_temper":501,"bed_target_temper":65535,"ctt":-5,"device":{"bed":{"info":{"temp":-1}}})");
    CHECK(nozzle_limit(printer.facts()) == 300);
    CHECK(bed_limit(printer.facts()) == 100);
    CHECK(chamber_limit(printer.facts()) == 65);
    printer.partial(R"("nozzle_target_temper":300,"bed_target_temper":100)");
    CHECK(printer.facts().hottest_nozzle == 0);
    CHECK(printer.facts().hottest_bed == 0);
    printer.partial(R"("nozzle_target_temper":500)");
    CHECK(nozzle_limit(printer.facts()) == hottest_target);
}
