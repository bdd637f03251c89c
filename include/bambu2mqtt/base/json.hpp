// The two JSON types: `Json` sorts its keys (state), `OrderedJson` keeps them in the order written
// (messages).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace bambu2mqtt {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

/// The text as a JSON string; null if empty.
[[nodiscard]] OrderedJson text_or_null(std::string_view text);

/// Compact JSON text. Never fails: bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string json_text(const Json& value);
[[nodiscard]] std::string json_text(const OrderedJson& value);

} // namespace bambu2mqtt
