#include "gateway/job_watch.hpp"

#include "gateway/earliest_of.hpp"
#include "gateway/session_context.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/faults.hpp>
#include <bambu2mqtt/printer/job_state.hpp>

#include <nlohmann/json.hpp>

#include <chrono>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

constexpr auto job_start_saved_within = 5s; // with the values derived at that time
constexpr auto job_values_within = 10s;     // printers report the values of a job within two reports

} // namespace

JobWatch::JobWatch(SessionContext& context, const Json& saved) : context_(context) {
    if (const auto* const journal = read::member(&saved, "journal")) {
        tracker_.restore(*journal);
    }
}

void JobWatch::queue(const std::vector<PrinterEvent>& printer_events, Now now) {
    if (!printer_events.empty()) {
        context_.publisher.events().add(printer_events);
        context_.persistent.save_by(now.instant);
    }
}

void JobWatch::report_merged(bool full, Now now) {
    queue(tracker_.update(context_.printer, full, now), now);
}

void JobWatch::follow(Now now, Effects& effects) {
    const bool active = is_active(job_state(context_.printer.report_state()));
    if (active_ == false && active) {
        context_.connection.job_started(now.instant, context_.family());
        context_.persistent.save_by(now.instant + job_start_saved_within);
    } else if (!active) {
        context_.connection.job_ended();
    }
    active_ = active;
    ask_for_job_values(now, effects);
}

/// A while after a job has begun, and then whenever the model's budget of full reports allows.
void JobWatch::ask_for_job_values(Now now, Effects& effects) {
    if (!context_.printer.misses_job_values()) {
        values_due_.reset();
        return;
    }
    if (!values_due_) {
        values_due_ = now.instant + job_values_within;
    }
    if (now.instant < *values_due_) {
        return;
    }
    if (const auto wait = context_.connection.full_report_in(now.instant, context_.family()); wait > 0s) {
        values_due_ = now.instant + wait;
        return;
    }
    context_.want_full_report(now, effects);
    values_due_ = now.instant + timeouts_for(context_.family()).pushall_every;
}

void JobWatch::publish_controls() {
    const auto& report = context_.printer.report_state();
    const std::pair shown{job_state(report), error_code(report).value_or(0)};
    if (shown != controls_for_) {
        controls_for_ = shown;
        context_.publisher.states().publish_controls();
    }
}

void JobWatch::reachable(bool online, Now now) {
    queue(tracker_.reachable(online, now), now);
}

void JobWatch::tick(Now now, Effects& effects) {
    ask_for_job_values(now, effects);
    queue(tracker_.tick(now), now);
}

std::optional<Instant> JobWatch::deadline() const {
    return earliest_of({tracker_.deadline(), values_due_});
}

} // namespace bambu2mqtt
