#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/faults.hpp>
#include <bambu2mqtt/entity/job_fields.hpp>
#include <bambu2mqtt/printer/job_state.hpp>
#include <bambu2mqtt/printer/report_state.hpp>
#include <bambu2mqtt/state/job_tracker.hpp>
#include <bambu2mqtt/state/printer.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// The code for "cancelled" may arrive a message or two after FAILED.
constexpr auto code_within = 3s;

std::string text_at(const ReportState& report, std::string_view key) {
    const Json* const value = report.find(key);
    const auto text = read::text(value);
    return text ? std::string{*text} : std::string{};
}

/// Jobs sent over the network may have "0" for all their ids; then the name is used.
std::string key_of(const ReportState& report) {
    std::string key;
    for (const char* const id : {"task_id", "subtask_id"}) {
        if (const auto text = text_at(report, id); !text.empty() && text != "0") {
            key += text;
            key += '/';
        }
    }
    return key + text_at(report, "subtask_name");
}

} // namespace

/// Adds the fields that all events of a job have.
PrinterEvent JobTracker::completed(PrinterEvent printer_event, const Job& job, WallTime time) const {
    printer_event.time = time;
    printer_event.task = job.task;
    printer_event.file = job.file;
    printer_event.progress = job.progress;
    printer_event.late = late_;
    if (job.start && *job.start <= time) {
        printer_event.duration = std::chrono::floor<std::chrono::minutes>(time - *job.start).count();
    }
    return printer_event;
}

PrinterEvent JobTracker::make(std::string_view type, const Job& job, WallTime time) const {
    return completed(PrinterEvent{.type = type}, job, time);
}

std::vector<PrinterEvent> JobTracker::update(const Printer& printer, bool full, Now now) {
    PrinterEvents out;
    const auto& report = printer.report_state();
    if (!report.complete()) {
        return out;
    }
    const auto state = job_state(report);
    Job seen{.key = key_of(report),
             .task = text_at(report, "subtask_name"),
             .file = text_at(report, "gcode_file"),
             .progress = job_percent(report, printer.gateway()),
             .start = printer.clock().start()};
    if (state != JobState::unknown) {
        if (state_ != JobState::unknown) {
            follow_job(state, seen, error_code(report).value_or(0), now, out);
        }
        state_ = state;
    }
    if (is_active(state)) {
        seen.start = seen.start ? seen.start : job_.start;
        job_ = std::move(seen);
    } else if (state == JobState::finish || state == JobState::failed) {
        job_.key = std::move(seen.key); // known from now on, even if its end was never seen
    }
    follow_errors(report, job_, now, out);
    for (auto& printer_event : runout_.update(printer, is_active(state_))) {
        out.push_back(completed(std::move(printer_event), job_, now.wall));
    }
    for (auto& printer_event : machine_.update(printer, state, now)) {
        out.push_back(completed(std::move(printer_event), job_, now.wall));
    }
    late_ = late_ && !full;
    if (!std::exchange(begun_, true)) {
        out.clear(); // states that already held cause no events
    }
    return out;
}

void JobTracker::follow_job(JobState state, const Job& seen, std::uint32_t error, Now now,
                            PrinterEvents& out) {
    finish_job(state, error, out);
    const bool was = is_active(state_);
    const bool is = is_active(state);
    if (was && is && late_ && is_another(seen)) {
        // One job has ended and another begun between two reports.
        end_job(JobState::unknown, job_, 0, now, out);
        start_job(seen, now, out);
        return;
    }
    if (was && !is) {
        end_job(state, job_, error, now, out);
    } else if (!was && is) {
        start_job(seen, now, out);
        if (state == JobState::pause) {
            out.push_back(make("print_paused", seen, now.wall));
        }
    } else if (is && state_ != state) {
        if (state == JobState::pause) {
            out.push_back(make("print_paused", seen, now.wall));
        } else if (state_ == JobState::pause) {
            out.push_back(make("print_resumed", seen, now.wall));
        }
    } else if (!is && late_ && (state == JobState::finish || state == JobState::failed) &&
               seen.key != job_.key) {
        // Began and ended between two reports.
        job_ = seen;
        job_.start.reset();
        end_job(state, job_, error, now, out);
    }
}

/// Another job than the last one: other ids or another name, or much less progress.
bool JobTracker::is_another(const Job& seen) const {
    constexpr std::int64_t back = 5;
    return seen.key != job_.key || seen.progress.value_or(100) < job_.progress.value_or(0) - back;
}

void JobTracker::start_job(const Job& seen, Now now, PrinterEvents& out) {
    job_ = seen;
    auto started = make("print_started", seen, now.wall);
    started.duration.reset();
    out.push_back(std::move(started));
}

void JobTracker::end_job(JobState state, const Job& job, std::uint32_t error, Now now, PrinterEvents& out) {
    if (state == JobState::finish) {
        auto finished = make("print_finished", job, now.wall);
        finished.progress = 100;
        out.push_back(std::move(finished));
        return;
    }
    ending_ = Ending{.job = job,
                     .until = now.instant + code_within,
                     .time = now.wall,
                     .late = late_,
                     .failed = state == JobState::failed};
    finish_job(state, error, out);
    if (late_ && ending_) {
        ending_->until = now.instant; // it was reported long ago
        for (auto& printer_event : tick(now)) {
            out.push_back(std::move(printer_event));
        }
    }
}

/// An ended job was cancelled if it has the code for that, finished if its state is FINISH.
void JobTracker::finish_job(JobState state, std::uint32_t error, PrinterEvents& out) {
    if (!ending_) {
        return;
    }
    ending_->failed = ending_->failed || state == JobState::failed;
    const bool cancelled = is_cancellation(error);
    if (!cancelled && state != JobState::finish && !is_active(state)) {
        return;
    }
    const auto ending = *std::exchange(ending_, std::nullopt);
    auto printer_event = make(cancelled                   ? "print_canceled"
                              : state == JobState::finish ? "print_finished"
                              : ending.failed             ? "print_failed"
                                                          : "print_canceled",
                              ending.job, ending.time);
    printer_event.late = ending.late;
    if (cancelled) {
        printer_event.code = shown_code(error);
    } else if (printer_event.type == "print_failed") {
        printer_event.code = error_; // the one before this report
    }
    out.push_back(std::move(printer_event));
}

std::vector<PrinterEvent> JobTracker::tick(Now now) {
    PrinterEvents out;
    if (!ending_ || now.instant < ending_->until) {
        return out;
    }
    const auto ending = *std::exchange(ending_, std::nullopt);
    // Became idle without an error: finished if the last layer was reached, otherwise stopped.
    const bool whole = ending.job.progress.value_or(0) >= 100;
    auto printer_event = make(ending.failed ? "print_failed"
                              : whole       ? "print_finished"
                                            : "print_canceled",
                              ending.job, ending.time);
    printer_event.late = ending.late;
    printer_event.code = ending.failed ? error_ : std::string{};
    out.push_back(std::move(printer_event));
    return out;
}

std::optional<Instant> JobTracker::deadline() const {
    return ending_ ? std::optional{ending_->until} : std::nullopt;
}

void JobTracker::follow_errors(const ReportState& report, const Job& job, Now now, PrinterEvents& out) {
    const auto with_code = [&](std::string_view type, const std::string& code) {
        auto printer_event = make(type, job, now.wall);
        printer_event.code = code;
        return printer_event;
    };
    if (const auto code = error_code(report)) {
        const auto error = is_problem(*code) ? shown_code(*code) : std::string{};
        if (error != error_ && !error.empty()) {
            out.push_back(with_code("print_error", error));
        } else if (error != error_) {
            out.push_back(with_code("print_error_cleared", error_));
        }
        error_ = error;
    }
    if (const auto messages = hms_messages(report)) {
        std::set<std::string> codes;
        for (const auto& message : *messages) {
            if (message.severity() >= 1 &&
                message.severity() <= 4) { // others appear and disappear by themselves (H2C)
                codes.insert(shown_code(message));
            }
        }
        for (const auto& code : codes) {
            if (!hms_.contains(code)) {
                out.push_back(with_code("hms_error", code));
            }
        }
        for (const auto& code : hms_) {
            if (!codes.contains(code)) {
                out.push_back(with_code("hms_error_cleared", code));
            }
        }
        hms_ = std::move(codes);
    }
}

std::vector<PrinterEvent> JobTracker::reachable(bool online, Now now) {
    PrinterEvents out;
    if (online_ && *online_ != online) {
        out.push_back(PrinterEvent{.type = online ? "printer_online" : "printer_offline", .time = now.wall});
    }
    online_ = online;
    return out;
}

Json JobTracker::save() const {
    Json saved{{"status", name_of(state_)},
               {"error", error_},
               {"hms", hms_},
               {"runout", runout_.save()},
               {"machine", machine_.save()},
               {"job", {{"key", job_.key}, {"task", job_.task}, {"file", job_.file}}}};
    saved["online"] = online_ ? Json(*online_) : Json(nullptr);
    saved["job"]["progress"] = job_.progress ? Json(*job_.progress) : Json(nullptr);
    saved["job"]["start"] = job_.start ? Json(rfc3339(*job_.start)) : Json(nullptr);
    if (ending_) {
        saved["status"] = name_of(JobState::running); // its result is not published yet: the next report
                                                      // publishes it as late
    }
    return saved;
}

void JobTracker::restore(const Json& saved) {
    const auto state = parse_job_state(read::text_member(saved, "status"));
    if (state == JobState::unknown) {
        return;
    }
    begun_ = true;
    state_ = state;
    error_ = read::text_member(saved, "error");
    hms_ = read::texts(read::member(&saved, "hms"));
    runout_.restore(saved.contains("runout") ? saved["runout"] : Json(nullptr));
    machine_.restore(saved.contains("machine") ? saved["machine"] : Json(nullptr));
    online_ = read::flag(saved.contains("online") ? &saved["online"] : nullptr);
    if (const auto job = saved.find("job"); job != saved.end() && job->is_object()) {
        job_ = Job{.key = std::string{read::text_member(*job, "key")},
                   .task = std::string{read::text_member(*job, "task")},
                   .file = std::string{read::text_member(*job, "file")},
                   .progress = read::integer(job->contains("progress") ? &(*job)["progress"] : nullptr),
                   .start = parse_rfc3339(read::text_member(*job, "start"))};
    }
}

} // namespace bambu2mqtt
