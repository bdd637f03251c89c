// Merging one JSON value from a report into what is known. Knows which lists are keyed by an id, nothing
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

/// A list whose elements are told apart by a member.
struct KeyedList {
    std::string_view path{}; ///< ids of the way are written as *
    const char* id = "id";
};

inline constexpr KeyedList unit_list{"ams/ams", "id"};
inline constexpr KeyedList tray_list{"ams/ams/*/tray", "id"};

/// Where in the document the merge stands, as far as a keyed list may still come.
class FieldPath {
  public:
    [[nodiscard]] FieldPath into(std::string_view key) const;

    /// The keyed list that belongs here; nullptr where none does.
    [[nodiscard]] const KeyedList* keyed() const;

  private:
    std::uint8_t possible_ = 0xFF; ///< one bit for each keyed list whose path begins with the way here
    std::uint8_t next_ = 0;        ///< where in their paths the next key begins
};

/// What was merged, with every keyed list as a list again, by number where its ids are numbers.
[[nodiscard]] Json listed(const Json& value, const FieldPath& field_path);

/// The rules for one report; keeps nothing between reports.
class Merge {
  public:
    using Element = simdjson::dom::element;
    using Member = Json::object_t::value_type;
    using OnChange = std::function<void(std::string_view id)>;

    /// `full`: AMS units absent from their list are gone. `sanitised`: texts with U+FFFD are not taken.
    Merge(bool full, bool sanitised) : full_(full), sanitised_(sanitised) {}

    /// Merges `source` into `target`; tells whether anything became different.
    bool value(Json& target, const Element& source, const FieldPath& field_path, int depth);

    /// A place in an object's members: where the next one is expected. Much firmware writes its keys in
    /// alphabetical order, which is the order of the document, so that they need not be searched for.
    using Place = Json::object_t::iterator;

    /// The first place of an object.
    [[nodiscard]] static Place begin(Json& object) { return object.get_ref<Json::object_t&>().begin(); }

    /// The member to merge into, made when it is new; nullptr where nothing is to be merged. `next` moves on.
    Member* find_or_insert(Json& target, std::string_view key, const Element& source, Place& next) const;

    /// The list of AMS units: tells each unit whose own fields changed, and each tray that did. True when
    /// units came or went.
    bool units(Json& target, const Element& source, const OnChange& unit_changed,
               const std::function<void(std::string_view unit, std::string_view tray)>& tray_changed);

  private:
    bool object(Json& target, const Element& source, const FieldPath& field_path, int depth);
    bool items(Json& target, const Element& source, const KeyedList& list, const FieldPath& field_path,
               int depth, const OnChange& on_change);
    bool list(Json& target, const Element& source);
    bool text(Json& target, std::string_view source) const;

    bool full_;
    bool sanitised_;
};

} // namespace bambu2mqtt
