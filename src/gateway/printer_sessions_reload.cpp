// The sessions of all printers when their settings change: which end, which start, and whose topics on the
// broker are whose from then on.
#include "gateway/printer_sessions.hpp"
#include "gateway/retained_scan.hpp"
#include <bambu2mqtt/base/attempt.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace bambu2mqtt {

namespace {

constexpr std::string_view why_removed = "the printer was removed from the configuration";
constexpr std::string_view why_changed =
    "the printer's connection settings were changed in the configuration";

/// The running settings as they are to be; what only counts when a session begins stays.
SessionSettings settings_for(const SessionSettings& running, SessionSettings wanted) {
    wanted.first_contact = running.first_contact;
    wanted.former_ids = running.former_ids;
    wanted.sharers = running.sharers;
    wanted.seed = running.seed;
    return wanted;
}

} // namespace

/// A printer whose id is used by another one from now on leaves its topics to that one.
PrinterSessions::Leavings PrinterSessions::reconfigure(const std::vector<Json>& saved,
                                                       std::vector<Message> uncleared, Now now,
                                                       Effects& effects) {
    const auto& printers = parts_.settings.printers;
    std::map<std::size_t, Slot> running; // by target
    for (auto& slot : std::exchange(slots_, {})) {
        const auto target = slot.session->settings().index;
        running.emplace(target, std::move(slot));
    }
    std::vector<bool> is_new;
    for (std::size_t i = 0; i < printers.size(); ++i) {
        auto slot = running.extract(printers[i].index);
        is_new.push_back(slot.empty());
        slots_.push_back(is_new.back() ? Slot{make_session(i, i < saved.size() ? saved[i] : Json(), effects),
                                              SessionFault{printers[i].seed}}
                                       : std::move(slot.mapped()));
    }
    make_index();
    Leavings leavings{.states = std::move(uncleared)};
    for (auto& [target, slot] : running) {
        retire(slot, leavings, now, effects);
    }
    const auto leave = [&](const std::vector<Message>& topics) {
        leavings.states.insert(leavings.states.end(), topics.begin(), topics.end());
    };
    for (std::size_t i = 0; i < printers.size(); ++i) {
        if (!is_new[i] && slots_[i].session->settings().names.id != printers[i].names.id) {
            leave(slots_[i].session->publisher().states().published());
        }
    }
    auto owners = look_for_own(parts_.settings);
    for (auto& message : std::exchange(leavings.states, {})) {
        owners.take({.topic = std::move(message.topic), .retained = true});
    }
    auto found = owners.found();
    leave(found.of_former_states);
    for (std::size_t i = 0; i < printers.size(); ++i) {
        if (!is_new[i]) {
            reconfigure(i, std::move(found.of_printers[i]), leavings, now, effects);
            continue;
        }
        guarded(i, now, [&](PrinterSession& session) {
            session.start(now, effects);
            if (parts_.broker.open()) {
                session.broker_up(std::move(found.of_printers[i]), parts_.broker.retain_as_published());
            }
        });
    }
    return leavings;
}

/// `retained`: topics on the broker that are this printer's from now on.
void PrinterSessions::reconfigure(std::size_t index, std::vector<Message> retained, Leavings& leavings,
                                  Now now, Effects& effects) {
    auto& slot = slots_[index];
    const auto& running = slot.session->settings();
    const auto& wanted = parts_.settings.printers[index];
    if (slot.fault.broken()) {
        tick_deadlines_.set(index, slot.fault.rebuild_at()); // it is rebuilt with the new settings
    } else if (running.generation != wanted.generation) {
        const auto& states = slot.session->publisher().states();
        if (running.names.id == wanted.names.id) {
            std::ranges::move(states.published(), std::back_inserter(retained));
        }
        effects.push_back(DisconnectPrinter{wanted.index});
        effects.push_back(CancelWork{.printer = wanted.index});
        replace(index, parts_.broker.open() ? Retained{std::move(retained)} : Retained{}, why_changed, now,
                effects);
        return;
    } else {
        auto settings = settings_for(running, wanted);
        guarded(index, now, [&](PrinterSession& session) {
            if (settings != session.settings()) {
                session.reconfigure(std::move(settings), now, effects);
            }
        });
    }
    std::ranges::move(retained, std::back_inserter(leavings.states));
}

void PrinterSessions::retire(Slot& slot, Leavings& leavings, Now now, Effects& effects) {
    auto& session = *slot.session;
    const auto target = session.settings().index;
    const auto& publisher = session.publisher();
    attempt(
        [&] {
            std::ranges::move(session.retire(why_removed, now, effects), std::back_inserter(leavings.last));
            effects.push_back(SaveState{target, session.save()});
        },
        [&](std::string_view why) {
            parts_.health.count_internal_error();
            effects.push_back(LogLine{Level::error, session.settings().names.id,
                                      fmt::format("internal error, the session ends: {}", why)});
        });
    std::ranges::move(publisher.states().published(), std::back_inserter(leavings.states));
    std::ranges::transform(publisher.announced(), std::back_inserter(leavings.announcements),
                           [](const std::string& topic) {
                               return Message{topic, ""};
                           });
    effects.push_back(DisconnectPrinter{target});
    effects.push_back(CancelWork{.printer = target});
}

} // namespace bambu2mqtt
