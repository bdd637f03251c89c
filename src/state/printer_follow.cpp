// Values derived from the merged report besides entity values: the active feed, the awaited tray, the speed
// level, the storage.
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/runout.hpp>
#include <bambu2mqtt/entity/spools.hpp>
#include <bambu2mqtt/entity/storage.hpp>
#include <bambu2mqtt/state/printer.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

/// The active feed is deep in a part of the report that changes with every temperature; its dependents are
/// only decoded when the feed itself changes.
void Printer::follow_feed() {
    const bool may_have = std::ranges::any_of(changes_, [](const Change& change) {
        return (change.key == "device" && change.child == "extruder") ||
               (change.key == "ams" && (change.child == "tray_now" || change.child == "ams_exist_bits"));
    });
    if (!may_have) {
        return;
    }
    const auto feed = active_feed(report_state_, facts_);
    if (feed != gateway_.feed) {
        for (const auto& tray : {gateway_.feed, feed}) {
            if (tray.kind == Feed::Kind::tray) {
                changes_.push_back(tray_change(tray.unit, tray.slot));
            }
        }
        assign_own(gateway_.feed, feed, GatewayField::feed);
    }
}

/// Reports storage as missing only when that is certain.
void Printer::follow_storage(bool full, std::optional<Now> now) {
    assign_own(gateway_.storage, storage_.follow(storage_state(report_state_, facts_), full, now),
               GatewayField::storage);
}

/// The tray a printer that is paused by a runout waits for. The entity exists once one was reported.
void Printer::follow_awaited_tray() {
    const bool may_have = std::ranges::any_of(changes_, [](const Change& change) {
        return change.key == "print_error" || change.key == "hms" || change.key == "gcode_state" ||
               (change.key == "device" && change.child == "extruder") ||
               (change.key == "ams" &&
                (change.child.starts_with("tray_") || change.child == "ams_exist_bits"));
    });
    if (!may_have) {
        return;
    }
    find_awaited_tray();
}

void Printer::find_awaited_tray() {
    const auto awaited = awaited_feed(report_state_, facts_);
    if (const auto id = feed_id(awaited); !id.empty() && id != "none") {
        facts_.features.set(static_cast<std::size_t>(Feature::awaited_tray));
    }
    assign_own(gateway_.awaited_feed, awaited, GatewayField::awaited_feed);
}

/// At the end of a job an A1 reports speed level 253 for a moment: the previous value is kept.
void Printer::follow_speed() {
    if (!touch(changes_, std::array<std::string_view, 1>{"spd_lvl"})) {
        return;
    }
    if (const auto level = read::integer(report_state_.find("spd_lvl"));
        level && *level >= 1 && *level <= 4) {
        assign_own(gateway_.speed_level, *level, GatewayField::speed_level);
    }
}

} // namespace bambu2mqtt
