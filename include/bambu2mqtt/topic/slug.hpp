// Names as the object part of an entity id.
#pragma once

#include <string>
#include <string_view>

namespace bambu2mqtt {

/// `text` (UTF-8) as the object part of an entity id: [a-z0-9_], no `_` at either end and none doubled. Latin
/// letters become their ASCII base (ä a, ö o, ß ss, ø o, ł l), combining accents are dropped, everything else
/// becomes `_`. Empty if nothing is left, as for a name in Chinese.
[[nodiscard]] std::string entity_slug(std::string_view text);

} // namespace bambu2mqtt
