// Merges one JSON value from a report into the known state. Knows which lists are keyed by an id, nothing
// else.
#pragma once

#include <bambu2mqtt/base/json.hpp>

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

/// A list whose elements are identified by a member.
struct KeyedList {
    std::string_view path{}; ///< ids in the path are written as *
    const char* id = "id";
};

inline constexpr KeyedList unit_list{"ams/ams", "id"};
inline constexpr KeyedList tray_list{"ams/ams/*/tray", "id"};

/// The current path of the merge in the state, as far as needed to find keyed lists.
class FieldPath {
  public:
    [[nodiscard]] FieldPath into(std::string_view key) const;

    /// Below an element of a list that is replaced completely: there are no keyed lists.
    [[nodiscard]] static FieldPath nowhere() {
        FieldPath field_path;
        field_path.possible_ = 0;
        return field_path;
    }

    /// The keyed list at this path; nullptr if there is none.
    [[nodiscard]] const KeyedList* keyed() const;

  private:
    std::uint8_t possible_ = 0xFF; ///< one bit for each keyed list whose path begins with the current one
    std::uint8_t next_ = 0;        ///< offset of the next key in their paths
};

/// The merged value with every keyed list as a list again, ordered by number where its ids are numbers.
[[nodiscard]] Json listed(const Json& value, const FieldPath& field_path);

/// The rules for one report; stores nothing between reports.
class Merge {
  public:
    using Element = simdjson::dom::element;
    using Member = Json::object_t::value_type;
    using OnChange = std::function<void(std::string_view id)>;

    /// `full`: AMS units missing from their list are removed. `sanitised`: texts with U+FFFD are skipped.
    Merge(bool full, bool sanitised) : full_(full), sanitised_(sanitised) {}

    /// Merges `source` into `target`; returns true if anything changed.
    bool value(Json& target, const Element& source, const FieldPath& field_path, int depth);

    /// A position in an object's members: where the next one is expected. Most firmware writes its keys in
    /// alphabetical order, the order of the state, so that they need not be searched.
    using Place = Json::object_t::iterator;

    /// The first position of an object.
    [[nodiscard]] static Place begin(Json& object) { return object.get_ref<Json::object_t&>().begin(); }

    /// The member to merge into, created if new; nullptr if nothing is to be merged. Advances `next`.
    Member* find_or_insert(Json& target, std::string_view key, const Element& source, Place& next);

    /// Upper limit of the bytes by which the state has grown, by memory_of(): freed memory is not subtracted.
    [[nodiscard]] std::size_t grown() const noexcept { return grown_; }

    /// The list of AMS units: records each unit whose own fields changed, and each changed tray. True when
    /// units were added or removed.
    bool units(Json& target, const Element& source, const OnChange& unit_changed,
               const std::function<void(std::string_view unit, std::string_view tray)>& tray_changed);

  private:
    bool object(Json& target, const Element& source, const FieldPath& field_path, int depth);
    bool items(Json& target, const Element& source, const KeyedList& list, const FieldPath& field_path,
               int depth, const OnChange& on_change);
    bool list(Json& target, const Element& source, int depth);
    bool text(Json& target, std::string_view source);
    bool turns_into_object(Json& target);

    bool full_;
    bool sanitised_;
    std::size_t grown_ = 0;
};

} // namespace bambu2mqtt
