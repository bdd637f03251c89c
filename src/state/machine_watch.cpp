#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/entity/job_fields.hpp>
#include <bambu2mqtt/printer/job_state.hpp>
#include <bambu2mqtt/state/machine_watch.hpp>
#include <bambu2mqtt/state/printer.hpp>

#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// Below this temperature a bed releases the plate (degrees Celsius).
constexpr double cool_bed = 35;

/// Tolerance for a finished drying: printers report whole minutes, and may skip some.
constexpr auto ends_early = 5min;

std::optional<double> bed_degrees(const ReportState& report) {
    if (const auto pair = decode::packed(report.find("device/bed/info/temp"))) {
        return pair->current;
    }
    const auto number = read::number(report.find("bed_temper"));
    return number && decode::plausible(*number) ? number : std::nullopt;
}

} // namespace

std::vector<PrinterEvent> MachineWatch::update(const Printer& printer, JobState state, Now now) {
    std::vector<PrinterEvent> out;
    if (state != JobState::unknown) {
        const bool active = is_active(state);
        follow_first_layer(printer, state, out);
        follow_bed(printer, active, out);
        active_ = active;
    }
    follow_drying(printer, now, out);
    return out;
}

void MachineWatch::follow_first_layer(const Printer& printer, JobState state,
                                      std::vector<PrinterEvent>& out) {
    const bool active = is_active(state);
    const auto layer = job_layer(printer.report_state(), printer.gateway());
    if (active && !active_.value_or(false)) {
        // A job that was running before the first report may be past it; a starting one is not.
        first_layer_ahead_ = active_.has_value() || layer.value_or(0) <= 1;
    }
    const bool beyond = active && layer.value_or(0) > 1;
    const bool over = state == JobState::finish && layer.value_or(0) > 0;
    if (first_layer_ahead_ && (beyond || over)) {
        first_layer_ahead_ = false;
        out.push_back(PrinterEvent{.type = "first_layer_done"});
    }
    first_layer_ahead_ = first_layer_ahead_ && active;
}

void MachineWatch::follow_bed(const Printer& printer, bool active, std::vector<PrinterEvent>& out) {
    const auto degrees = bed_degrees(printer.report_state());
    if (active) {
        bed_warm_ = false;
    } else if (active_ == true) {
        bed_warm_ = degrees.value_or(0) >= cool_bed;
    } else if (bed_warm_ && degrees && *degrees < cool_bed) {
        bed_warm_ = false;
        out.push_back(PrinterEvent{.type = "bed_cooled"});
    }
}

void MachineWatch::follow_drying(const Printer& printer, Now now, std::vector<PrinterEvent>& out) {
    for (const auto& unit : printer.facts().units) {
        const auto prefix = unit.prefix();
        const Json* const reported = printer.report_state().unit(unit.id);
        const auto minutes = read::integer(decode::member(reported, "dry_time"));
        if (reported == nullptr) {
            dry_.erase(prefix); // unplugged
        } else if (minutes && *minutes > 0 && *minutes < 60 * 24 * 7) {
            if (auto& drying = dry_[prefix]; drying.minutes != *minutes) {
                drying = Drying{.minutes = *minutes, .until = now.wall + std::chrono::minutes{*minutes}};
            }
        } else if (const auto found = dry_.find(prefix); minutes && found != dry_.end()) {
            if (now.wall + ends_early >= found->second.until) {
                out.push_back(PrinterEvent{.type = "drying_finished", .unit = prefix});
            }
            dry_.erase(found);
        }
    }
}

Json MachineWatch::save() const {
    Json drying = Json::object();
    for (const auto& [prefix, unit] : dry_) {
        drying[prefix] = Json{{"minutes", unit.minutes}, {"until", rfc3339(unit.until)}};
    }
    return Json{{"active", active_.value_or(false)},
                {"first_layer_ahead", first_layer_ahead_},
                {"bed_warm", bed_warm_},
                {"drying", std::move(drying)}};
}

void MachineWatch::restore(const Json& saved) {
    if (!saved.is_object()) {
        return;
    }
    active_ = read::flag(read::member(&saved, "active")).value_or(false);
    first_layer_ahead_ = read::flag(read::member(&saved, "first_layer_ahead")).value_or(false);
    bed_warm_ = read::flag(read::member(&saved, "bed_warm")).value_or(false);
    const Json* const drying = read::member(&saved, "drying");
    if (drying == nullptr || !drying->is_object()) {
        return;
    }
    for (const auto& [prefix, unit] : drying->items()) {
        const auto minutes = read::integer(read::member(&unit, "minutes"));
        const auto until = parse_rfc3339(read::text_member(unit, "until"));
        if (minutes && until) {
            dry_[prefix] = Drying{.minutes = *minutes, .until = *until};
        }
    }
}

} // namespace bambu2mqtt
