#include "entity/fault_place.hpp"
#include <bambu2mqtt/entity/faults.hpp>
#include <bambu2mqtt/entity/runout.hpp>
#include <bambu2mqtt/printer/job_state.hpp>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

constexpr std::uint32_t runout_word = 0x8011;

/// print_error codes of the motion controller; they name no place.
constexpr std::array<std::uint32_t, 2> placeless_runouts{0x03008004, 0x03008015};

/// The second half of an HMS code: the event at a slot, and whether the printer waits for a user.
struct RunoutMessage {
    std::uint32_t code = 0;
    bool waits = false;
    bool changed = false;
};

constexpr std::array runout_messages{RunoutMessage{0x00020001, true, false},
                                     RunoutMessage{0x00030001, false, false},
                                     RunoutMessage{0x00030002, false, true}};

std::optional<Runout> runout_of(const HmsMessage& message, const Facts& facts) {
    const auto* const known = std::ranges::find(runout_messages, message.code, &RunoutMessage::code);
    const auto place = place_in(message.attr >> 16U, facts);
    const auto slot = static_cast<int>((message.attr >> 8U) & 0xFU);
    if (known == runout_messages.end() || !place || (message.attr & 0xF0FFU) != 0x2000 || slot > 3) {
        return std::nullopt;
    }
    return Runout{.code = shown_code(message),
                  .unit = prefix_of_place(*place),
                  .slot = place->kind == Feed::Kind::tray ? std::optional{slot + 1} : std::nullopt,
                  .waits = known->waits,
                  .changed = known->changed};
}

std::optional<Runout> runout_of(std::uint32_t error, const Facts& facts) {
    if (std::ranges::find(placeless_runouts, error) != placeless_runouts.end()) {
        return Runout{.code = shown_code(error), .waits = true};
    }
    const auto place = place_in(error >> 16U, facts);
    if (!place || (error & 0xFFFFU) != runout_word) {
        return std::nullopt;
    }
    return Runout{.code = shown_code(error), .unit = prefix_of_place(*place), .waits = true};
}

} // namespace

std::vector<Runout> runouts(const ReportState& report, const Facts& facts) {
    std::vector<Runout> found;
    for (const auto& message : hms_messages(report).value_or(std::vector<HmsMessage>{})) {
        if (auto runout = runout_of(message, facts)) {
            found.push_back(*std::move(runout));
        }
    }
    if (auto runout = runout_of(error_code(report).value_or(0), facts)) {
        found.push_back(*std::move(runout));
    }
    return found;
}

Feed last_feed(const ReportState& report, const Facts& facts) {
    for (const auto which : {FeedField::now, FeedField::before}) {
        if (const auto feed = feed_of(report, facts, which); is_place(feed)) {
            return feed;
        }
    }
    return Feed{};
}

Feed awaited_feed(const ReportState& report, const Facts& facts) {
    const auto all = runouts(report, facts);
    const auto waits = std::ranges::find(all, true, &Runout::waits);
    if (waits == all.end() || job_state(report) != JobState::pause) {
        return Feed{.kind = Feed::Kind::none};
    }
    if (const auto wanted = feed_of(report, facts, FeedField::target); is_place(wanted)) {
        return wanted;
    }
    for (const auto spool : {Spool::single, Spool::left, Spool::right}) {
        if (waits->unit == prefix_of(spool)) {
            return Feed{.kind = Feed::Kind::external, .spool = spool};
        }
    }
    const auto last = last_feed(report, facts);
    for (const auto& unit : facts.units) {
        if (unit.prefix() == waits->unit && waits->slot) {
            return Feed{.kind = Feed::Kind::tray, .unit = unit.id, .slot = *waits->slot - 1};
        }
    }
    const bool fits = waits->unit.empty() || prefix_of_place(last) == waits->unit;
    return is_place(last) && fits ? last : Feed{};
}

} // namespace bambu2mqtt
