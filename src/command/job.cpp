// The job: pausing, resuming, stopping, speed and objects.
#include "command/rows.hpp"
#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/entity/faults.hpp>
#include <bambu2mqtt/printer/job_state.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

using namespace plan;
using namespace std::chrono_literals;

/// The code of the error for which the printer shows a dialog; 0 where there is none: see is_problem().
std::uint32_t standing_error(const ReportState& report) {
    const auto code = error_code(report).value_or(0);
    return is_problem(code) ? code : 0;
}

/// A job stopped by an error leaves the printer waiting at a dialog; only the request that names the error
/// closes it.
Plan job_control(const Situation& situation, std::string_view command) {
    const auto error = standing_error(situation.report);
    if (error == 0 || job_state(situation.report) != JobState::pause) {
        return send(request("print", command, {{"param", ""}}));
    }
    const auto job = read::text(situation.report.find("job_id"));
    return send(
        request("print", command,
                {{"err", std::to_string(error)}, {"param", "reserve"}, {"job_id", job.value_or("0")}}));
}

Planned pause(const Situation&, const Json&) {
    return send(request("print", "pause", {{"param", ""}}));
}

bool is_paused(const Situation& situation, const Json&) {
    return shows(situation, "print_status", "pause");
}

Planned resume(const Situation& situation, const Json&) {
    return job_control(situation, "resume");
}

bool is_running(const Situation& situation, const Json&) {
    return shows(situation, "print_status", "running") || shows(situation, "print_status", "prepare");
}

Planned stop(const Situation& situation, const Json&) {
    return job_control(situation, "stop");
}

bool has_no_job(const Situation& situation, const Json&) {
    return situation.knows_job() && !is_active(job_state(situation.report));
}

constexpr std::array speeds{Word{"silent", 1}, Word{"standard", 2}, Word{"sport", 3}, Word{"ludicrous", 4}};

Planned set_speed(const Situation&, const Json& arguments) {
    const auto level = number_of(speeds, text(arguments, "level"));
    return send(request("print", "print_speed", {{"param", std::to_string(level)}}));
}

bool has_speed(const Situation& situation, const Json& arguments) {
    return shows(situation, "print_speed", text(arguments, "level"));
}

Planned skip(const Situation&, const Json& arguments) {
    return send(request("print", "skip_objects", {{"obj_list", arguments["objects"]}}));
}

bool has_skipped(const Situation& situation, const Json& arguments) {
    const Json* const skipped = situation.report.find("s_obj");
    return skipped != nullptr && skipped->is_array() &&
           std::ranges::all_of(arguments["objects"], [&](const Json& id) {
               return std::ranges::find(*skipped, id) != skipped->end();
           });
}

/// Two messages: the first clears the error, the second closes the dialog on the screen and in slicers.
Planned clean_error(const Situation& situation, const Json&) {
    const auto code = read::signed_word(situation.report.find("print_error")).value_or(0);
    const auto task = read::text(situation.report.find("subtask_id"));
    Plan result = send(request("print", "clean_print_error",
                               {{"subtask_id", std::string{task.value_or("0")}}, {"print_error", code}}));
    result.requests.push_back(request("system", "uiop",
                                      {{"name", "print_error"},
                                       {"action", "close"},
                                       {"source", 1},
                                       {"type", "dialog"},
                                       {"err", fmt::format("{:08X}", code)}}));
    return result;
}

bool has_no_error(const Situation& situation, const Json&) {
    return read::signed_word(situation.report.find("print_error")) == 0U;
}

/// True if `error` is the current code: as in print_error_code, or in decimal.
bool is_reported_error(const Situation& situation, const Json& arguments) {
    const auto code = error_code(situation.report).value_or(0);
    const auto& named = text(arguments, "error");
    return code != 0 && (upper(named) == shown_code(code) || named == std::to_string(code));
}

/// A dialog is only answered for the error that the sender has seen.
expected<void, Refusal> check_error(const Situation& situation, const Json& arguments) {
    if (is_reported_error(situation, arguments)) {
        return {};
    }
    const auto code = error_code(situation.report).value_or(0);
    return refuse(Code::conflict, fmt::format("error is \"{}\", the printer shows {}",
                                              sanitize_for_log(text(arguments, "error")),
                                              code == 0 ? std::string{"none"} : shown_code(code)));
}

/// As recorded from the vendor's phone application to an H2C: the code in decimal, as text. A plain resume
/// raises the error again.
Planned ignore_error(const Situation& situation, const Json& arguments) {
    if (auto checked = check_error(situation, arguments); !checked) {
        return unexpected(std::move(checked).error());
    }
    const auto job = read::text(situation.report.find("job_id"));
    return send(request("print", "ignore",
                        {{"err", std::to_string(error_code(situation.report).value_or(0))},
                         {"param", "reserve"},
                         {"job_id", job.value_or("0")}}));
}

/// The button "abort" (action 51) of the dialogs in the vendor's slicer, from its source
/// (DeviceErrorDialog.cpp of Bambu Studio). Not recorded: that the printer then shows no error, or another
/// one, is assumed here and by simulated printers. Otherwise the outcome is `unconfirmed`.
Planned abort_error(const Situation& situation, const Json& arguments) {
    if (auto checked = check_error(situation, arguments); !checked) {
        return unexpected(std::move(checked).error());
    }
    return send(request("print", "ams_control", {{"param", "abort"}}));
}

bool shows_other_error(const Situation& situation, const Json& arguments) {
    return error_code(situation.report).has_value() && !is_reported_error(situation, arguments);
}

constexpr std::array error_arguments{
    Argument{.name = "error",
             .required = true,
             .shortest = 1,
             .longest = 16,
             .meaning = "the current code, as in print_error_code (0500-809C) or in decimal"}};

constexpr std::array speed_arguments{Argument{.name = "level",
                                              .kind = Kind::word,
                                              .required = true,
                                              .words = speeds,
                                              .meaning = "speed profile, by name or as 1 to 4"}};

constexpr std::array skip_arguments{
    Argument{.name = "objects",
             .kind = Kind::integers,
             .required = true,
             .min = 0,
             .max = 4294967295.0,
             .shortest = 1,
             .longest = 64,
             .meaning = "ids of the objects to skip: identify_id in slice_info.config of the .3mf"}};

// clang-format off
constexpr std::array job_rows_table{
    Command{.name = "pause_printing", .summary = "Pauses the job", .space = "print", .safe = true, .when = When::running, .plan = pause, .confirmed = is_paused, .shown_by = "print_status"},
    Command{.name = "resume_printing", .summary = "Resumes the paused job, also one paused by an error", .space = "print", .safe = true, .when = When::paused, .plan = resume, .confirmed = is_running, .shown_by = "print_status"},
    Command{.name = "stop_printing", .summary = "Cancels the job", .space = "print", .safe = true, .when = When::active, .plan = stop, .confirmed = has_no_job, .shown_by = "print_status"},
    Command{.name = "skip_objects", .summary = "Skips objects of the running job; cannot be undone", .arguments = skip_arguments, .space = "print", .when = When::active, .plan = skip, .confirmed = has_skipped, .shown_by = "skipped_objects"},
    Command{.name = "set_speed_level", .summary = "Sets the speed profile of the running job", .arguments = speed_arguments, .space = "print", .safe = true, .when = When::running, .plan = set_speed, .confirmed = has_speed, .shown_by = "print_speed"},
    Command{.name = "clean_print_error", .summary = "Clears the error and closes its dialog", .space = "print", .safe = true, .plan = clean_error, .confirmed = has_no_error, .shown_by = "print_error_code"},
    Command{.name = "ignore_error", .summary = "Answers the dialog of an error: continue in spite of it", .arguments = error_arguments, .space = "print", .plan = ignore_error, .confirmed = shows_other_error, .shown_by = "print_error_code"},
    Command{.name = "abort_error", .summary = "Answers the dialog of an error: abort the stopped action", .arguments = error_arguments, .space = "print", .safe = true, .plan = abort_error, .confirmed = shows_other_error, .shown_by = "print_error_code"},
};
// clang-format on

} // namespace

std::span<const Command> job_commands() {
    return job_rows_table;
}

} // namespace bambu2mqtt
