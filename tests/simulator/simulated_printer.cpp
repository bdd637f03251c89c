#include "simulator/simulated_printer.hpp"

#include "simulator/initial_state.hpp"

#include <algorithm>
#include <functional>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

constexpr int stage_paused_by_user = 16;
constexpr int stage_filament_ran_out = 6;
constexpr std::size_t most_requests_kept = 100'000;

std::vector<std::string> answer_pushall(SimulatedPrinter& printer, const Request&) {
    return {printer.full_report()};
}

std::vector<std::string> answer_get_version(SimulatedPrinter& printer, const Request& request) {
    json info{{"command", "get_version"},
              {"module", modules(printer.model(), printer.serial())},
              {"sequence_id", request.arguments.value("sequence_id", json("0"))}};
    if (!printer.model().newer_protocol)
        info.update({{"result", "success"}, {"reason", ""}});
    json whole;
    whole["info"] = std::move(info);
    return {whole.dump()};
}

/// Lamps take no signature on real printers, so this one is always obeyed.
std::vector<std::string> answer_ledctrl(SimulatedPrinter& printer, const Request& request) {
    const auto word = [&request](const char* key) {
        const auto found = request.arguments.find(key);
        return found != request.arguments.end() && found->is_string() ? found->get<std::string>()
                                                                      : std::string{};
    };
    if (!printer.set_light(word("led_node"), word("led_mode")))
        return {failure(request, "invalid led_node")};
    return {acknowledgement(request)};
}

std::uint32_t seed_of(const std::string& serial) {
    return static_cast<std::uint32_t>(std::hash<std::string>{}(serial) % 100'000) + 1;
}

} // namespace

SimulatedPrinter::SimulatedPrinter(SimulatedPrinterOptions options)
    : options_{std::move(options)}, document_{initial_state(*options_.model, options_.serial,
                                                            options_.settings),
                                              seed_of(options_.serial)},
      random_{seed_of(options_.serial)} {
    if (options_.report_interval.count() == 0)
        options_.report_interval = options_.model->report_interval;
    on("pushing.pushall", answer_pushall);
    on("info.get_version", answer_get_version);
    on("system.ledctrl", answer_ledctrl);
}

std::vector<std::string> SimulatedPrinter::advance(Uptime now) {
    const auto step = std::max(now - now_, Uptime{0});
    now_ = std::max(now, now_);
    begin_and_end_by_itself(step);
    std::vector<std::string> messages;
    if (std::exchange(full_report_due_, false))
        messages.push_back(document_.full_report());
    live(step);
    messages.push_back(document_.partial_report());
    return messages;
}

Reaction SimulatedPrinter::answer(std::string_view request, Uptime now) {
    now_ = std::max(now, now_);
    if (requests_.size() < most_requests_kept)
        requests_.push_back({.payload = std::string{request}, .time = now_, .session = session_});
    const auto parsed = parse_request(request);
    if (!parsed)
        return {};
    const auto handler = handlers_.find(parsed->name());
    if (handler == handlers_.end())
        return {};
    return {.answers = handler->second(*this, *parsed)};
}

Reaction SimulatedPrinter::connected(int session, Uptime now) {
    now_ = std::max(now, now_);
    session_ = session;
    return {};
}

std::vector<json> SimulatedPrinter::requests(const std::string& name) const {
    std::vector<json> bodies;
    for (const auto& received : requests_) {
        auto request = parse_request(received.payload);
        if (request && request->name() == name)
            bodies.push_back(std::move(request->arguments));
    }
    return bodies;
}

void SimulatedPrinter::begin_and_end_by_itself(std::chrono::milliseconds step) {
    in_phase_ += step;
    if (phase_ == Phase::printing) {
        job_elapsed_ += step;
        if (job_elapsed_ >= job_duration_)
            end_job(Phase::finished);
        return;
    }
    if (options_.print_duration.count() == 0 || phase_ == Phase::paused)
        return;
    const bool over = phase_ == Phase::finished || phase_ == Phase::failed;
    if (over && in_phase_ > options_.print_duration / 5) {
        document_.set({"gcode_state"}, "IDLE");
        enter(Phase::idle);
        return;
    }
    const auto rest = printed_before_ ? options_.print_duration / 10 : options_.first_print_after;
    if (phase_ == Phase::idle && in_phase_ > rest)
        start_print(options_.job, options_.print_duration);
}

void SimulatedPrinter::enter(Phase phase) {
    phase_ = phase;
    in_phase_ = Uptime{0};
}

void SimulatedPrinter::start_print(const PrintJob& job, std::chrono::milliseconds duration) {
    job_ = job;
    job_duration_ = std::max(duration, std::chrono::milliseconds{1});
    job_elapsed_ = Uptime{0};
    printed_before_ = true;
    set_print_error(0);
    document_.set({"gcode_state"}, "IDLE");
    document_.set({"subtask_name"}, job.name);
    const bool newer = model().newer_protocol;
    document_.set({"gcode_file"}, newer ? "/data/Metadata/plate_1.gcode" : job.name + ".gcode.3mf");
    if (newer)
        document_.set({"file"}, "/data/Metadata/plate_1.gcode");
    full_report_due_ = !newer; // P1 and A1 send one unasked, still with the layers of the job before
    enter(Phase::printing);
}

void SimulatedPrinter::pause() {
    if (phase_ != Phase::printing)
        return;
    pause_stage_ = stage_paused_by_user;
    enter(Phase::paused);
}

void SimulatedPrinter::run_out_of_filament() {
    if (phase_ != Phase::printing)
        return;
    pause_stage_ = stage_filament_ran_out;
    set_print_error(filament_ran_out_error);
    enter(Phase::paused);
}

void SimulatedPrinter::resume() {
    if (phase_ != Phase::paused)
        return;
    set_print_error(0);
    enter(Phase::printing);
}

void SimulatedPrinter::fail(std::uint32_t error) {
    if (phase_ != Phase::printing && phase_ != Phase::paused)
        return;
    set_print_error(error);
    end_job(Phase::failed);
}

void SimulatedPrinter::end_job(Phase phase) {
    enter(phase);
    document_.set({"gcode_state"}, phase == Phase::finished ? "FINISH" : "FAILED");
    document_.set({"stg_cur"}, model().idle_stage);
    document_.set({"stg"}, json::array());
    document_.set({"print_type"}, "idle");
    if (!model().newer_protocol)
        document_.set({"gcode_file"}, "");
}

void SimulatedPrinter::set_print_error(std::uint32_t error) {
    document_.set({"print_error"}, error);
    if (!model().newer_protocol)
        return;
    document_.set({"mc_print_error_code"}, std::to_string(error & 0xFFFFU));
    document_.set({"err"}, hexadecimal(error));
}

void SimulatedPrinter::set_hms(const std::vector<Hms>& entries) {
    json list = json::array();
    for (const auto& entry : entries)
        list.push_back({{"attr", entry.attribute}, {"code", entry.code}});
    document_.set({"hms"}, std::move(list));
}

bool SimulatedPrinter::set_light(const std::string& node, const std::string& mode) {
    json lights = state().at("lights_report");
    const auto lamp = std::find_if(lights.begin(), lights.end(),
                                   [&node](const json& light) { return light.at("node") == node; });
    if (lamp == lights.end())
        return false;
    (*lamp)["mode"] = mode;
    document_.set({"lights_report"}, std::move(lights));
    if (node == "chamber_light")
        options_.settings.light = mode == "on";
    write_words();
    return true;
}

void SimulatedPrinter::set_door(bool open) {
    options_.settings.door_open = open;
    write_words();
}

void SimulatedPrinter::set_developer_mode(bool on) {
    options_.settings.developer_mode = on;
    write_words();
}

void SimulatedPrinter::write_words() {
    document_.set({"home_flag"}, home_flag(model(), options_.settings));
    if (!model().newer_protocol)
        return;
    document_.set({"cfg"}, cfg_word(model(), options_.settings));
    document_.set({"fun"}, fun_word(model(), options_.settings));
    document_.set({"stat"}, stat_word(options_.settings));
}

} // namespace bambu2mqtt::simulator
