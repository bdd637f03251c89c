// Limits for JSON text from outside and from disk, which are checked before it is parsed.
#pragma once

#include <bambu2mqtt/base/json.hpp>

#include <optional>
#include <string_view>

namespace bambu2mqtt::read {

/// Whether lists and objects are nested no deeper than 64 levels (copying, writing and comparing values
/// recurse on the stack), and there are no more than 100,000 values (each takes many times the memory of its
/// text). What is inside texts does not count.
[[nodiscard]] bool is_within_limits(std::string_view text);

/// Like json(), with the members of objects in the order of the text.
[[nodiscard]] std::optional<OrderedJson> ordered_json(std::string_view text);

} // namespace bambu2mqtt::read
