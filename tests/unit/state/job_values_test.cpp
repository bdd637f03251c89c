// At a job's start the values of the previous job are not shown.
#include "unit/gateway/live_driver.hpp"
#include "unit/state/fed_printer.hpp"
#include "unit/state/watched.hpp"

namespace bambu2mqtt::test {

namespace {

/// A printer's job values: progress, remaining time, layer, layers.
std::string job_of(const FedPrinter& printer) {
    return printer["print_progress"] + " " + printer["remaining_time"] + " " + printer["current_layer"] +
           "/" + printer["total_layers"];
}

/// A printer that has finished a job of 50 layers.
struct Finished : FedPrinter {
    explicit Finished(Model model, std::string_view name = "old job") : FedPrinter(Given{.model = model}) {
        full(R"("gcode_state":"FINISH","mc_percent":100,"mc_remaining_time":0,"layer_num":50,)"
             R"("total_layer_num":50,"subtask_name":")" +
             std::string{name} + R"(","gcode_file":"old.3mf")");
    }
};

constexpr std::string_view prepares =
    R"("gcode_state":"PREPARE","subtask_name":"new job","gcode_file":"new.3mf")";

} // namespace

TEST_CASE("job values: None from the start until RUNNING, and never those of the previous job") {
    Finished printer(Model::a1);
    CHECK(job_of(printer) == "100 None 50/50");
    printer.partial(std::string{prepares} + R"(,"gcode_file_prepare_percent":"0","print_type":"cloud")");
    CHECK(job_of(printer) == "None None None/None");
    printer.full(std::string{prepares} +
                 R"(,"mc_percent":100,"mc_remaining_time":0,"layer_num":50,"total_layer_num":50)");
    CHECK(job_of(printer) == "None None None/None"); // the full state still has the previous job
    printer.partial(R"("mc_print_stage":"2","mc_percent":0,"gcode_state":"RUNNING","layer_num":0)");
    CHECK(job_of(printer) == "0 None 0/None");
    printer.partial(R"("mc_remaining_time":19,"stg_cur":2,"total_layer_num":80)");
    CHECK(job_of(printer) == "0 19 0/80");
    printer.partial(R"("gcode_state":"FINISH","mc_percent":100,"layer_num":80,"mc_remaining_time":0)");
    CHECK(job_of(printer) == "100 None 80/80");
}

TEST_CASE("job values: the same total as in the previous job is known without being reported again") {
    // A P1 with partial reports only, another job: with the report after the first layer number.
    Finished printer(Model::p1s);
    printer.partial(prepares);
    printer.partial(R"("mc_percent":0,"gcode_state":"RUNNING","layer_num":0)");
    CHECK(job_of(printer) == "0 None 0/None");
    printer.partial(R"("wifi_signal":"-50dBm")");
    CHECK(job_of(printer) == "0 None 0/50");
    printer.partial(R"("mc_remaining_time":30)");
    CHECK(job_of(printer) == "0 30 0/50");

    // The same job again: with the layer number itself.
    Finished again(Model::p1s, "Boat");
    again.partial(R"("gcode_state":"RUNNING","mc_percent":1)"); // known explicitly from here on
    again.partial(R"("gcode_state":"FINISH","mc_percent":100)");
    again.partial(R"("gcode_state":"PREPARE")");
    CHECK(job_of(again) == "None None None/None");
    again.partial(R"("gcode_state":"RUNNING","mc_percent":0,"layer_num":0)");
    CHECK(job_of(again) == "0 None 0/50");
}

TEST_CASE("job values: percent and layer that were 0 before are not repeated, and are correct") {
    Finished printer(Model::p1s);
    printer.partial(R"("gcode_state":"FAILED","mc_percent":0,"layer_num":0,"total_layer_num":0)");
    printer.partial(prepares);
    printer.partial(R"("gcode_state":"RUNNING","mc_print_stage":"2")");
    CHECK(job_of(printer) == "0 None 0/None");
    printer.partial(R"("total_layer_num":61)");
    CHECK(job_of(printer) == "0 None 0/61");
}

TEST_CASE("job values: the message that starts the job may contain its total") {
    Finished printer(Model::p1s);
    printer.partial(std::string{prepares} + R"(,"total_layer_num":61)");
    CHECK(job_of(printer) == "None None None/None");
    printer.partial(R"("gcode_state":"RUNNING","mc_percent":0,"layer_num":0)");
    CHECK(job_of(printer) == "0 None 0/61");
}

TEST_CASE("job values: a full report in RUNNING makes all of them known") {
    Finished printer(Model::p1s);
    printer.partial(prepares);
    printer.partial(R"("gcode_state":"RUNNING")");
    CHECK(job_of(printer) == "None None None/None");
    printer.full(R"("gcode_state":"RUNNING","mc_percent":2,"mc_remaining_time":44,"layer_num":0)");
    CHECK(job_of(printer) == "2 44 0/50");
}

TEST_CASE("job values: a job that ends before it ran shows nothing of the previous one") {
    Finished printer(Model::p1s);
    printer.partial(prepares);
    printer.partial(R"("gcode_state":"FAILED","print_error":50348044)");
    CHECK(job_of(printer) == "None None None/None");
    printer.partial(R"("layer_num":0,"total_layer_num":0)");
    CHECK(job_of(printer) == "None None 0/0");
    printer.full(
        R"("gcode_state":"IDLE","mc_percent":0,"mc_remaining_time":0,"layer_num":0,"total_layer_num":0)");
    CHECK(job_of(printer) == "0 None 0/0");
}

TEST_CASE("job values: a printer found in PREPARE shows none, one found running all") {
    FedPrinter preparing(Given{.model = Model::a1});
    preparing.full(R"("gcode_state":"PREPARE","mc_percent":100,"layer_num":50,"total_layer_num":50)");
    CHECK(job_of(preparing) == "None None None/None");
    FedPrinter running(Given{.model = Model::a1});
    running.full(
        R"("gcode_state":"PAUSE","mc_percent":40,"mc_remaining_time":9,"layer_num":5,"total_layer_num":50)");
    CHECK(job_of(running) == "40 9 5/50");
    running.partial(R"("gcode_state":"RUNNING")");
    CHECK(job_of(running) == "40 9 5/50");
}

TEST_CASE("job values: missing values are requested within the model's limit") {
    BridgeDriver driver{BridgeSetup{.serials = {p1s, x1c}}};
    driver.start();
    driver.broker_up();
    for (const std::size_t index : {0U, 1U}) {
        driver.go_live(job("FINISH", 100, R"(,"mc_remaining_time":0,"layer_num":50,"total_layer_num":50)"),
                       index);
    }
    driver.advance(40s);
    (void)driver.asked(0);
    (void)driver.asked(1);
    for (const std::size_t index : {0U, 1U}) {
        driver.report(partial(R"("gcode_state":"PREPARE")"), index);
        driver.report(partial(R"("gcode_state":"RUNNING","mc_percent":0,"layer_num":0)"), index);
        driver.report(partial(R"("mc_print_stage":"2")"), index);
    }
    driver.advance(9s);
    CHECK(driver.asked(0).empty());
    CHECK(driver.asked(1).empty());
    driver.advance(2s);
    CHECK(driver.asked(0).empty()); // from a P1S five minutes after the last one
    CHECK(driver.asked(1) == std::vector<std::string>{"pushall"});
    driver.report(full(job("RUNNING", 0, R"(,"mc_remaining_time":33,"layer_num":0,"total_layer_num":50)")),
                  1);
    for (int i = 0; i < 26; ++i) {
        driver.advance(10s);
        for (const std::size_t index : {0U, 1U}) {
            driver.report(partial(R"("mc_percent":0)"), index);
        }
    }
    CHECK(driver.asked(0) == std::vector<std::string>{"pushall"});
    CHECK(driver.asked(1).empty());
    driver.report(full(job("RUNNING", 1, R"(,"mc_remaining_time":44,"layer_num":0,"total_layer_num":50)")),
                  0);
    driver.advance(2s);
    CHECK(driver.state("remaining_time") == "44");
    driver.advance(50s);
    CHECK(driver.asked(0).empty());
}

TEST_CASE("job values: print_started does not carry the progress of the previous job") {
    Watched driver;
    driver.go_live(job("FINISH", 100));
    driver.report(partial(R"("gcode_state":"PREPARE")"));
    const auto event = driver.event();
    CHECK(event["event_type"] == "print_started");
    CHECK(event["progress"].is_null());
}

TEST_CASE("the answer of an A1 to print_speed is recognised, and the report confirms it") {
    Live driver{running};
    driver.command(R"({"command":"set_speed_level","level":"sport"})");
    const auto id = driver.sequence();
    // Identical except for the id.
    driver.report(R"({"print":{"command":"print_speed","param":"3","sequence_id":")" + id +
                  R"(","reason":"success","result":"success"}})");
    CHECK(driver.responses().empty());
    driver.report(partial(R"("spd_lvl":3,"spd_mag":124)"));
    CHECK(driver.outcome()["status"] == "effective");
    CHECK(driver.outcome()["message"].is_null());
}

TEST_CASE("an invalid speed level is ignored") {
    FedPrinter printer(Given{.model = Model::a1});
    printer.full(R"("gcode_state":"RUNNING","spd_lvl":3)");
    printer.partial(R"("spd_lvl":253)"); // as reported by an A1 for a moment when a job ends
    CHECK(printer["print_speed"] == "sport");
    printer.partial(R"("spd_lvl":2)");
    CHECK(printer["print_speed"] == "standard");
}

} // namespace bambu2mqtt::test
