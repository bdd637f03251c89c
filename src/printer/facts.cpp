#include "printer/learning.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/printer/limits.hpp>

#include <nlohmann/json.hpp>

namespace bambu2mqtt {

namespace {

bool learn_airduct_modes(Facts& facts, const ReportState& report) {
    const auto before = facts.airduct_modes;
    const Json* const modes = report.find("device/airduct/modeList");
    if (modes != nullptr && modes->is_array()) {
        for (const auto& mode : *modes) {
            const auto id =
                read::integer(mode.is_object() && mode.contains("modeId") ? &mode["modeId"] : nullptr);
            if (id && *id >= 0 && *id < 8) {
                facts.airduct_modes |= 1U << static_cast<unsigned>(*id);
            }
        }
    }
    return facts.airduct_modes != before;
}

} // namespace

bool learn(Facts& facts, const ReportState& report, const Changes* changes) {
    const ChangeFilter filter{changes};
    bool changed = report.complete() && !facts.complete;
    facts.complete = facts.complete || report.complete();
    changed = learn_features(facts, report, filter) || changed;
    if (filter.in("ams")) {
        changed = learn_units(facts, report) || changed;
    }
    if (filter.in("device")) {
        changed = learn_airduct_modes(facts, report) || changed;
    }
    changed = learn_signature(facts, report, filter) || changed;
    if (filter.in(target_keys)) {
        changed = learn_targets(facts, report) || changed;
    }
    return changed;
}

} // namespace bambu2mqtt
