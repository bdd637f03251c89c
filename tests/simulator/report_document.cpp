#include "simulator/report_document.hpp"

#include <algorithm>
#include <utility>

namespace bambu2mqtt::simulator {
namespace {

auto find_unit(auto& units, const nlohmann::json& id) {
    return std::find_if(units.begin(), units.end(),
                        [&id](const nlohmann::json& unit) { return unit.at("id") == id; });
}

} // namespace

ReportDocument::ReportDocument(nlohmann::json state, std::uint32_t first_sequence)
    : state_(std::move(state)), sequence_{first_sequence} {}

void ReportDocument::set(Path path, nlohmann::json value) {
    auto* target = &state_;
    for (const auto key : path)
        target = &(*target)[std::string{key}];
    // 60 and 60.0 are equal but look different on the wire
    if (*target == value && target->is_number_float() == value.is_number_float())
        return;
    auto* change = &changes_;
    for (const auto key : path)
        change = &(*change)[std::string{key}];
    *change = value;
    *target = std::move(value);
}

void ReportDocument::set_elements(Path path, const nlohmann::json& elements) {
    auto* list = &state_;
    for (const auto key : path)
        list = &(*list)[std::string{key}];
    for (const auto& element : elements) {
        const auto known = find_unit(*list, element.at("id"));
        if (known == list->end())
            continue;
        auto merged = *known;
        merged.update(element);
        if (merged == *known)
            continue;
        *known = std::move(merged);
        auto* change = &changes_;
        for (const auto key : path)
            change = &(*change)[std::string{key}];
        const auto pending_unit = find_unit(*change, element.at("id"));
        if (pending_unit == change->end())
            change->push_back(element);
        else
            pending_unit->update(element);
    }
}

void ReportDocument::send_again(Path path) {
    const auto* from = &state_;
    for (const auto key : path) {
        if (!from->is_object() || !from->contains(key))
            return;
        from = &from->at(std::string{key});
    }
    auto* change = &changes_;
    for (const auto key : path)
        change = &(*change)[std::string{key}];
    *change = *from;
}

void ReportDocument::merge(const nlohmann::json& patch) {
    merge_below(state_, changes_, patch);
}

void ReportDocument::merge_below(nlohmann::json& target, nlohmann::json& changes,
                                 const nlohmann::json& patch) {
    for (const auto& [key, value] : patch.items()) {
        if (value.is_object()) {
            auto below = changes.value(key, nlohmann::json::object());
            merge_below(target[key], below, value);
            if (!below.empty())
                changes[key] = std::move(below);
        } else if (!target.contains(key) || target[key] != value) {
            target[key] = value;
            changes[key] = value;
        }
    }
}

void ReportDocument::set_unit(nlohmann::json unit) {
    auto& units = state_["ams"]["ams"];
    const std::string id = unit.at("id");
    const auto place = find_unit(units, id);
    if (place == units.end())
        units.push_back(std::move(unit));
    else if (*place != unit)
        *place = std::move(unit);
    else
        return;
    changed_units_.insert(id);
}

void ReportDocument::remove_unit(const std::string& id) {
    auto& units = state_["ams"]["ams"];
    const auto place = find_unit(units, id);
    if (place == units.end())
        return;
    units.erase(place);
    changed_units_.clear();
    changes_["ams"]["ams"] = units;
}

const nlohmann::json* ReportDocument::unit(const std::string& id) const {
    const auto& units = state_.at("ams").at("ams");
    const auto place = find_unit(units, id);
    return place == units.end() ? nullptr : &*place;
}

std::string ReportDocument::full_report() {
    changes_ = nlohmann::json::object();
    changed_units_.clear();
    return message(state_, 0);
}

std::string ReportDocument::partial_report() {
    auto body = std::exchange(changes_, nlohmann::json::object());
    if (!changed_units_.empty()) {
        auto& units = body["ams"]["ams"];
        units = nlohmann::json::array();
        for (const auto& id : changed_units_)
            units.push_back(*unit(id));
        changed_units_.clear();
    }
    return message(std::move(body), 1);
}

std::string ReportDocument::message(nlohmann::json body, int kind) {
    body["command"] = "push_status";
    body["msg"] = kind;
    body["sequence_id"] = std::to_string(sequence_++);
    nlohmann::json whole;
    whole["print"] = std::move(body);
    return whole.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace bambu2mqtt::simulator
