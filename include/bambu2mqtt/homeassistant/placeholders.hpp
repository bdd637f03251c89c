// The fixed list of placeholders for discovery-templates/, and how a template is filled with their values.
// Independent of entities: discovery.hpp provides the values.
#pragma once

#include <bambu2mqtt/base/json.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Values of the placeholders for one message. A value may be any JSON; for an unknown name or null the key
/// or list element with this placeholder is removed.
using Placeholders = std::map<std::string, OrderedJson, std::less<>>;

/// Where a placeholder can have a value.
enum class PlaceholderScope : std::uint8_t {
    device,    ///< in every template and every override
    component, ///< in the templates of components and in overrides of entities, not in device.json
};

/// One placeholder; `meaning` is a sentence fragment for the documentation.
struct Placeholder {
    std::string_view name{};
    PlaceholderScope scope = PlaceholderScope::device;
    std::string_view meaning{};
};

/// All placeholders, in the order of the documentation. Any other name in a template is an error.
[[nodiscard]] std::span<const Placeholder> placeholder_names();

/// The placeholder with this name, or nullptr.
[[nodiscard]] const Placeholder* find_placeholder(std::string_view name);

/// A copy of `form` with `${name}` replaced in all its values. A text that is exactly one placeholder takes
/// the JSON type of the value; inside longer text numbers and booleans are written as in JSON. Values are not
/// searched for placeholders again. A form that is removed completely gives null.
[[nodiscard]] OrderedJson fill_template(const OrderedJson& form, const Placeholders& values);

/// The next `${name}` in a text.
struct PlaceholderUse {
    std::size_t begin = std::string_view::npos; ///< of "${"; npos: there is none
    std::size_t end = std::string_view::npos;   ///< after "}"; npos: not closed
    std::string_view name{};
};

/// Searches `text` for a placeholder from byte `from` on.
[[nodiscard]] PlaceholderUse next_placeholder(std::string_view text, std::size_t from);

} // namespace bambu2mqtt
