#include <bambu2mqtt/base/json.hpp>

#include <nlohmann/json.hpp>

namespace bambu2mqtt {

OrderedJson text_or_null(std::string_view text) {
    return text.empty() ? OrderedJson(nullptr) : OrderedJson(text);
}

std::string json_text(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string json_text(const OrderedJson& value) {
    return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

} // namespace bambu2mqtt
