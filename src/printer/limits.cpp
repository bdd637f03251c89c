#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/printer/limits.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace bambu2mqtt {

namespace {

constexpr int bed_on_220_volt = 110;

int model_bed_limit(const Facts& facts) {
    const bool depends = facts.model == Model::x1 || facts.model == Model::x1c || facts.model == Model::x1e;
    return depends && facts.has(Feature::mains_220_volt) ? bed_on_220_volt : facts.traits().bed_max;
}

void raise(int& highest, double target) {
    if (target > highest && target <= hottest_target) {
        highest = static_cast<int>(std::lround(target));
    }
}

/// The target of a packed temperature is in the high 16 bits.
void raise_packed(int& highest, const Json* value) {
    const auto word = read::integer(value).value_or(0);
    raise(highest, word >= 0 ? static_cast<double>((word >> 16) & 0xFFFF) : 0);
}

} // namespace

int nozzle_limit(const Facts& facts) {
    return std::max(facts.traits().nozzle_max, facts.hottest_nozzle);
}

int bed_limit(const Facts& facts) {
    return std::max(model_bed_limit(facts), facts.hottest_bed);
}

int chamber_limit(const Facts& facts) {
    return std::max(facts.traits().chamber_max, facts.hottest_chamber);
}

bool learn_targets(Facts& facts, const ReportState& report) {
    int nozzle = 0;
    int bed = 0;
    int chamber = 0;
    raise(nozzle, read::number(report.find("nozzle_target_temper")).value_or(0));
    raise_packed(nozzle, report.find("device/extruder/info/0/temp"));
    raise_packed(nozzle, report.find("device/extruder/info/1/temp"));
    raise(bed, read::number(report.find("bed_target_temper")).value_or(0));
    raise_packed(bed, report.find("device/bed/info/temp"));
    raise(chamber, read::number(report.find("ctt")).value_or(0));
    raise_packed(chamber, report.find("device/ctc/info/temp"));
    // Only values above the model's own limit are stored.
    const auto keep = [](int& highest, int seen, int limit) {
        const bool higher = seen > limit && seen > highest;
        highest = higher ? seen : highest;
        return higher;
    };
    const bool hotter_nozzle = keep(facts.hottest_nozzle, nozzle, facts.traits().nozzle_max);
    const bool hotter_bed = keep(facts.hottest_bed, bed, model_bed_limit(facts));
    const bool hotter_chamber = keep(facts.hottest_chamber, chamber, facts.traits().chamber_max);
    return hotter_nozzle || hotter_bed || hotter_chamber;
}

} // namespace bambu2mqtt
