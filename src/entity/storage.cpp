#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/storage.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

namespace bambu2mqtt {

std::string_view storage_state(const ReportState& report, const Facts& facts) {
    const auto aux = facts.has(Feature::np) ? read::word(report.find("aux")) : std::nullopt;
    if (aux) {
        return storage_states[read::bits(*aux, 12, 2)];
    }
    if (const auto home = read::signed_word(report.find("home_flag"))) {
        return storage_states[read::bits(*home, 8, 2)];
    }
    const auto inserted = read::flag(report.find("sdcard"));
    return inserted ? storage_states[*inserted ? 1 : 0] : std::string_view{};
}

} // namespace bambu2mqtt
