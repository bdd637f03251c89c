#include "printer/merge.hpp"

#include "printer/memory_use.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/printer/report_state.hpp>
#include <bambu2mqtt/printer/text.hpp>

#include <cstring>
#include <iterator>
#include <type_traits>
#include <utility>

namespace bambu2mqtt {

namespace {

using simdjson::dom::element_type;

/// Real reports are far below these limits on what is kept of a malicious one: members of an object, elements
/// of a list, levels.
constexpr std::size_t max_members = 512;
constexpr int max_depth = 24;

/// Lists whose elements have ids in recorded reports, and of which printers send single elements. All others
/// are sent completely: elements of `hms` and `upgrade_state.new_ver_list` end by being left out, `s_obj`,
/// `stg`, `mapping` and others hold plain values, the addresses of `net.info` have no id, and
/// `device.airduct.modeList` (`modeId`), `care` and `job.stage` were only recorded complete.
constexpr std::array keyed_lists{
    unit_list,
    tray_list,
    KeyedList{"vir_slot", "id"},
    KeyedList{"lights_report", "node"},
    KeyedList{"device/extruder/info", "id"},
    KeyedList{"device/nozzle/info", "id"},
    KeyedList{"device/airduct/parts", "id"},
};
static_assert(keyed_lists.size() <= 8, "a FieldPath has eight bits for them");

/// Equality only: this runs for every field of every report, and the library's comparison first determines
/// the order.
bool equal(std::string_view one, std::string_view other) {
    return one.size() == other.size() && std::memcmp(one.data(), other.data(), one.size()) == 0;
}

std::string item_id(const Merge::Element& item, const char* key) {
    Merge::Element id;
    std::string_view text;
    std::int64_t number = 0;
    if (!item.is_object() || item[key].get(id) != simdjson::SUCCESS) {
        return {};
    }
    if (id.get(text) == simdjson::SUCCESS) {
        return std::string{text};
    }
    return id.get(number) == simdjson::SUCCESS ? std::to_string(number) : std::string{};
}

/// True if a tray only reports an undescribed spool: state bits from 4 on, bit 1 clear.
bool is_undescribed(const Merge::Element& tray) {
    simdjson::dom::object members;
    std::int64_t state = 0;
    return tray.get(members) == simdjson::SUCCESS && members.size() == 2 &&
           members["state"].get(state) == simdjson::SUCCESS && state > 3 && (state & 2) == 0;
}

/// Drops the data of a tray except its state; true if there was any.
bool forget_spool(Json& tray) {
    return tray.is_object() && std::erase_if(tray.get_ref<Json::object_t&>(), [](const auto& member) {
                                   return member.first != "id" && member.first != "state";
                               }) > 0;
}

/// The path of a field; plain values need none.
FieldPath path_to(const simdjson::dom::key_value_pair& field, const FieldPath& field_path) {
    return field.value.is_object() || field.value.is_array() ? field_path.into(field.key) : FieldPath{};
}

/// A known object or list is not replaced by a plain value, except by a full report.
template <typename T>
bool take_scalar(Json& target, T source, bool full) {
    const bool same_kind = target.is_boolean() == std::is_same_v<T, bool>;
    if ((target.is_structured() && !full) || (!target.is_null() && same_kind && target == source)) {
        return false;
    }
    target = source;
    return true;
}

/// Compares a list with the known value without building it.
bool same(const Json& target, const Merge::Element& source, int depth) {
    if (depth > max_depth) {
        return false;
    }
    switch (source.type()) {
    case element_type::ARRAY: {
        simdjson::dom::array items;
        if (source.get(items) != simdjson::SUCCESS || !target.is_array() || items.size() != target.size()) {
            return false;
        }
        auto known = target.begin();
        return std::all_of(items.begin(), items.end(),
                           [&](const auto item) { return same(*known++, item, depth + 1); });
    }
    case element_type::OBJECT: {
        simdjson::dom::object members;
        if (source.get(members) != simdjson::SUCCESS || !target.is_object() ||
            members.size() != target.size()) {
            return false;
        }
        const auto& known = target.get_ref<const Json::object_t&>();
        return std::all_of(members.begin(), members.end(), [&](const auto member) {
            const auto found = known.find(member.key);
            return found != known.end() && same(found->second, member.value, depth + 1);
        });
    }
    case element_type::STRING:
        return target.is_string() &&
               target.get_ref<const std::string&>() == source.get_string().value_unsafe();
    case element_type::INT64:
        return target.is_number() && target == source.get_int64().value_unsafe();
    case element_type::UINT64:
        return target.is_number() && target == source.get_uint64().value_unsafe();
    case element_type::DOUBLE:
        return target.is_number() && target == source.get_double().value_unsafe();
    case element_type::BOOL:
        return target.is_boolean() && target == source.get_bool().value_unsafe();
    case element_type::NULL_VALUE:
        return false;
    }
    return false;
}

} // namespace

FieldPath FieldPath::into(std::string_view key) const {
    FieldPath field_path;
    field_path.possible_ = 0;
    for (std::size_t i = 0; i < keyed_lists.size(); ++i) {
        const auto path = keyed_lists[i].path;
        if (!read::bit(possible_, static_cast<unsigned>(i)) || next_ > path.size()) {
            continue;
        }
        const auto rest = path.substr(next_);
        if ((rest.size() == key.size() || (rest.size() > key.size() && rest[key.size()] == '/')) &&
            rest.starts_with(key)) {
            field_path.possible_ |= static_cast<std::uint8_t>(1U << i);
            field_path.next_ = static_cast<std::uint8_t>(next_ + key.size() + 1);
        }
    }
    return field_path;
}

const KeyedList* FieldPath::keyed() const {
    for (std::size_t i = 0; i < keyed_lists.size(); ++i) {
        if (read::bit(possible_, static_cast<unsigned>(i)) && next_ == keyed_lists[i].path.size() + 1) {
            return &keyed_lists[i];
        }
    }
    return nullptr;
}

Json listed(const Json& value, const FieldPath& field_path) {
    if (!value.is_object()) {
        return value;
    }
    if (field_path.keyed() == nullptr) {
        Json result = Json::object();
        for (const auto& [key, member] : value.items()) {
            result[key] = listed(member, field_path.into(key));
        }
        return result;
    }
    std::vector<std::pair<std::string, const Json*>> elements;
    for (const auto& [key, element] : value.items()) {
        elements.emplace_back(key, &element);
    }
    std::ranges::stable_sort(elements, {},
                             [](const auto& element) { return id_of(element.first).value_or(0); });
    Json result = Json::array();
    for (const auto& [key, element] : elements) {
        result.push_back(listed(*element, field_path.into("*")));
    }
    return result;
}

bool Merge::value(Json& target, const Element& source, const FieldPath& field_path, int depth) {
    if (depth > max_depth) {
        return false;
    }
    switch (source.type()) {
    case element_type::OBJECT:
        return object(target, source, field_path, depth);
    case element_type::ARRAY: {
        const auto* const keyed = field_path.keyed();
        bool changed = false;
        return keyed == nullptr ? list(target, source, depth)
                                : items(target, source, *keyed, field_path, depth,
                                        [&](std::string_view) { changed = true; }) ||
                                      changed;
    }
    case element_type::STRING:
        return text(target, source.get_string().value_unsafe());
    case element_type::INT64:
        return take_scalar(target, source.get_int64().value_unsafe(), full_);
    case element_type::UINT64:
        return take_scalar(target, source.get_uint64().value_unsafe(), full_);
    case element_type::DOUBLE:
        return take_scalar(target, source.get_double().value_unsafe(), full_);
    case element_type::BOOL:
        return take_scalar(target, source.get_bool().value_unsafe(), full_);
    case element_type::NULL_VALUE:
        break;
    }
    return false;
}

/// Makes a new value an object. An existing value of another type stays until a full report replaces it; an
/// empty list counts as no value. Returns whether it was converted just now, since that alone is a change.
bool Merge::turns_into_object(Json& target) {
    const bool turns =
        target.is_null() || (target.is_array() && target.empty()) || (full_ && !target.is_object());
    if (turns) {
        target = Json::object();
        grown_ += memory_use::object;
    }
    return turns;
}

Merge::Member* Merge::find_or_insert(Json& target, std::string_view key, const Element& source, Place& next) {
    if (source.is_null() || (sanitised_ && key.find(replacement_character) != std::string_view::npos)) {
        return nullptr;
    }
    auto& members = target.get_ref<Json::object_t&>();
    auto found = next != members.end() && equal(next->first, key) ? next : members.find(key);
    if (found == members.end()) {
        if (members.size() >= max_members || key.size() > longest_text || has_control_character(key)) {
            return nullptr;
        }
        found = members.try_emplace(std::string{key}).first;
        grown_ += memory_use::member(key.size());
    }
    next = std::next(found);
    return &*found;
}

bool Merge::object(Json& target, const Element& source, const FieldPath& field_path, int depth) {
    simdjson::dom::object members;
    if (field_path.keyed() != nullptr || source.get(members) != simdjson::SUCCESS) {
        return false; // a list with ids was expected
    }
    bool changed = turns_into_object(target);
    if (!target.is_object()) {
        return false;
    }
    auto next = begin(target);
    for (const auto field : members) {
        Member* const member = find_or_insert(target, field.key, field.value, next);
        if (member != nullptr && value(member->second, field.value, path_to(field, field_path), depth + 1)) {
            changed = true;
        }
    }
    return changed;
}

/// Merges a keyed list, recording each changed element; true when the list is new. Elements are removed only
/// from the list of AMS units, which has its own rule: units().
bool Merge::items(Json& target, const Element& source, const KeyedList& keyed, const FieldPath& field_path,
                  int depth, const OnChange& on_change) {
    simdjson::dom::array elements;
    if (source.get(elements) != simdjson::SUCCESS) {
        return false;
    }
    const bool turned = turns_into_object(target);
    if (!target.is_object()) {
        return false;
    }
    auto next = begin(target);
    for (const auto item : elements) {
        const auto id = item_id(item, keyed.id);
        Member* const member = id.empty() ? nullptr : find_or_insert(target, id, item, next);
        if (member == nullptr) {
            continue;
        }
        const bool forgotten =
            keyed.path == tray_list.path && is_undescribed(item) && forget_spool(member->second);
        if (value(member->second, item, field_path.into("*"), depth + 1) || forgotten) {
            on_change(member->first);
        }
    }
    return turned;
}

bool Merge::units(Json& target, const Element& source, const OnChange& unit_changed,
                  const std::function<void(std::string_view, std::string_view)>& tray_changed) {
    simdjson::dom::array elements;
    if (source.get(elements) != simdjson::SUCCESS) {
        return false;
    }
    const bool turned = turns_into_object(target);
    if (!target.is_object()) {
        return false;
    }
    const auto before = target.size();
    const auto field_path = FieldPath{}.into("ams").into("ams").into("*");
    std::vector<std::string> seen;
    auto next_unit = begin(target);
    for (const auto element : elements) {
        auto id = item_id(element, unit_list.id);
        simdjson::dom::object fields;
        Member* const unit = id.empty() || element.get(fields) != simdjson::SUCCESS
                                 ? nullptr
                                 : find_or_insert(target, id, element, next_unit);
        seen.push_back(std::move(id));
        if (unit == nullptr) {
            continue;
        }
        bool changed = turns_into_object(unit->second);
        if (!unit->second.is_object()) {
            continue;
        }
        auto next = begin(unit->second);
        for (const auto field : fields) {
            Member* const member = find_or_insert(unit->second, field.key, field.value, next);
            if (member == nullptr) {
                continue;
            }
            if (field.key == "tray") {
                const auto record_tray = [&](std::string_view tray) { tray_changed(unit->first, tray); };
                changed =
                    items(member->second, field.value, tray_list, field_path.into("tray"), 4, record_tray) ||
                    changed;
            } else if (value(member->second, field.value, path_to(field, field_path), 4)) {
                changed = true;
            }
        }
        if (changed) {
            unit_changed(unit->first);
        }
    }
    const auto gone = [&](const auto& member) { return std::ranges::find(seen, member.first) == seen.end(); };
    const bool left = full_ && std::erase_if(target.get_ref<Json::object_t&>(), gone) > 0;
    return turned || left || target.size() != before;
}

bool Merge::list(Json& target, const Element& source, int depth) {
    const bool holds_other = target.is_object() ? !target.empty() : !target.is_null() && !target.is_array();
    if ((holds_other && !full_) || same(target, source, 0)) {
        return false;
    }
    simdjson::dom::array elements;
    auto next = Json::array();
    if (source.get(elements) == simdjson::SUCCESS) {
        for (const auto element : elements) {
            if (next.size() >= max_members) {
                break;
            }
            Json item;
            value(item, element, FieldPath::nowhere(), depth + 1);
            next.push_back(std::move(item));
        }
    }
    if (target.is_array() && target == next) { // nulls and unusable texts are left out
        return false;
    }
    target = std::move(next);
    grown_ += memory_use::list + target.size() * memory_use::in_list; // its elements counted themselves
    return true;
}

bool Merge::text(Json& target, std::string_view source) {
    if ((target.is_structured() && !full_) ||
        (sanitised_ && source.find(replacement_character) != std::string_view::npos)) {
        return false;
    }
    if (target.is_string() && equal(target.get_ref<const std::string&>(), source)) {
        return false;
    }
    auto clean = printer_text(source);
    if (target.is_string() && equal(target.get_ref<const std::string&>(), clean)) {
        return false;
    }
    grown_ += memory_use::text + clean.size();
    target = std::move(clean);
    return true;
}

} // namespace bambu2mqtt
