// Requests about pressure advance: profiles are written, listed and selected for a spool.

#include "simulator/commands.hpp"
#include "simulator/spool_places.hpp"

#include <array>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

constexpr double usual_k = 0.02;

/// Firmware without profiles in its trays: P1 and A1 report k and n.
bool reports_k(const Machine& machine) {
    return !machine.model().newer_protocol;
}

void count_up(Machine& machine) {
    machine.document().set({"cali_version"}, machine.state().value("cali_version", 0) + 1);
}

json entry_of(const Machine& machine, const Profile& profile) {
    json entry{
        {"cali_idx", profile.number}, {"filament_id", profile.filament_id}, {"name", profile.name},
        {"k_value", profile.k_value}, {"setting_id", profile.setting_id},   {"n_coef", profile.n_coef}};
    if (machine.model().newer_protocol)
        entry.update({{"extruder_id", profile.extruder},
                      {"nozzle_diameter", profile.nozzle_diameter},
                      {"nozzle_id", profile.nozzle_id}});
    return entry;
}

/// An empty list is a failure on the latest firmware.
Outcome list_profiles(Machine& machine, const Request& request) {
    json list = json::array();
    for (const auto& profile : machine.profiles().of(request.text("filament_id").value_or(""),
                                                     request.text("nozzle_diameter").value_or("")))
        list.push_back(entry_of(machine, profile));
    auto outcome = list.empty() && is_latest(machine.model().family) ? failed("Not find") : done();
    outcome.more = {{"filaments", std::move(list)}};
    return outcome;
}

std::optional<Profile> profile_in(const Request& entry) {
    const auto k = entry.text("k_value");
    const auto filament = entry.text("filament_id");
    const auto diameter = entry.text("nozzle_diameter");
    if (!k || !filament || !diameter)
        return std::nullopt;
    return Profile{.number = entry.integer("cali_idx").value_or(-1),
                   .name = entry.text("name").value_or(""),
                   .filament_id = *filament,
                   .setting_id = entry.text("setting_id").value_or(""),
                   .k_value = *k,
                   .n_coef = entry.text("n_coef").value_or("0.000000"),
                   .nozzle_id = entry.text("nozzle_id").value_or(""),
                   .nozzle_diameter = *diameter,
                   .extruder = entry.integer("extruder_id").value_or(0)};
}

/// X1 firmware reports an error for tray -1 although it has stored the profile.
Outcome write_profiles(Machine& machine, const json& entries) {
    bool complains = false;
    for (const auto& element : entries) {
        const Request entry{.arguments = element};
        auto profile = profile_in(entry);
        if (!profile)
            return failed("invalid k_value");
        machine.profiles().put(std::move(*profile));
        count_up(machine);
        complains = complains || (machine.model().family == Family::x1 && entry.integer("tray_id") == -1);
    }
    return complains ? failed("invalid tray_id") : done();
}

/// The older form: directly into the spool, on firmware that stores k there.
Outcome write_k(Machine& machine, const Request& request) {
    const auto place = place_of_tray(machine.model(), request.integer("tray_id").value_or(-1));
    const auto k = request.number("k_value");
    if (!place || !k)
        return failed("invalid tray_id");
    const auto* const spool = spool_at(machine, *place);
    if (reports_k(machine) && spool != nullptr && spool->contains("tray_type"))
        write_spool(machine, *place, {{"k", *k}, {"n", request.number("n_coef").value_or(1)}});
    return done();
}

Outcome set_profiles(Machine& machine, const Request& request) {
    const auto entries = request.arguments.value("filaments", json());
    return entries.is_array() && !entries.empty() ? write_profiles(machine, entries)
                                                  : write_k(machine, request);
}

double k_of(const Profile* profile) {
    const auto value = profile == nullptr ? json() : json::parse(profile->k_value, nullptr, false);
    return value.is_number() ? value.get<double>() : usual_k;
}

Outcome choose_profile(Machine& machine, const Request& request) {
    const auto place = place_of_tray(machine.model(), request.integer("tray_id").value_or(-1));
    const auto number = request.integer("cali_idx");
    if (!place || !number)
        return failed("invalid tray_id");
    const auto* const profile = machine.profiles().find(*number);
    if (*number != -1 && profile == nullptr)
        return failed("invalid cali_idx");
    const auto* const spool = spool_at(machine, *place);
    if (spool == nullptr || !spool->contains("tray_type"))
        return done();
    json fields{{"cali_idx", *number}};
    if (reports_k(machine))
        fields["k"] = k_of(profile);
    write_spool(machine, *place, fields);
    return done();
}

constexpr std::array commands_profiles_rows{
    Command{"print.extrusion_cali_get", AnswerForm::table, list_profiles},
    Command{"print.extrusion_cali_set", AnswerForm::table, set_profiles},
    Command{"print.extrusion_cali_sel", AnswerForm::table, choose_profile},
};

} // namespace

std::span<const Command> profile_commands() {
    return commands_profiles_rows;
}

} // namespace bambu2mqtt::simulator
