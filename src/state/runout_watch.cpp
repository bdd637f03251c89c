#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/runout.hpp>
#include <bambu2mqtt/state/printer.hpp>
#include <bambu2mqtt/state/runout_watch.hpp>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

namespace {

/// The place of a runout: from its code, completed from the last active tray.
struct RunoutPlace {
    std::string unit{};
    std::optional<std::int64_t> slot{};
    std::string tray{}; ///< as in active_tray; empty if no slot is known
};

RunoutPlace place_of(const Runout& runout, const Feed& feed) {
    RunoutPlace place{.unit = runout.unit};
    if (runout.slot) {
        place.slot = *runout.slot;
    } else if (feed.kind == Feed::Kind::tray) {
        const auto prefix = Unit{.id = feed.unit}.prefix();
        if (place.unit.empty() || place.unit == prefix) {
            place.unit = prefix;
            place.slot = feed.slot + 1;
        }
    } else if (feed.kind == Feed::Kind::external && place.unit.empty()) {
        place.unit = prefix_of(feed.spool);
    }
    place.tray = place.slot ? place.unit + "_tray_" + std::to_string(*place.slot) : place.unit;
    return place;
}

} // namespace

std::vector<PrinterEvent> RunoutWatch::update(const Printer& printer, bool active) {
    std::vector<PrinterEvent> out;
    follow_errors(printer, out);
    if (!active) {
        from_.clear();
        last_.clear();
    } else if (!from_.empty()) {
        follow_feed(printer, out);
    }
    return out;
}

void RunoutWatch::follow_errors(const Printer& printer, std::vector<PrinterEvent>& out) {
    const auto found = runouts(printer.report_state(), printer.facts());
    if (found.empty()) {
        codes_.clear();
        places_.clear();
        waits_ = false;
        placeless_ = false;
        return;
    }
    waits_ = waits_ && std::ranges::any_of(found, [&](const Runout& runout) {
                 return runout.waits && codes_.contains(runout.code);
             });
    const auto feed = last_feed(printer.report_state(), printer.facts());
    std::set<std::string> codes;
    for (const auto& runout : found) {
        codes.insert(runout.code);
        if (codes_.contains(runout.code)) {
            continue;
        }
        const auto place = place_of(runout, feed);
        const auto key = place.unit + "/" + (place.slot ? std::to_string(*place.slot) : "");
        const bool detail = placeless_ && runout.waits && runout.slot.has_value();
        const bool same = places_.contains(key) || (waits_ && runout.waits && !runout.slot) ||
                          (runout.changed && place.tray == last_);
        waits_ = waits_ || runout.waits;
        places_.insert(key);
        if (detail || same) {
            placeless_ = placeless_ && !detail;
            continue;
        }
        placeless_ = !runout.slot;
        last_ = place.tray;
        from_ = runout.waits || place.tray.empty() ? feed_id(feed) : place.tray;
        out.push_back(PrinterEvent{
            .type = "filament_runout", .code = runout.code, .unit = place.unit, .slot = place.slot});
    }
    codes_ = std::move(codes);
}

/// After a runout the job continues from another tray: the printer changed to a spool with the same filament,
/// or the user loaded another one.
void RunoutWatch::follow_feed(const Printer& printer, std::vector<PrinterEvent>& out) {
    const auto feed = active_feed(printer.report_state(), printer.facts());
    if (feed.kind != Feed::Kind::tray && feed.kind != Feed::Kind::external) {
        return; // the filament is being changed
    }
    const auto tray = feed_id(feed);
    if (tray != from_) {
        out.push_back(PrinterEvent{
            .type = "filament_changed", .from = std::exchange(from_, std::string{}), .to = tray});
    } else if (codes_.empty()) {
        from_.clear(); // the same tray was refilled
    }
}

Json RunoutWatch::save() const {
    return Json{{"codes", codes_},         {"places", places_}, {"waits", waits_},
                {"placeless", placeless_}, {"from", from_},     {"last", last_}};
}

void RunoutWatch::restore(const Json& saved) {
    codes_ = read::texts(read::member(&saved, "codes"));
    places_ = read::texts(read::member(&saved, "places"));
    waits_ = read::flag(read::member(&saved, "waits")).value_or(false);
    placeless_ = read::flag(read::member(&saved, "placeless")).value_or(false);
    from_ = read::text_member(saved, "from");
    last_ = read::text_member(saved, "last");
}

} // namespace bambu2mqtt
