// Requests about jobs: starting, pausing, stopping, speed, skipped objects, errors.

#include "simulator/commands.hpp"
#include "simulator/spool_places.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

constexpr std::uint32_t mapping_error = 0x07008012;
constexpr std::uint32_t download_error = 0x0500403F;
constexpr std::string_view error_string = "error string"; // the only text in the answer of some firmware
constexpr int share_until_read = 50;                      // of a job's time, until its file is opened

/// P2S firmware does not react to job control without a sequence_id.
bool job_request_is_overheard(const Machine& machine, const Request& request) {
    return machine.model().family == Family::p2 && !request.has("sequence_id");
}

/// Latest firmware raises an error again at once unless it is named.
bool leaves_the_error(const Machine& machine, const Request& request) {
    const auto error = machine.state().value("print_error", 0U);
    return is_latest(machine.model().family) && error != 0 && request.text("err") != std::to_string(error);
}

Outcome pause(Machine& machine, const Request& request) {
    if (job_request_is_overheard(machine, request))
        return ignored();
    machine.pause();
    return done();
}

Outcome resume(Machine& machine, const Request& request) {
    if (job_request_is_overheard(machine, request))
        return ignored();
    if (!leaves_the_error(machine, request))
        machine.resume();
    return done();
}

Outcome stop(Machine& machine, const Request& request) {
    if (job_request_is_overheard(machine, request))
        return ignored();
    machine.cancel();
    return done();
}

std::string name_of(const std::string& path) {
    return std::filesystem::path{path}.filename().string();
}

/// "a.gcode.3mf" and "a.3mf" give the job name "a".
std::string title_of(const std::string& path) {
    auto name = name_of(path);
    for (const auto* const ending : {".3mf", ".gcode"}) {
        if (name.ends_with(ending))
            name.resize(name.size() - std::string_view{ending}.size());
    }
    return name;
}

/// N of "Metadata/plate_N.gcode".
int plate_in(const std::string& parameter) {
    constexpr std::string_view begin = "Metadata/plate_";
    int plate = 1;
    if (parameter.starts_with(begin))
        std::from_chars(parameter.data() + begin.size(), parameter.data() + parameter.size(), plate);
    return plate;
}

/// Source of each filament of the plate, in order; those the plate does not use are left out.
std::vector<TrayPlace> trays_in(const ModelProfile& model, const Request& request) {
    const auto flat = request.integers("ams_mapping").value_or(std::vector<int>{});
    const auto pairs = request.arguments.value("ams_mapping2", json::array());
    std::vector<TrayPlace> trays;
    for (std::size_t i = 0; i < std::max(flat.size(), pairs.is_array() ? pairs.size() : 0); ++i) {
        std::optional<TrayPlace> place;
        if (pairs.is_array() && i < pairs.size()) {
            const Request pair{.arguments = pairs[i]};
            const int unit = pair.integer("ams_id").value_or(-1);
            const int slot = pair.integer("slot_id").value_or(-1);
            place = slot == 255   ? std::nullopt
                    : unit >= 254 ? external_of(model, unit)
                                  : ams_place(model, unit, slot);
        } else {
            place = place_of_tray(model, flat[i]);
        }
        if (place)
            trays.push_back(*place);
    }
    if (trays.empty())
        trays.push_back(request.flag("use_ams").value_or(false) ? TrayPlace{0, 0} : external_place);
    return trays;
}

bool names_external_in_flat_mapping(const Request& request) {
    const auto flat = request.integers("ams_mapping").value_or(std::vector<int>{});
    return std::any_of(flat.begin(), flat.end(), [](int tray) { return tray >= 254; });
}

PrintJob job_in(const Machine& machine, const Request& request, const std::string& url) {
    PrintJob job;
    job.name = request.text("subtask_name").value_or("");
    if (job.name.empty())
        job.name = title_of(url);
    job.plate = plate_in(request.text("param").value_or(""));
    job.trays = trays_in(machine.model(), request);
    if (!machine.model().newer_protocol)
        job.file = name_of(url);
    job.task_id = request.text("task_id").value_or("0");
    job.subtask_id = request.text("subtask_id").value_or("0");
    job.project_id = request.text("project_id").value_or("0");
    job.profile_id = request.text("profile_id").value_or("0");
    return job;
}

/// Makes the job that has just begun fail when it opens its file.
void fail_soon(Machine& machine, std::uint32_t error) {
    machine.later(machine.durations().print / share_until_read,
                  [error, job = machine.jobs_begun()](Machine& self) {
                      if (self.jobs_begun() == job)
                          self.fail(error);
                  });
}

bool is_busy(const Machine& machine) {
    return machine.job_under_way() || machine.changing_filament();
}

Outcome refuse_busy(Machine& machine) {
    machine.set_print_error(busy_error);
    return failed_with({{"reason", "busy"}, {"err_code", busy_error}});
}

Outcome project_file(Machine& machine, const Request& request) {
    const auto url = request.text("url");
    if (!url || !request.text("param"))
        return failed(std::string{error_string});
    if (is_busy(machine))
        return refuse_busy(machine);
    const bool elsewhere = url->starts_with("http");
    if (!elsewhere && !machine.files().has(*url) && machine.model().family == Family::a1) {
        machine.set_print_error(unreadable_file_error); // and stays idle
        return done();
    }
    machine.start_print(job_in(machine, request, *url), machine.durations().print);
    if (elsewhere)
        fail_soon(machine, download_error);
    else if (!machine.files().has(*url))
        fail_soon(machine, unreadable_file_error);
    else if (names_external_in_flat_mapping(request))
        fail_soon(machine, mapping_error);
    return done();
}

/// True if this is a script shipped with the printer.
bool is_own_script(const std::string& path) {
    return path.starts_with("/usr/etc/print/");
}

Outcome gcode_file(Machine& machine, const Request& request) {
    const auto path = request.text("param");
    if (!path)
        return failed(std::string{error_string});
    if (is_own_script(*path))
        return done();
    if (is_busy(machine))
        return refuse_busy(machine);
    const bool package = path->ends_with(".3mf"); // needs the other command
    if (package || !machine.files().has(*path)) {
        if (machine.model().family == Family::a1)
            return failed(std::string{error_string});
        return machine.model().family == Family::p1 ? done() : failed("file not found");
    }
    PrintJob job{.name = title_of(*path)};
    job.file = machine.model().newer_protocol ? *path : name_of(*path);
    job.trays = {external_place};
    machine.start_print(job, machine.durations().print);
    return done();
}

Outcome print_speed(Machine& machine, const Request& request) {
    const auto level = request.text("param").value_or("");
    if (level.size() != 1 || level[0] < '1' || level[0] > '4')
        return failed("invalid param");
    if (machine.job_under_way())
        machine.set_speed(level[0] - '0');
    return done();
}

Outcome skip_objects(Machine& machine, const Request& request) {
    const auto objects = request.integers("obj_list");
    if (!objects || objects->empty())
        return failed("invalid obj_list");
    if (!machine.job_under_way())
        return failed("not printing");
    json skipped = machine.state().at("s_obj");
    for (const int object : *objects) {
        if (std::find(skipped.begin(), skipped.end(), json(object)) == skipped.end())
            skipped.push_back(object);
    }
    machine.document().set({"s_obj"}, std::move(skipped));
    return done();
}

Outcome clean_print_error(Machine& machine, const Request&) {
    machine.set_print_error(0);
    return done();
}

/// Closes a dialog on the screen; reports do not contain dialogs.
Outcome close_dialog(Machine&, const Request& request) {
    return request.text("name") && request.text("action") ? done() : failed("invalid name");
}

constexpr std::array commands_job_rows{
    Command{"print.pause", AnswerForm::queued, pause},
    Command{"print.resume", AnswerForm::queued, resume},
    Command{"print.ignore", AnswerForm::queued, resume},
    Command{"print.stop", AnswerForm::queued, stop},
    Command{"print.project_file", AnswerForm::queued, project_file},
    Command{"print.gcode_file", AnswerForm::queued, gcode_file},
    Command{"print.print_speed", AnswerForm::queued, print_speed},
    Command{"print.skip_objects", AnswerForm::setting, skip_objects},
    Command{"print.clean_print_error", AnswerForm::setting, clean_print_error},
    Command{"system.uiop", AnswerForm::plain, close_dialog},
};

} // namespace

std::span<const Command> job_commands() {
    return commands_job_rows;
}

} // namespace bambu2mqtt::simulator
