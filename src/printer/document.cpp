#include <bambu2mqtt/printer/document.hpp>

#include <bambu2mqtt/core/read.hpp>
#include <bambu2mqtt/printer/report.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace bambu2mqtt {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

/// No real report comes near these; they bound what a hostile one can make us keep.
constexpr std::size_t max_members = 512;
constexpr int max_depth = 24;

/// A list whose elements are told apart by a member.
struct KeyedList {
    std::string_view path{}; ///< ids of the way are written as *
    const char* id = "id";
};

constexpr std::array keyed_lists{
    KeyedList{"ams/ams", "id"},
    KeyedList{"ams/ams/*/tray", "id"},
    KeyedList{"vir_slot", "id"},
    KeyedList{"lights_report", "node"},
    KeyedList{"device/extruder/info", "id"},
    KeyedList{"device/nozzle/info", "id"},
};

/// Where in the document the merge stands; only as exact as the keyed lists need it.
class Way {
  public:
    [[nodiscard]] Way into(std::string_view key) const {
        Way next = *this;
        next.append(key);
        return next;
    }

    [[nodiscard]] const KeyedList* keyed() const {
        const std::string_view path{text_.data(), size_};
        const auto* const found = std::ranges::find(keyed_lists, path, &KeyedList::path);
        return found == keyed_lists.end() ? nullptr : found;
    }

  private:
    void append(std::string_view key) {
        const std::size_t needed = key.size() + (size_ == 0 ? 0 : 1);
        if (lost_ || size_ + needed > text_.size()) {
            lost_ = true;
            size_ = 0;
            return;
        }
        if (size_ != 0) {
            text_[size_++] = '/';
        }
        std::ranges::copy(key, text_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += key.size();
    }

    std::array<char, 24> text_{};
    std::size_t size_ = 0;
    bool lost_ = false;
};

class Merge {
  public:
    Merge(bool full, bool sanitised) : full_(full), sanitised_(sanitised) {}

    /// Merges `source` into `target`; tells whether anything became different.
    bool value(Json& target, const element& source, const Way& way, int depth) {
        if (depth > max_depth) {
            return false;
        }
        switch (source.type()) {
        case element_type::OBJECT:
            return object(target, source, way, depth);
        case element_type::ARRAY:
            return way.keyed() != nullptr ? keyed_list(target, source, *way.keyed(), way, depth) : list(target, source);
        case element_type::STRING:
            return text(target, source.get_string().value_unsafe());
        case element_type::INT64:
            return scalar(target, source.get_int64().value_unsafe());
        case element_type::UINT64:
            return scalar(target, source.get_uint64().value_unsafe());
        case element_type::DOUBLE:
            return scalar(target, source.get_double().value_unsafe());
        case element_type::BOOL:
            return scalar(target, source.get_bool().value_unsafe());
        case element_type::NULL_VALUE:
            break;
        }
        return false;
    }

    bool object(Json& target, const element& source, const Way& way, int depth) {
        if (way.keyed() != nullptr || !becomes(target, Json::value_t::object)) {
            return false; // a list with ids was expected, or a plain value
        }
        simdjson::dom::object members;
        if (source.get(members) != simdjson::SUCCESS) {
            return false;
        }
        bool changed = false;
        for (const auto field : members) {
            Json* const member = slot(target, field.key, field.value);
            if (member != nullptr && value(*member, field.value, way.into(field.key), depth + 1)) {
                changed = true;
            }
        }
        return changed;
    }

    /// The member to merge into, made when it is new; nullptr where nothing is to be merged.
    Json* slot(Json& target, std::string_view key, const element& source) {
        if (source.is_null() || (sanitised_ && key.find("\xEF\xBF\xBD") != std::string_view::npos)) {
            return nullptr;
        }
        auto& members = target.get_ref<Json::object_t&>();
        const auto found = members.find(key);
        if (found != members.end()) {
            return &found->second;
        }
        return members.size() < max_members ? &members[std::string{key}] : nullptr;
    }

    /// Merges a list whose elements have ids, telling each element that became different. True when elements of a
    /// full list of AMS units are gone.
    template <typename OnChange>
    bool each_item(Json& target, const element& source, const KeyedList& list, const Way& way, int depth,
                   const OnChange& on_change) {
        simdjson::dom::array items;
        if (source.get(items) != simdjson::SUCCESS || !becomes(target, Json::value_t::object)) {
            return false;
        }
        const bool complete = full_ && list.path == "ams/ams";
        std::vector<std::string> seen;
        for (const auto item : items) {
            auto id = item_id(item, list.id);
            Json* const member = id.empty() ? nullptr : slot(target, id, item);
            if (member != nullptr && value(*member, item, way.into("*"), depth + 1)) {
                on_change(target.get_ref<Json::object_t&>().find(id)->first);
            }
            if (complete) {
                seen.push_back(std::move(id));
            }
        }
        const auto gone = [&](const auto& member) { return std::ranges::find(seen, member.first) == seen.end(); };
        return complete && std::erase_if(target.get_ref<Json::object_t&>(), gone) > 0;
    }

  private:
    /// Makes a new value an object; tells whether it is one. A list can turn into an object, a scalar cannot.
    static bool becomes(Json& target, Json::value_t kind) {
        if (target.is_null() || target.is_array()) {
            target = kind;
        }
        return target.type() == kind;
    }

    bool keyed_list(Json& target, const element& source, const KeyedList& list, const Way& way, int depth) {
        bool changed = false;
        each_item(target, source, list, way, depth, [&](std::string_view) { changed = true; });
        return changed;
    }

    static std::string item_id(const element& item, const char* key) {
        element id;
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

    bool list(Json& target, const element& source) {
        if (!target.is_null() && !target.is_array()) {
            return false;
        }
        Json next = to_json(source, 0);
        if (target == next && !target.is_null()) {
            return false;
        }
        target = std::move(next);
        return true;
    }

    bool text(Json& target, std::string_view source) {
        if (sanitised_ && source.find("\xEF\xBF\xBD") != std::string_view::npos) {
            return false;
        }
        if (target.is_string()) {
            auto& current = target.get_ref<std::string&>();
            if (current == source) {
                return false;
            }
            current.assign(source);
            return true;
        }
        if (target.is_structured()) {
            return false;
        }
        target = std::string{source};
        return true;
    }

    template <typename T>
    bool scalar(Json& target, T source) {
        if (target.is_structured() || (!target.is_null() && target == source && target.is_boolean() == std::is_same_v<T, bool>)) {
            return false;
        }
        target = source;
        return true;
    }

    Json to_json(const element& source, int depth) {
        if (depth > max_depth) {
            return nullptr;
        }
        Json result;
        simdjson::dom::array items;
        simdjson::dom::object members;
        if (source.get(items) == simdjson::SUCCESS) {
            result = Json::array();
            for (const auto item : items) {
                result.push_back(to_json(item, depth + 1));
            }
        } else if (source.get(members) == simdjson::SUCCESS) {
            result = Json::object();
            for (const auto field : members) {
                result[std::string{field.key}] = to_json(field.value, depth + 1);
            }
        } else {
            value(result, source, Way{}, 0);
        }
        return result;
    }

    bool full_;
    bool sanitised_;
};

/// What changes with every message and means nothing to anybody.
constexpr std::array<std::string_view, 4> envelope{"command", "msg", "sequence_id", "t_utc"};

/// Some firmware writes these beside `print`.
constexpr std::array<std::string_view, 4> siblings{"fun", "wifi_signal", "ams", "xcam"};

bool has_children(std::string_view key) {
    return key == "device" || key == "ams";
}

/// Merges below `device` or `ams`, telling changes child by child and AMS units apart, so that only the entities of
/// what changed are looked at.
void merge_children(Merge& merge, Json& parent, std::string_view key, const simdjson::dom::object& source,
                    Changes& changes) {
    if (parent.is_null()) {
        parent = Json::object();
    }
    if (!parent.is_object()) {
        return;
    }
    for (const auto field : source) {
        Json* const member = merge.slot(parent, field.key, field.value);
        if (member == nullptr) {
            continue;
        }
        const std::string_view child = parent.get_ref<Json::object_t&>().find(field.key)->first;
        const auto way = Way{}.into(key).into(child);
        if (key == "ams" && child == "ams") {
            const auto units_before = member->is_object() ? member->size() : 0;
            const auto tell = [&](std::string_view id) { changes.push_back(Change{key, id}); };
            const bool gone = merge.each_item(*member, field.value, keyed_lists[0], way, 2, tell);
            if (gone || !member->is_object() || member->size() != units_before) {
                changes.push_back(Change{key, child});
            }
        } else if (merge.value(*member, field.value, way, 2)) {
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

std::optional<unsigned> unit_bit(int unit) {
    if (unit >= 0 && unit <= 3) {
        return static_cast<unsigned>(unit);
    }
    return unit >= 128 && unit <= 135 ? std::optional{4U + static_cast<unsigned>(unit - 128)} : std::nullopt;
}

std::optional<unsigned> tray_bit(int unit, int slot) {
    if (unit == 16) {
        return 24U + static_cast<unsigned>(slot);
    }
    if (unit >= 128 && unit <= 135) {
        return 16U + static_cast<unsigned>(unit - 128);
    }
    return unit >= 0 && unit <= 3 ? std::optional{4U * static_cast<unsigned>(unit) + static_cast<unsigned>(slot)}
                                  : std::nullopt;
}

} // namespace

std::optional<int> id_of(std::string_view key) {
    int id = 0;
    const auto* const end = key.data() + key.size();
    const auto [stopped, error] = std::from_chars(key.data(), end, id);
    return error == std::errc{} && stopped == end && id >= 0 ? std::optional{id} : std::nullopt;
}

void Document::merge(const Report& report, Changes& changes) {
    const auto units_before = exist_bits(root_, "ams_exist_bits");
    const auto trays_before = exist_bits(root_, "tray_exist_bits");
    Merge merge{report.full, report.sanitised};
    bool ams_touched = false;

    const auto take = [&](std::string_view name, const element& source) {
        Json* const member = merge.slot(root_, name, source);
        if (member == nullptr) {
            return;
        }
        const std::string_view key = root_.get_ref<Json::object_t&>().find(name)->first;
        simdjson::dom::object children;
        if (!has_children(name)) {
            if (merge.value(*member, source, Way{}.into(name), 1)) {
                changes.push_back(Change{key, {}});
            }
        } else if (source.get(children) == simdjson::SUCCESS) {
            merge_children(merge, *member, key, children, changes);
            ams_touched = ams_touched || name == "ams";
        }
    };

    for (const auto field : report.body) {
        if (std::ranges::find(envelope, field.key) == envelope.end() && field.key != "gateway") {
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
        unplug(units_before, trays_before, changes);
    }
    complete_ = complete_ || report.full;
}

/// When an exist bit goes from 1 to 0 the thing was taken out: what was known of it is dropped, so that it cannot come
/// back as a lie with the next thing put there.
void Document::unplug(std::optional<std::uint64_t> units_before, std::optional<std::uint64_t> trays_before,
                      Changes& changes) {
    auto& ams = root_["ams"];
    if (!ams.contains("ams") || !ams["ams"].is_object()) {
        return;
    }
    auto& ams_members = ams.get_ref<Json::object_t&>();
    const std::string_view list_key = ams_members.find("ams")->first;
    auto& units = ams["ams"].get_ref<Json::object_t&>();
    const auto units_now = exist_bits(root_, "ams_exist_bits");
    const auto trays_now = exist_bits(root_, "tray_exist_bits");
    const std::string_view ams_key = root_.get_ref<Json::object_t&>().find("ams")->first;
    const auto left = [](auto before, auto now, std::optional<unsigned> index) {
        return before && now && index && read::bit(*before, *index) && !read::bit(*now, *index);
    };
    const auto gone = std::erase_if(units, [&](const auto& unit) {
        const auto id = id_of(unit.first);
        return id && left(units_before, units_now, unit_bit(*id));
    });
    if (gone > 0 || units_before != units_now) {
        changes.push_back(Change{ams_key, list_key});
    }
    for (auto& [key, unit] : units) {
        const auto id = id_of(key);
        if (!id || !unit.is_object() || !unit.contains("tray") || !unit["tray"].is_object()) {
            continue;
        }
        for (auto& [slot_key, tray] : unit["tray"].get_ref<Json::object_t&>()) {
            const auto slot = id_of(slot_key);
            if (slot && *slot < 4 && left(trays_before, trays_now, tray_bit(*id, *slot))) {
                tray = Json{{"id", slot_key}};
                changes.push_back(Change{ams_key, key});
            }
        }
    }
}

void Document::set(std::string_view key, Json value, Changes& changes) {
    auto& own = root_["gateway"];
    if (!own.is_object()) {
        own = Json::object();
    }
    auto& member = own[std::string{key}];
    if (member != value) {
        member = std::move(value);
        changes.push_back(Change{root_.get_ref<Json::object_t&>().find("gateway")->first,
                                 own.get_ref<Json::object_t&>().find(key)->first});
    }
}

void Document::tell(std::string_view key, Json value, Changes& changes) {
    auto& member = root_[std::string{key}];
    if (member != value) {
        member = std::move(value);
        changes.push_back(Change{root_.get_ref<Json::object_t&>().find(key)->first, {}});
    }
}

const Json* Document::find(std::string_view path) const {
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
    return at;
}

bool Document::unit_present(int unit) const {
    const Json* const units = find("ams/ams");
    if (units == nullptr || !units->is_object() || !units->contains(std::to_string(unit))) {
        return false;
    }
    const auto bits = exist_bits(root_, "ams_exist_bits");
    const auto index = unit_bit(unit);
    return !bits || !index || read::bit(*bits, *index);
}

std::optional<bool> Document::tray_present(int unit, int slot) const {
    const auto bits = exist_bits(root_, "tray_exist_bits");
    const auto index = tray_bit(unit, slot);
    if (!bits || !index) {
        return std::nullopt;
    }
    return read::bit(*bits, *index);
}

} // namespace bambu2mqtt
