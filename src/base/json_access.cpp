#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/base/json_limits.hpp>

#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>

namespace bambu2mqtt::read {

namespace {

std::optional<double> parse_number(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with('+')) {
        text.remove_prefix(1);
    }
    double result = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, result);
    if (error != std::errc{} || stopped != end || !std::isfinite(result)) {
        return std::nullopt;
    }
    return result;
}

std::optional<std::uint64_t> parse_hex(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
    }
    if (text.empty() || text.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
        return std::nullopt;
    }
    if (text.size() > 16) {
        text.remove_prefix(text.size() - 16);
    }
    std::uint64_t result = 0;
    std::from_chars(text.data(), text.data() + text.size(), result, 16);
    return result;
}

template <typename Object>
const Object* find_member(const Object* object, std::string_view key) {
    if (object == nullptr || !object->is_object()) {
        return nullptr;
    }
    const auto found = object->find(key);
    return found == object->end() ? nullptr : &*found;
}

template <typename Object>
std::string_view find_text(const Object& object, std::string_view key) {
    const auto* const value = find_member(&object, key);
    const auto* const found = value == nullptr ? nullptr : value->template get_ptr<const std::string*>();
    return found == nullptr ? std::string_view{} : std::string_view{*found};
}

} // namespace

const Json* member(const Json* object, std::string_view key) {
    return find_member(object, key);
}

const OrderedJson* member(const OrderedJson* object, std::string_view key) {
    return find_member(object, key);
}

std::string_view text_member(const Json& object, std::string_view key) {
    return find_text(object, key);
}

std::string_view text_member(const OrderedJson& object, std::string_view key) {
    return find_text(object, key);
}

std::set<std::string> texts(const Json* list) {
    std::set<std::string> result;
    if (list != nullptr && list->is_array()) {
        for (const auto& item : *list) {
            result.insert(std::string{text(&item).value_or("")});
        }
    }
    return result;
}

std::optional<Json> json(std::string_view text) {
    if (!is_within_limits(text)) {
        return std::nullopt;
    }
    auto value = Json::parse(text, nullptr, false);
    return value.is_discarded() ? std::nullopt : std::optional{std::move(value)};
}

std::optional<double> number(const Json* value) {
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->is_number()) {
        const auto result = value->get<double>();
        return std::isfinite(result) ? std::optional{result} : std::nullopt;
    }
    if (value->is_string()) {
        return parse_number(value->get_ref<const std::string&>());
    }
    return std::nullopt;
}

std::optional<std::int64_t> integer(const Json* value) {
    if (value != nullptr && value->is_number_integer() && !value->is_number_unsigned()) {
        return value->get<std::int64_t>();
    }
    const auto result = number(value);
    if (!result || std::abs(*result) >= 9.2e18 || std::trunc(*result) != *result) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(*result);
}

std::optional<std::string_view> text(const Json* value) {
    if (value == nullptr || !value->is_string()) {
        return std::nullopt;
    }
    const std::string_view result = value->get_ref<const std::string&>();
    return result.empty() ? std::nullopt : std::optional{result};
}

std::optional<bool> flag(const Json* value) {
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->is_boolean()) {
        return value->get<bool>();
    }
    if (value->is_string()) {
        const auto& word_text = value->get_ref<const std::string&>();
        if (word_text == "true") {
            return true;
        }
        if (word_text == "false") {
            return false;
        }
    }
    const auto result = number(value);
    return result ? std::optional{*result != 0} : std::nullopt;
}

std::optional<std::uint64_t> word(const Json* value) {
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->is_string()) {
        return parse_hex(value->get_ref<const std::string&>());
    }
    return signed_word(value);
}

std::optional<std::uint64_t> signed_word(const Json* value) {
    const auto result = integer(value);
    if (!result) {
        return std::nullopt;
    }
    return *result < 0 ? static_cast<std::uint32_t>(*result) : static_cast<std::uint64_t>(*result);
}

} // namespace bambu2mqtt::read
