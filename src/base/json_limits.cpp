#include <bambu2mqtt/base/json_limits.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace bambu2mqtt::read {

namespace {

constexpr int deepest = 64;
constexpr std::size_t most_values = 100'000; ///< each may take more than a hundred bytes

} // namespace

bool is_within_limits(std::string_view text) {
    int depth = 0;
    int greatest = 0;
    std::size_t values = 1;
    bool in_text = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (in_text) {
            at += c == '\\' ? 1 : 0;
            in_text = c != '"';
        } else if (c == '"') {
            in_text = true;
        } else if (c == '{' || c == '[') {
            greatest = std::max(greatest, ++depth);
            ++values;
        } else if (c == ',') {
            ++values;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return greatest <= deepest && values <= most_values;
}

std::optional<OrderedJson> ordered_json(std::string_view text) {
    if (!is_within_limits(text)) {
        return std::nullopt;
    }
    auto value = OrderedJson::parse(text, nullptr, false);
    return value.is_discarded() ? std::nullopt : std::optional{std::move(value)};
}

} // namespace bambu2mqtt::read
