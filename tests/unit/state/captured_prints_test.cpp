// Whole recorded prints: four of an A1 01.07 with AMS Lite, one of a P1S. Skipped if not available.
#include "unit/state/captures.hpp"
#include "unit/state/watched.hpp"

namespace bambu2mqtt::test {

namespace {

/// One recorded print, and its expected events.
struct Print {
    std::string_view file{};
    Model model = Model::a1;
    std::string_view total{};              ///< layers
    std::vector<std::string> in_between{}; ///< events between its start and its end
    bool ends = true;                      ///< else the recording ends at 55 %
};

const std::vector<Print>& prints() {
    static const std::vector<Print> all{
        {.file = "prints/a1-01.07-multicolour-cloud.jsonl",
         .total = "50",
         .in_between = {"hms_error_cleared:0500-0500-0001-0007", "first_layer_done", "print_paused",
                        "print_error:1200-8006", "hms_error:1200-1200-0001-0001", "print_resumed",
                        "print_error_cleared:1200-8006", "hms_error_cleared:1200-1200-0001-0001",
                        "hms_error:1200-1200-0001-0001", "print_paused", "print_error:1200-8006",
                        "print_resumed", "print_error_cleared:1200-8006",
                        "hms_error_cleared:1200-1200-0001-0001"}},
        {.file = "prints/a1-01.07-single-cloud.jsonl", .total = "50", .in_between = {"first_layer_done"}},
        {.file = "prints/a1-01.07-single-local.jsonl", .total = "50", .in_between = {"first_layer_done"}},
        {.file = "prints/a1-01.07-tree-cloud-speed-change.jsonl",
         .total = "751",
         .in_between = {"hms_error_cleared:0300-0D00-0002-0003", "first_layer_done"},
         .ends = false},
        {.file = "deltas/vena-bambino-P1S-print.jsonl",
         .model = Model::p1s,
         .total = "61",
         .in_between = {"first_layer_done"}},
    };
    return all;
}

/// A value that only grows during a job; its previous value.
void check_grows(std::string_view id, const std::string& shown, std::optional<std::int64_t>& before) {
    INFO(std::string{id}, " after ", before.value_or(-1), ": ", shown);
    CHECK((shown != "None" || !before)); // a known value stays known
    if (shown != "None") {
        CHECK(std::stoll(shown) >= before.value_or(0));
        before = std::stoll(shown);
    }
}

} // namespace

TEST_CASE(
    "recorded prints: values of the previous job are never shown for the current one, and none flickers") {
    const auto folder = captures();
    if (!folder) {
        return;
    }
    for (const auto& print : prints()) {
        INFO("file: ", std::string{print.file});
        const auto text = text_of(*folder / print.file);
        FedPrinter printer(Given{.model = print.model});
        std::optional<std::int64_t> progress;
        std::optional<std::int64_t> layer;
        bool started = false;
        bool ended = false;
        std::string minutes = "None";
        for (const auto& message : split_messages(text)) {
            printer.feed(message.text);
            const auto status = printer["print_status"];
            INFO(std::string{message.text.substr(0, 300)});
            started = started || status == "prepare";
            ended = ended || (started && status == "finish");
            if (!started) {
                continue;
            }
            CHECK((status == "prepare" || status == "running" || status == "pause" || status == "finish"));
            if (status == "prepare") {
                for (const char* const id :
                     {"print_progress", "remaining_time", "current_layer", "total_layers"}) {
                    CHECK(printer[id] == "None");
                }
                continue;
            }
            check_grows("print_progress", printer["print_progress"], progress);
            check_grows("current_layer", printer["current_layer"], layer);
            CHECK((printer["total_layers"] == print.total ||
                   (printer["total_layers"] == "None" && layer == 0)));
            const bool first = minutes == "None" && printer["remaining_time"] != "None";
            CHECK((!first || printer["remaining_time"] != "0"));
            CHECK((minutes == "None" || ended || printer["remaining_time"] != "None"));
            minutes = printer["remaining_time"];
            CHECK((printer["print_speed"] == "standard" || printer["print_speed"] == "sport"));
        }
        CHECK(ended == print.ends);
        CHECK(progress == (print.ends ? 100 : 55));
        CHECK((printer["current_layer"] == print.total) == print.ends);
        CHECK((printer["remaining_time"] == "None") == print.ends);
    }
}

TEST_CASE("recorded prints: one start without progress, one end, each pause and each error once") {
    const auto folder = captures();
    if (!folder) {
        return;
    }
    for (const auto& print : prints()) {
        INFO("file: ", std::string{print.file});
        const auto text = text_of(*folder / print.file);
        Watched driver{BridgeSetup{.serials = {print.model == Model::a1 ? "03900A000000001" : p1s}}};
        driver.printer_up();
        for (const auto& message : split_messages(text)) {
            driver.report(std::string{message.text});
            driver.advance(1s);
        }
        driver.advance(5s);
        const auto started = driver.sent("bambu2mqtt/p1/event/print_started");
        REQUIRE(started.size() == 1);
        CHECK(Json::parse(started[0])["progress"].is_null());
        auto events = driver.events();
        const auto begin = std::ranges::find(events, "print_started");
        const auto end = std::ranges::find(events, "print_finished");
        REQUIRE(begin < end);
        CHECK((end != events.end()) == print.ends);
        CHECK(std::vector<std::string>(begin + 1, end) == print.in_between);
        if (print.ends) {
            CHECK(std::ranges::all_of(end + 1, events.end(),
                                      [](const std::string& event) { return event == "bed_cooled"; }));
        }
        CHECK(begin == events.begin());
    }
}

TEST_CASE("recorded prints: the answer to print_speed is a success") {
    const auto folder = captures();
    if (!folder) {
        return;
    }
    const auto text = text_of(*folder / "prints/a1-01.07-tree-cloud-speed-change.jsonl");
    ReportParser parser;
    std::size_t answers = 0;
    for (const auto& message : split_messages(text)) {
        const auto report = parser.parse(message.text);
        REQUIRE(report.has_value());
        if (const auto reply = reply_of(*report); reply && reply->command == "print_speed") {
            ++answers;
            CHECK(reply->verdict == Verdict::accepted);
            CHECK(reply->sequence == "20059");
            CHECK(reply->reason.empty());
        }
    }
    CHECK(answers == 1);
}

} // namespace bambu2mqtt::test
