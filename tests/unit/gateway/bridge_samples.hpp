// Setup of a bridge under test, and sample reports for tests of the session.
#pragma once

#include <bambu2mqtt/feature/files/file_transfers.hpp>
#include <bambu2mqtt/gateway/bridge.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bambu2mqtt::test {

/// Options of a bridge under test. Printers are named p1, p2, ...
struct BridgeSetup {
    std::vector<std::string> serials{"01P00A000000001"};
    std::vector<FormerPrinter> former{};
    std::vector<Json> saved{};
    bool per_component = false;
    std::size_t window = 5;
    std::string host = "printer.lan"; ///< of all printers; empty: not configured
    bool follows = true;              ///< announcements are used
    bool first_contact = false;       ///< no certificate is pinned yet
    double usage_hours = 0;
    CommandPolicy policy{};
    std::vector<std::optional<ControlLevel>> allow{}; ///< of each printer; the rest have none of their own
    bool retain_as_published = true;                  ///< the broker supports MQTT 5
    std::vector<std::string> response_topics{};       ///< broker.response_topics
    std::vector<FeatureEntry> features{feature_entry<FileTransfers>()};
    std::vector<std::vector<std::string>> groups{}; ///< of the first printers
};

/// A P1S, which sends only changes, and an X1C, which streams.
inline const std::string p1s = "01P00A000000001";
inline const std::string x1c = "00M00A000000001";

/// A status report: full, or partial.
inline std::string full(std::string_view members) {
    return R"({"print":{"command":"push_status","msg":0,)" + std::string{members} + "}}";
}

inline std::string partial(std::string_view members) {
    return R"({"print":{"command":"push_status","msg":1,)" + std::string{members} + "}}";
}

/// The answer to get_version of a P1S (C12), a P1P (C11), or a printer whose serial determines the model.
inline std::string version(std::string_view project = "C12", std::string_view firmware = "01.08.01.00") {
    return R"({"info":{"command":"get_version","result":"success","module":[{"name":"ota","sw_ver":")" +
           std::string{firmware} +
           R"(","hw_ver":"OTA","sn":"TEST"},{"name":"esp32","hw_ver":"AP04","project_name":")" +
           std::string{project} + R"("}]}})";
}

/// The report of an idle printer.
inline const std::string idle =
    R"("gcode_state":"IDLE","nozzle_temper":25.0,"bed_temper":22.0,"wifi_signal":"-50dBm","spd_lvl":2)";

/// One AMS with one spool in its first tray, and none.
inline const std::string one_ams =
    R"("ams":{"ams":[{"id":"0","humidity":"4","temp":"25.0","tray":[{"id":"0","tray_type":"PLA","tray_color":"11AA22FF"}]}],)"
    R"("ams_exist_bits":"1","tray_exist_bits":"1"})";
inline const std::string no_ams = R"("ams":{"ams":[],"ams_exist_bits":"0","tray_exist_bits":"0"})";

inline const Templates& built_in_templates() {
    static const Templates built_in = Templates::built_in();
    return built_in;
}

/// The settings of a bridge with printers p1, p2 and so on.
inline BridgeSettings bridge_settings(const BridgeSetup& setup) {
    BridgeSettings result{.discovery = {.per_component = setup.per_component, .policy = setup.policy},
                          .response_topics = setup.response_topics,
                          .features = setup.features,
                          .former = setup.former};
    for (const auto& serial : setup.serials) {
        const auto index = result.printers.size();
        auto groups = index < setup.groups.size() ? setup.groups[index] : std::vector<std::string>{};
        result.printers.push_back(
            SessionSettings{.index = index,
                            .names = {serial, "p" + std::to_string(index + 1), ""},
                            .groups = std::move(groups),
                            .host = setup.host,
                            .follows = setup.follows,
                            .first_contact = setup.first_contact,
                            .allow = index < setup.allow.size() ? setup.allow[index] : std::nullopt,
                            .usage_hours = setup.usage_hours,
                            .seed = static_cast<unsigned>(index + 1)});
    }
    return result;
}

} // namespace bambu2mqtt::test
