// Entities that stay unknown over a whole recording of a printer: each needs a reason, else it must not
// exist.
#include "unit/state/captures.hpp"

#include <array>
#include <set>

namespace bambu2mqtt::test {

using namespace std::chrono_literals;

namespace {

/// Why an entity may stay unknown over a whole recording.
struct Allowed {
    std::string_view begin{}; ///< of the id
    std::string_view end{};   ///< of the id; empty: `begin` is all of it
    const char* why = "";
    /// At least one source of it must be in the report, which shows that there is no value.
    bool reported = false;
    std::string_view file{}; ///< only in this recording; empty: in all

    [[nodiscard]] bool names(std::string_view id) const {
        return end.empty() ? id == begin : id.starts_with(begin) && id.ends_with(end);
    }
};

constexpr auto no_job = "no job runs, or it began before the recording";
constexpr auto empty_text = "the report has an empty text";
constexpr auto empty_tray = "the tray is empty, or its spool has no tag";

constexpr std::array allowed{
    Allowed{"remaining_time", "", no_job},
    Allowed{"elapsed_time", "", no_job},
    Allowed{"start_time", "", no_job},
    Allowed{"end_time", "", no_job},
    Allowed{"print_error_code", "", "there is no error", true},
    Allowed{"task_name", "", empty_text, true},
    Allowed{"gcode_file", "", empty_text, true},
    Allowed{"print_type", "", empty_text, true},
    Allowed{"active_filament", "", "nothing is loaded", true},
    Allowed{"ams_", "_type", empty_tray, true},
    Allowed{"ams_", "_color", empty_tray, true},
    Allowed{"ams_", "_remaining", empty_tray, true},
    Allowed{"external_spool", "_type", empty_tray, true},
    Allowed{"external_spool", "_color", empty_tray, true},
    Allowed{"heatbed_light", "", "reported only after a command"},
    Allowed{"wifi_signal", "", "removed from the recording", true, "A1mini-01.07.02.00-amslite-idle.json"},
    Allowed{"skipped_objects", "", "left out of an excerpt", false, "X1C-doridian-doc.json"},
};

/// The model of the printer that a recording is of, by its file name.
struct RecordedModel {
    std::string_view part{};
    Model model{};
};

constexpr std::array recorded_models{
    RecordedModel{"A1mini", Model::a1mini}, RecordedModel{"A1", Model::a1},
    RecordedModel{"a1-", Model::a1},        RecordedModel{"P1S", Model::p1s},
    RecordedModel{"P1x", Model::p1p},       RecordedModel{"p1p-", Model::p1p},
    RecordedModel{"X1C", Model::x1c},       RecordedModel{"x1c-", Model::x1c},
    RecordedModel{"X1-", Model::x1c},       RecordedModel{"X2D", Model::x2d},
    RecordedModel{"h2d-", Model::h2d},
};

std::optional<Model> model_of_recording(std::string_view file) {
    const auto* const found = std::ranges::find_if(
        recorded_models, [&](const auto& row) { return file.find(row.part) != std::string_view::npos; });
    return found == recorded_models.end() ? std::nullopt : std::optional{found->model};
}

/// Values of the gateway itself are not in a recording.
bool is_of_printer(const Entity& entity) {
    return entity.decode != nullptr && entity.follows != Follows::bridge &&
           entity.gateway != GatewayField::transfer;
}

/// Whether a source of the entity is in the report; of units, trays and spools one always is.
bool is_reported(const Printer& printer, const Entity& entity) {
    return std::ranges::any_of(entity.from, [&](std::string_view path) {
        return !path.empty() && (path.find_first_of("{*") != std::string_view::npos ||
                                 printer.report_state().find(path) != nullptr);
    });
}

const Allowed* reason_for(const Printer& printer, const Instance& instance, std::string_view file) {
    const auto* const found = std::ranges::find_if(allowed, [&](const Allowed& row) {
        return row.names(instance.id) && (row.file.empty() || row.file == file) &&
               (!row.reported || is_reported(printer, *instance.entity));
    });
    return found == allowed.end() ? nullptr : found;
}

} // namespace

TEST_CASE("recordings: an entity that stays unknown over a whole recording has a reason or does not exist") {
    const auto folder = captures();
    if (!folder) {
        return;
    }
    std::vector<bool> used(allowed.size(), false);
    std::size_t complete = 0;
    for (const char* const kind : {"full", "reports", "deltas", "prints"}) {
        for (const auto& path : files_in(*folder / kind)) {
            const auto file = path.filename().string();
            INFO("file: ", file);
            FedPrinter printer(Given{.model = model_of_recording(file)});
            Now now{Instant{} + 1000h, WallTime{1'769'850'000s}};
            std::set<std::string> known_ids;
            const auto text = text_of(path);
            for (const auto& message : split_messages(text)) {
                printer.feed(message.text, now);
                now.instant += 1s;
                now.wall += 1s;
                const auto& instances = printer.printer().layout().instances();
                for (std::size_t i = 0; i < instances.size(); ++i) {
                    if (known(printer.printer().value(i))) {
                        known_ids.insert(instances[i].id);
                    }
                }
            }
            if (!printer.printer().report_state().complete()) {
                continue; // nothing is announced before a full report
            }
            ++complete;
            CHECK(model_of_recording(file).has_value());
            for (const auto& instance : printer.printer().layout().instances()) {
                if (!is_of_printer(*instance.entity) || known_ids.contains(instance.id)) {
                    continue;
                }
                const auto* const reason = reason_for(printer.printer(), instance, file);
                INFO("entity: ", instance.id);
                CHECK(reason != nullptr);
                if (reason != nullptr) {
                    used[static_cast<std::size_t>(reason - allowed.data())] = true;
                }
            }
        }
    }
    CHECK(complete >= 15);
    for (std::size_t i = 0; i < allowed.size(); ++i) {
        INFO("not needed any more: ", std::string{allowed[i].begin}, std::string{allowed[i].end});
        CHECK(used[i]);
    }
}

TEST_CASE("address and nozzle exist once the printer has reported them") {
    FedPrinter printer(Given{.model = Model::p1p});
    printer.full(R"("gcode_state":"IDLE","net":{"conf":0,"info":[{"ip":0,"mask":16777215}]})");
    for (const char* const id : {"ip_address", "nozzle_diameter", "nozzle_type"}) {
        CHECK(printer[id] == "(absent)");
    }
    printer.partial(R"("net":{"info":[{"ip":0},{"ip":1761781952}]})");
    CHECK(printer["ip_address"] == "192.168.2.105");
    printer.partial(R"("nozzle_diameter":"0.4")");
    CHECK(printer["nozzle_diameter"] == "0.4");
    CHECK(printer["nozzle_type"] == "(absent)");
    printer.partial(R"("nozzle_type":"stainless_steel")");
    CHECK(printer["nozzle_type"] == "stainless_steel");
}

} // namespace bambu2mqtt::test
