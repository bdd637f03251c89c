// Exceptions that escape while a printer is handled: its session is dropped and rebuilt, the others continue.
#include "gateway/printer_sessions.hpp"
#include <bambu2mqtt/base/json_access.hpp>

#include <fmt/format.h>

#include <utility>

namespace bambu2mqtt {

/// A session from its saved state, or without one if that is unusable.
std::unique_ptr<PrinterSession> PrinterSessions::make_session(std::size_t index, const Json& saved,
                                                              Effects& log) {
    const auto& settings = parts_.settings.printers[index];
    try {
        return std::make_unique<PrinterSession>(settings, parts_.templates, saved);
    } catch (const std::exception& error) {
        parts_.health.count_internal_error();
        log.push_back(LogLine{
            Level::error, settings.names.id,
            fmt::format("internal error, the saved state of the printer cannot be used: {}", error.what())});
        return std::make_unique<PrinterSession>(settings, parts_.templates, Json());
    }
}

/// The session receives nothing more; tick() does the rest.
void PrinterSessions::break_off(std::size_t index, std::string what, Now now) {
    parts_.health.count_internal_error();
    parts_.health.request(now.instant);
    auto& slot = slots_[index];
    slot.fault.occurred(std::move(what), now.instant);
    slot.reported_at.reset();
    tick_deadlines_.set(index, now.instant);
    publish_deadlines_.set(index, std::nullopt);
}

/// Logs the failure, ends running operations of the edges for this printer, and rebuilds the session when it
/// is due.
void PrinterSessions::mend(std::size_t index, Now now, Effects& effects) {
    auto& fault = slots_[index].fault;
    if (fault.take_report()) {
        const auto& settings = parts_.settings.printers[index];
        const auto& id = settings.names.id;
        effects.push_back(
            LogLine{Level::error, id,
                    fmt::format("internal error, the event is dropped and the printer's session is "
                                "rebuilt: {}",
                                fault.what())});
        effects.push_back(DisconnectPrinter{settings.index});
        effects.push_back(CancelWork{.printer = settings.index});
        if (parts_.broker.open() && fault.rebuild_at() > now.instant) {
            parts_.publisher.printer_failed(id);
        }
    }
    if (fault.rebuild_at() > now.instant) {
        tick_deadlines_.set(index, fault.rebuild_at());
        return;
    }
    rebuild(index, now, effects);
}

void PrinterSessions::rebuild(std::size_t index, Now now, Effects& effects) {
    slots_[index].fault.rebuilt(now.instant);
    auto retained =
        parts_.broker.open() ? Retained{slots_[index].session->publisher().states().published()} : Retained{};
    replace(index, std::move(retained), "the printer's session failed and is rebuilt", now, effects);
}

/// A new session from the state of the present one.
void PrinterSessions::replace(std::size_t index, Retained retained, std::string_view why, Now now,
                              Effects& effects) {
    const auto former = std::exchange(
        slots_[index].session, make_session(index, read::json(saved(index)).value_or(Json()), effects));
    // If one of these fails it is rebuilt once more, after a delay.
    guarded(index, now, [&](PrinterSession& session) {
        session.start(now, effects);
        session.take_over(*former, std::move(retained), parts_.broker.retain_as_published());
    });
    guarded(index, now,
            [&](PrinterSession& session) { session.end_commands_of(*former, why, now, effects); });
}

std::string PrinterSessions::saved(std::size_t index) const {
    const auto& session = *slots_[index].session;
    try {
        return session.save();
    } catch (const std::exception&) {
        return session.last_saved();
    }
}

} // namespace bambu2mqtt
