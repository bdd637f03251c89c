// Whether a person is needed at the printer.
#include "unit/state/fed_printer.hpp"

#include <fmt/format.h>

namespace bambu2mqtt::test {

namespace {

/// What `attention` shows for a report with these values.
struct Seen {
    std::string state{};
    std::string reason{};
    std::string text{};
};

/// A status of the job, its stage, print_error, and HMS messages as JSON objects.
Seen seen(std::string_view job, int stage, std::uint32_t error, std::string_view hms = "") {
    FedPrinter printer;
    printer.full(fmt::format(R"("gcode_state":"{}","stg_cur":{},"print_error":{},"hms":[{}])", job, stage,
                             error, hms));
    return {printer["attention"], printer.attribute("attention", "reason"),
            printer.attribute("attention", "text")};
}

constexpr std::string_view slot_3_empty = R"({"attr":117449216,"code":131073})"; // 0700-2200-0002-0001
constexpr std::string_view no_signature = R"({"attr":83887360,"code":65543})";   // 0500-0500-0001-0007
constexpr std::string_view plate_askew = R"({"attr":50334976,"code":131075})";   // 0300-0D00-0002-0003

} // namespace

TEST_CASE("no person is needed while a printer prints or rests") {
    for (const auto* const job : {"IDLE", "RUNNING", "PREPARE", "FINISH"}) {
        const auto rest = seen(job, 0, 0);
        CHECK(rest.state == "OFF");
        CHECK(rest.reason == "null");
        CHECK(rest.text == "null");
    }
    FedPrinter printer;
    printer.full(R"("mc_percent":1)");
    CHECK(printer["attention"] == "None");
}

TEST_CASE("a runout needs a person while the printer waits; the text names the slot if an HMS message does") {
    const auto slot = seen("PAUSE", 0, 0x07008011, slot_3_empty);
    CHECK(slot.state == "ON");
    CHECK(slot.reason == R"("runout")");
    CHECK(slot.text == R"("AMS 1 slot 3: the filament has run out. Put new filament into the same slot.")");
    const auto external = seen("PAUSE", 6, 0x03008015);
    CHECK(external.reason == R"("runout")");
    CHECK(external.text ==
          R"("The filament on the external spool has run out. Load new filament, then resume.")");
    CHECK(seen("RUNNING", 0, 0, slot_3_empty).state == "OFF");
}

TEST_CASE("a pause of the user needs no person, any other does") {
    CHECK(seen("PAUSE", 16, 0).state == "OFF");
    CHECK(seen("PAUSE", 16, 0x03008013).state == "OFF");
    CHECK(seen("PAUSE", 17, 0x03008013).state == "OFF");
    CHECK(seen("PAUSE", 255, 0).state == "OFF");
    const auto cover = seen("PAUSE", 17, 0);
    CHECK(cover.state == "ON");
    CHECK(cover.reason == R"("pause")");
    CHECK(cover.text == R"("Paused: front cover falling")");
    CHECK(seen("RUNNING", 17, 0).state == "OFF");
    CHECK(seen("PAUSE", 5, 0).reason == R"("pause")");
    const auto file = seen("PAUSE", 30, 0x03008001);
    CHECK(file.reason == R"("pause")");
    CHECK(file.text == R"("Paused by a command in the print file.")");
}

TEST_CASE(
    "an error needs a person, in every state of the job; a cancellation and a code without a text do not") {
    const auto feed = seen("PAUSE", 4, 0x12008006);
    CHECK(feed.state == "ON");
    CHECK(feed.reason == R"("error")");
    CHECK(feed.text.starts_with(R"("AMS 1: the filament does not reach the extruder.)"));
    CHECK(seen("FAILED", 0, 0x03004000).reason == R"("error")");
    CHECK(seen("RUNNING", 0, 0x0500C010).reason == R"("error")");
    CHECK(seen("FAILED", 0, 0x0300400C).state == "OFF");
    CHECK(seen("FAILED", 0, 0x05008030).state == "OFF");
    CHECK(seen("RUNNING", 0, 0x03000001).state == "OFF");
}

TEST_CASE("a fatal HMS message needs a person, a lesser one does not") {
    const auto fatal = seen("IDLE", 0, 0, std::string{plate_askew} + "," + std::string{no_signature});
    CHECK(fatal.state == "ON");
    CHECK(fatal.reason == R"("hms")");
    CHECK(fatal.text.starts_with(R"("Commands are refused)"));
    CHECK(seen("RUNNING", 0, 0, plate_askew).state == "OFF");
}

TEST_CASE("attention ends with its reason") {
    FedPrinter printer;
    printer.full(R"("gcode_state":"PAUSE","stg_cur":0,"print_error":302022662,"hms":[])");
    CHECK(printer["attention"] == "ON");
    printer.partial(R"("gcode_state":"RUNNING","print_error":0)");
    CHECK(printer["attention"] == "OFF");
    CHECK(printer.attribute("attention", "text") == "null");
}

} // namespace bambu2mqtt::test
