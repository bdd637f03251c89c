#include "printer/memory_use.hpp"
#include "printer/merge.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/printer/ams_id.hpp>
#include <bambu2mqtt/printer/report.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace bambu2mqtt {

namespace {

using simdjson::dom::element;

/// Fields that change with every message and have no use.
constexpr std::array<std::string_view, 4> envelope{"command", "msg", "sequence_id", "t_utc"};

/// Some firmware sends these beside `print`.
constexpr std::array<std::string_view, 4> siblings{"fun", "wifi_signal", "ams", "xcam"};

/// The unit a key of ams.ams names.
std::optional<AmsId> ams_id_of(std::string_view key) {
    const auto id = id_of(key);
    return id ? AmsId::from_wire(*id) : std::nullopt;
}

/// The id of a unit or a tray for a Change, valid also after the unit is removed; empty for invalid ids.
/// Trays are numbered 0 to 3, or like their unit (AMS HT).
std::string_view lasting_id(std::string_view id) {
    const auto known = ams_id_of(id);
    return known && known->key() == id ? known->key() : std::string_view{};
}

bool has_children(std::string_view key) {
    return key == "device" || key == "ams";
}

/// Merges below `device` or `ams`, recording changes by child and AMS unit, so that only affected entities
/// are decoded.
void merge_children(Merge& merge, Json& parent, std::string_view key, const simdjson::dom::object& source,
                    Changes& changes) {
    if (parent.is_null()) {
        parent = Json::object();
    }
    if (!parent.is_object()) {
        return;
    }
    auto next = Merge::begin(parent);
    for (const auto field : source) {
        auto* const member = merge.find_or_insert(parent, field.key, field.value, next);
        if (member == nullptr) {
            continue;
        }
        const std::string_view child = member->first;
        if (key == "ams" && child == "ams") {
            const auto unit_changed = [&](std::string_view unit) {
                changes.push_back(Change{key, lasting_id(unit)});
            };
            const auto tray_changed = [&](std::string_view unit, std::string_view tray) {
                changes.push_back(Change{key, lasting_id(unit), lasting_id(tray)});
            };
            if (merge.units(member->second, field.value, unit_changed, tray_changed)) {
                changes.push_back(Change{key, child});
            }
        } else if (merge.value(member->second, field.value, FieldPath{}.into(key).into(child), 2)) {
            changes.push_back(Change{key, child});
        }
    }
}

std::optional<std::uint64_t> exist_bits(const Json& root, const char* key) {
    const auto ams = root.find("ams");
    if (ams == root.end() || !ams->is_object() || !ams->contains(key)) {
        return std::nullopt;
    }
    return read::word(&(*ams)[key]);
}

} // namespace

bool touch(const Changes& changes, std::span<const std::string_view> keys) {
    return std::ranges::any_of(
        changes, [&](const Change& change) { return std::ranges::find(keys, change.key) != keys.end(); });
}

Change tray_change(int unit, int slot) {
    return Change{"ams", lasting_id(std::to_string(unit)), lasting_id(std::to_string(slot))};
}

std::optional<int> id_of(std::string_view key) {
    int id = 0;
    const auto* const end = key.data() + key.size();
    const auto [stopped, error] = std::from_chars(key.data(), end, id);
    return error == std::errc{} && stopped == end && id >= 0 ? std::optional{id} : std::nullopt;
}

/// Whether the document stays within its bound whatever the report holds. Counts only where an estimate by
/// the length of the text is not enough, which no recorded report needs.
bool ReportState::has_room(const Report& report) {
    if (memory_ + report.bytes * most_memory_per_byte <= most_memory) {
        return true;
    }
    const auto added = memory_of(report.root, most_memory);
    if (memory_ + added > most_memory) {
        memory_ = memory_of(root_); // it may have grown less than was counted
    }
    return memory_ + added <= most_memory;
}

bool ReportState::merge(const Report& report, Changes& changes) {
    if (!has_room(report)) {
        return false;
    }
    const auto units_before = unit_bits_;
    const auto trays_before = tray_bits_;
    Merge merge{report.full, report.sanitised};
    bool ams_touched = false;
    auto next = Merge::begin(root_);

    const auto take = [&](std::string_view name, const element& source) {
        auto* const member = merge.find_or_insert(root_, name, source, next);
        if (member == nullptr) {
            return;
        }
        const std::string_view key = member->first;
        simdjson::dom::object children;
        if (!has_children(name)) {
            if (merge.value(member->second, source, FieldPath{}.into(name), 1)) {
                changes.push_back(Change{key, {}});
            }
        } else if (source.get(children) == simdjson::SUCCESS) {
            merge_children(merge, member->second, key, children, changes);
            ams_touched = ams_touched || name == "ams";
        }
    };

    for (const auto field : report.body) {
        if (std::ranges::find(envelope, field.key) == envelope.end()) {
            take(field.key, field.value);
        }
    }
    for (const auto key : siblings) {
        element source;
        if (report.root[key].get(source) == simdjson::SUCCESS) {
            take(key, source);
        }
    }
    if (ams_touched) {
        read_exist_bits();
        unplug(units_before, trays_before, changes);
    }
    complete_ = complete_ || report.full;
    memory_ += merge.grown();
    return true;
}

/// When an exist bit goes from 1 to 0 the unit or spool was removed: its data is dropped, so that it cannot
/// reappear with the next one.
void ReportState::unplug(std::optional<std::uint64_t> units_before, std::optional<std::uint64_t> trays_before,
                         Changes& changes) {
    auto& ams = root_["ams"];
    if (!ams.contains("ams") || !ams["ams"].is_object()) {
        return;
    }
    auto& ams_members = ams.get_ref<Json::object_t&>();
    const std::string_view list_key = ams_members.find("ams")->first;
    auto& units = ams["ams"].get_ref<Json::object_t&>();
    const std::string_view ams_key = root_.get_ref<Json::object_t&>().find("ams")->first;
    const auto left = [](auto before, auto now, std::optional<unsigned> index) {
        return before && now && index && read::bit(*before, *index) && !read::bit(*now, *index);
    };
    const auto gone = std::erase_if(units, [&](const auto& unit) {
        const auto id = ams_id_of(unit.first);
        return id && left(units_before, unit_bits_, id->exist_bit());
    });
    if (gone > 0 || units_before != unit_bits_) {
        changes.push_back(Change{ams_key, list_key});
    }
    for (auto& [key, unit] : units) {
        const auto id = ams_id_of(key);
        if (!id || !unit.is_object() || !unit.contains("tray") || !unit["tray"].is_object()) {
            continue;
        }
        for (auto& [slot_key, tray] : unit["tray"].get_ref<Json::object_t&>()) {
            const auto slot = id_of(slot_key);
            if (slot && *slot < 4 && left(trays_before, tray_bits_, id->tray_exist_bit(*slot))) {
                tray = Json{{"id", slot_key}};
                changes.push_back(Change{ams_key, lasting_id(key), lasting_id(slot_key)});
            }
        }
    }
}

void ReportState::read_exist_bits() {
    unit_bits_ = exist_bits(root_, "ams_exist_bits");
    tray_bits_ = exist_bits(root_, "tray_exist_bits");
}

void ReportState::set_top_level(std::string_view key, Json value, Changes& changes) {
    auto& member = root_[std::string{key}];
    if (member != value) {
        member = std::move(value);
        changes.push_back(Change{root_.get_ref<Json::object_t&>().find(key)->first, {}});
    }
}

const Json* ReportState::find(std::string_view path) const {
    const Json* at = &root_;
    while (!path.empty()) {
        const auto slash = path.find('/');
        if (!at->is_object()) {
            return nullptr;
        }
        const auto& members = at->get_ref<const Json::object_t&>();
        const auto found = members.find(path.substr(0, slash));
        if (found == members.end()) {
            return nullptr;
        }
        at = &found->second;
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    }
    return at->is_null() ? nullptr : at; // a field that never held a usable value counts as absent
}

Json ReportState::as_reported() const {
    return listed(root_, FieldPath{});
}

bool ReportState::unit_excluded(int unit) const {
    const auto id = AmsId::from_wire(unit);
    const auto index = id ? id->exist_bit() : std::nullopt;
    return unit_bits_ && index && !read::bit(*unit_bits_, *index);
}

const Json* ReportState::unit(int unit) const {
    if (unit_excluded(unit)) {
        return nullptr;
    }
    const Json* const units = find("ams/ams");
    if (units == nullptr || !units->is_object()) {
        return nullptr;
    }
    std::array<char, 12> key{};
    const auto* const end = std::to_chars(key.data(), key.data() + key.size(), unit).ptr;
    const auto& members = units->get_ref<const Json::object_t&>();
    const auto found = members.find(std::string_view{key.data(), static_cast<std::size_t>(end - key.data())});
    return found == members.end() ? nullptr : &found->second;
}

std::optional<bool> ReportState::tray_present(int unit, int slot) const {
    const auto id = AmsId::from_wire(unit);
    return tray_bits_ && id ? std::optional{read::bit(*tray_bits_, id->tray_exist_bit(slot))} : std::nullopt;
}

} // namespace bambu2mqtt
