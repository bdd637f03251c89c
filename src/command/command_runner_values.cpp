// Several values for the same control in quick succession: the newest is used.
#include <bambu2mqtt/command/catalogue.hpp>
#include <bambu2mqtt/command/command_runner.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

/// Ends older values for the same control. Returns when this one may be sent: not in a burst with earlier
/// ones, so that of many values the printer gets the first and the last.
Instant CommandRunner::supersede(Ticket by, Now now) {
    Instant earliest = now.instant;
    const auto& newer = running_.at(by);
    std::vector<Ticket> older;
    for (const auto& [ticket, running] : running_) {
        const bool same = newer.supersedes && running.supersedes && running.entity == newer.entity;
        if (same && ticket != by && (running.sent_at || running.held_until)) {
            older.push_back(ticket);
        }
    }
    for (const auto ticket : older) {
        const auto& running = running_.at(ticket);
        const bool sent = running.sent_at.has_value();
        earliest = std::max(earliest, sent ? *running.sent_at + RequestQueue::spacing : *running.held_until);
        pending_.mute(ticket);
        requests_.drop(ticket);
        end(ticket,
            Outcome{.status = sent ? Status::unconfirmed : Status::refused,
                    .code = Code::superseded,
                    .message = fmt::format("superseded by a newer value for {}", running.entity)},
            {}, now);
    }
    return earliest;
}

/// Values that waited for the previous one. Little time has passed, but the printer may be offline and a job
/// may have started.
void CommandRunner::send_held(const Situation& situation, Reachability reachability, Now now,
                              Effects& effects) {
    std::vector<Ticket> due;
    for (const auto& [ticket, running] : running_) {
        if (running.held_until && *running.held_until <= now.instant) {
            due.push_back(ticket);
        }
    }
    for (const auto ticket : due) {
        auto& running = running_.at(ticket);
        running.held_until.reset();
        auto checked = check_reachable(*running.command, reachability).and_then([&] {
            return check_job_state(running.command->when, situation.report);
        });
        if (!checked) {
            end(ticket, refused({}, std::move(checked).error()), {}, now);
        } else {
            send(ticket, situation, now, effects);
        }
    }
}

} // namespace bambu2mqtt
