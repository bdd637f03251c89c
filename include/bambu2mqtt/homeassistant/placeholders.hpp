// The fixed list of placeholders that discovery-templates/ may use, and how a form is filled with their
// values. Knows nothing of entities: what the values are is decided in discovery.hpp.
#pragma once

#include <bambu2mqtt/base/json.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// What placeholders stand for in one message. A value may be any JSON; a name that is not in here, or null,
/// makes the key or list element that uses this placeholder disappear.
using Placeholders = std::map<std::string, OrderedJson, std::less<>>;

/// Where a placeholder can have a value.
enum class PlaceholderScope : std::uint8_t {
    device,    ///< in every form and every override
    component, ///< in the forms of components and in overrides of entities, not in device.json
};

/// One placeholder; `meaning` is a sentence fragment for the documentation.
struct Placeholder {
    std::string_view name{};
    PlaceholderScope scope = PlaceholderScope::device;
    std::string_view meaning{};
};

/// All placeholders there are, in the order of the documentation. Any other name in a template is an error.
[[nodiscard]] std::span<const Placeholder> placeholder_names();

/// The placeholder called `name`, or nullptr.
[[nodiscard]] const Placeholder* find_placeholder(std::string_view name);

/// A copy of `form` with `${name}` replaced everywhere in its values. A text that is exactly one placeholder
/// takes the JSON type of the value; inside longer text numbers and booleans stand as in JSON. Values are not
/// searched for placeholders again. A form that disappears as a whole gives null.
[[nodiscard]] OrderedJson fill_template(const OrderedJson& form, const Placeholders& values);

/// The next `${name}` in a text.
struct PlaceholderUse {
    std::size_t begin = std::string_view::npos; ///< of "${"; npos: there is none
    std::size_t end = std::string_view::npos;   ///< behind "}"; npos: it is never closed
    std::string_view name{};
};

/// Looks for a placeholder in `text` from byte `from` on.
[[nodiscard]] PlaceholderUse next_placeholder(std::string_view text, std::size_t from);

} // namespace bambu2mqtt
