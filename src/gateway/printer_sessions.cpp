#include "gateway/printer_sessions.hpp"

#include <bambu2mqtt/base/overloaded.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <variant>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// A session that is due and does nothing is asked again after this time: the others must not wait for it.
constexpr auto asked_again_after = 100ms;

} // namespace

PrinterSessions::PrinterSessions(Parts parts, const std::vector<Json>& saved)
    : parts_(parts), tick_deadlines_(parts.settings.printers.size()),
      publish_deadlines_(parts.settings.printers.size()) {
    const auto& printers = parts_.settings.printers;
    for (std::size_t i = 0; i < printers.size(); ++i) {
        slots_.push_back({make_session(i, i < saved.size() ? saved[i] : Json(), startup_log_),
                          SessionFault{printers[i].seed}});
    }
    make_index();
}

/// Where each printer's session is. All their deadlines have to follow.
void PrinterSessions::make_index() {
    by_id_.clear();
    by_target_.clear();
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        const auto& settings = parts_.settings.printers[i];
        by_id_.emplace(settings.names.id, i);
        by_target_.emplace(settings.index, i);
    }
    tick_deadlines_ = DeadlineQueue{slots_.size()};
    publish_deadlines_ = DeadlineQueue{slots_.size()};
}

void PrinterSessions::start(Now now, Effects& effects) {
    std::ranges::move(std::exchange(startup_log_, {}), std::back_inserter(effects));
    for_each(now, [&](PrinterSession& session) { session.start(now, effects); });
}

void PrinterSessions::handle(const Event& event, Now now, Effects& effects) {
    const auto place = by_target_.find(event.target);
    if (place == by_target_.end()) {
        return;
    }
    guarded(place->second, now, [&](PrinterSession& session) {
        const Overloaded take{
            [&](const PrinterUp& up) { session.handle(up, now, effects); },
            [&](const PrinterDown& down) { session.handle(down, now, effects); },
            [&](const ReportArrived& report) {
                parts_.health.count_received();
                session.handle(report, parser_, now, effects);
                const auto due = session.next_due();
                auto& waiting = slots_[place->second].reported_at;
                waiting =
                    due && *due <= now.instant ? waiting.value_or(report.at.value_or(now.instant)) : waiting;
            },
            [&](const ReportsLost& lost) { session.handle(lost, now, effects); },
            [&](const WorkProgress& progress) { session.handle(progress, now, effects); },
            [&](const WorkDone& done) { session.handle(done, now, effects); },
            [&](const TrustDone& done) { session.handle(done, now, effects); },
            [&](const PrinterAnnounced& announced) { session.handle(announced, now, effects); },
            [](const auto&) {}, // the broker's
        };
        std::visit(take, event.body);
    });
}

void PrinterSessions::handle(const BrokerMessage& message, const CommandTopic& topic, Now now,
                             Effects& effects) {
    if (const auto owner = by_id_.find(topic.owner); owner != by_id_.end()) {
        guarded(owner->second, now,
                [&](PrinterSession& session) { session.handle(message, topic, now, effects); });
    }
}

void PrinterSessions::handle(std::size_t index, const CommandRequest& command_request, Now now,
                             Effects& effects) {
    const bool taken =
        guarded(index, now, [&](PrinterSession& session) { session.handle(command_request, now, effects); });
    if (!taken) {
        parts_.groups.answered(slots_[index].session->settings().index,
                               {command_request.sender.group,
                                {{"status", name_of(Status::failed)},
                                 {"code", nullptr},
                                 {"message", "the printer's session failed and is rebuilt"}}});
    }
}

void PrinterSessions::broker_up(std::vector<std::vector<Message>> found, Now now) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        guarded(i, now, [&](PrinterSession& session) {
            session.broker_up(std::move(found[i]), parts_.broker.retain_as_published());
        });
    }
}

void PrinterSessions::tick(Now now, Effects& effects) {
    while (true) {
        const auto due = tick_deadlines_.first();
        if (!due || due->first > now.instant) {
            break;
        }
        if (slots_[due->second].fault.broken()) {
            mend(due->second, now, effects);
        } else {
            guarded(due->second, now, [&](PrinterSession& session) { session.tick(now, effects); });
        }
        if (tick_deadlines_.first() == due) {
            tick_deadlines_.set(due->second, now.instant + asked_again_after);
        }
    }
}

std::optional<Message> PrinterSessions::next(Now now, Sending& sending) {
    while (true) {
        const auto due = publish_deadlines_.first();
        if (!due || due->first > now.instant) {
            return std::nullopt;
        }
        std::optional<Message> message;
        guarded(due->second, now, [&](PrinterSession& session) {
            auto outgoing = session.next(now);
            if (!outgoing) {
                return;
            }
            message = std::move(outgoing->message);
            if (outgoing->event) {
                sending.event = Sending::Event{session.settings().index, *outgoing->event};
            }
        });
        if (message) {
            publish_deadlines_.served(due->second, now.instant);
            if (auto& since = slots_[due->second].reported_at) {
                parts_.health.add_delay(now.instant - *since);
                since.reset();
            }
            return message;
        }
        if (publish_deadlines_.first() == due) {
            // A message waits for another one of the same printer.
            publish_deadlines_.set(due->second, now.instant + asked_again_after);
        }
    }
}

void PrinterSessions::delivered(const Sending& sending, Now now) {
    const auto& event = sending.event;
    const auto place = event ? by_target_.find(event->target) : by_target_.end();
    if (place != by_target_.end()) {
        guarded(place->second, now,
                [&](PrinterSession& session) { session.event_delivered(event->number, now); });
    }
}

bool PrinterSessions::announces() const {
    return std::ranges::any_of(slots_, [](const Slot& slot) { return slot.session->announces(); });
}

std::vector<std::string> PrinterSessions::ids() const {
    std::vector<std::string> result;
    std::ranges::transform(slots_, std::back_inserter(result),
                           [](const Slot& slot) { return slot.session->settings().names.id; });
    return result;
}

std::vector<std::pair<std::string, std::int64_t>> PrinterSessions::connected_seconds(Instant now) const {
    std::vector<std::pair<std::string, std::int64_t>> result;
    for (const auto& slot : slots_) {
        const auto up = slot.session->connection().up_since();
        const auto age = up ? std::chrono::duration_cast<std::chrono::seconds>(now - *up).count() : 0;
        result.emplace_back(slot.session->settings().names.id, age);
    }
    return result;
}

std::optional<Instant> PrinterSessions::moment(const DeadlineQueue& deadlines) {
    const auto first = deadlines.first();
    return first ? std::optional{first->first} : std::nullopt;
}

void PrinterSessions::step_done(std::size_t index) {
    const auto& slot = slots_[index];
    if (!slot.fault.broken()) {
        for (auto& answer : slot.session->take_group_answers()) {
            parts_.groups.answered(slot.session->settings().index, std::move(answer));
        }
        parts_.devices.update(index, *slot.session);
        tick_deadlines_.set(index, slot.session->deadline());
        publish_deadlines_.set(index, slot.session->next_due());
    }
}

} // namespace bambu2mqtt
