#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/command/sequence.hpp>
#include <bambu2mqtt/doctor/report_checks.hpp>
#include <bambu2mqtt/entity/storage.hpp>
#include <bambu2mqtt/state/printer.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace bambu2mqtt {

namespace {

constexpr std::string_view not_reported = "the printer has not reported it";

Check signature_check(const Printer& printer, const ReportContext& context) {
    constexpr auto name = "signature";
    if (!context.commands) {
        return skipped(context.id, name, "allow is \"none\": no commands are sent");
    }
    switch (printer.facts().signature) {
    case Signature::needed:
    case Signature::suspected:
        return found(context.id, name, Fault::signature_needed);
    case Signature::not_needed:
        return passed(context.id, name, "Developer Mode is on");
    case Signature::unknown:
        break;
    }
    return skipped(context.id, name, std::string{not_reported});
}

/// Whether a store with a size is reported: printers with internal storage need no card.
bool has_sized_store(const Printer& printer) {
    const auto place = printer.layout().find("storage_free");
    return place && known(printer.value(*place));
}

Check storage_check(const Printer& printer, const ReportContext& context) {
    constexpr auto name = "storage";

    // In the order of storage_states, without "normal".
    struct Row {
        std::string_view state{};
        Fault fault{};
    };

    constexpr std::array rows{Row{storage_states[0], Fault::storage_missing},
                              Row{storage_states[2], Fault::storage_faulty},
                              Row{storage_states[3], Fault::storage_read_only}};
    const auto state = storage_state(printer.report_state(), printer.facts());
    if (state.empty()) {
        return skipped(context.id, name, std::string{not_reported});
    }
    if (state == storage_missing && has_sized_store(printer)) {
        return passed(context.id, name, "internal");
    }
    for (const auto& row : rows) {
        if (state == row.state) {
            return found(context.id, name, row.fault);
        }
    }
    return passed(context.id, name, std::string{state});
}

Check clock_check(const ReportContext& context) {
    constexpr auto name = "clock";
    if (!context.clock_ahead) {
        return skipped(context.id, name, std::string{not_reported});
    }
    const auto ahead = *context.clock_ahead;
    const auto detail = fmt::format("{} s {}", ahead.count() < 0 ? -ahead.count() : ahead.count(),
                                    ahead.count() < 0 ? "behind" : "ahead");
    return ahead > clock_tolerance || ahead < -clock_tolerance
               ? found(context.id, name, Fault::printer_clock_wrong, detail)
               : passed(context.id, name, detail);
}

} // namespace

std::optional<WallTime> printer_time(std::string_view message) {
    constexpr std::int64_t latest = 253'402'300'799'000; // end of the year 9999
    const auto json = read::json(message);
    if (!json) {
        return std::nullopt;
    }
    for (const Json* const place : {&*json, read::member(&*json, "print")}) {
        const auto time = read::integer(read::member(place, "t_utc"));
        if (time && *time > 0 && *time <= latest) {
            return WallTime{std::chrono::floor<std::chrono::seconds>(std::chrono::milliseconds{*time})};
        }
    }
    return std::nullopt;
}

std::vector<std::string> report_requests() {
    Sequence sequence;
    std::vector<std::string> texts;
    for (auto request : {get_version_request(), pushall_request()}) {
        (void)sequence.stamp(request);
        texts.push_back(request.dump());
    }
    return texts;
}

std::vector<Check> report_checks(const Printer& printer, const ReportContext& context) {
    return {signature_check(printer, context), storage_check(printer, context), clock_check(context)};
}

} // namespace bambu2mqtt
