// Names as the part of an entity id behind the dot.
#pragma once

#include <string>
#include <string_view>

namespace bambu2mqtt {

/// `text` (UTF-8) as the part of an entity id behind the dot: [a-z0-9_], no `_` at either end and none
/// doubled. Latin letters become their ASCII base (ä a, ö o, ß ss, ø o, ł l), combining accents are dropped,
/// everything else is a `_`. Empty where nothing is left, as for a name in Chinese.
[[nodiscard]] std::string entity_slug(std::string_view text);

} // namespace bambu2mqtt
