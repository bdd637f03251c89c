// The two JSON types: `Json` sorts its keys (state), `OrderedJson` keeps them in the order written
// (messages).
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace bambu2mqtt {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

} // namespace bambu2mqtt
