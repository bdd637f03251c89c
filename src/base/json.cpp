#include <bambu2mqtt/base/json.hpp>

#include <nlohmann/json.hpp>

namespace bambu2mqtt {

OrderedJson text_or_null(std::string_view text) {
    return text.empty() ? OrderedJson(nullptr) : OrderedJson(text);
}

} // namespace bambu2mqtt
