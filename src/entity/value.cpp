#include <bambu2mqtt/entity/value.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace bambu2mqtt {

namespace {

constexpr std::size_t state_limit = 255;

std::string decimal(double number) {
    auto text = fmt::format("{:.3f}", number);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') {
        text.pop_back();
    }
    return text == "-0" ? "0" : text;
}

} // namespace

std::string cut_text(const std::string& text, std::size_t characters) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool starts = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
        if (starts && count++ == characters) {
            return text.substr(0, i);
        }
    }
    return text;
}

std::optional<double> number_in(const Value& value) {
    if (const auto* const integer = std::get_if<std::int64_t>(&value)) {
        return static_cast<double>(*integer);
    }
    const auto* const real = std::get_if<double>(&value);
    return real != nullptr ? std::optional{*real} : std::nullopt;
}

std::string payload_of(const Value& value) {
    if (const auto* const flag = std::get_if<bool>(&value)) {
        return *flag ? "ON" : "OFF";
    }
    if (const auto* const whole = std::get_if<std::int64_t>(&value)) {
        return std::to_string(*whole);
    }
    if (const auto* const number = std::get_if<double>(&value)) {
        return decimal(*number);
    }
    if (const auto* const text = std::get_if<std::string>(&value); text != nullptr && !text->empty()) {
        return text->size() <= state_limit ? *text : cut_text(*text, state_limit);
    }
    return "None";
}

Json json_of(const Value& value) {
    if (const auto* const flag = std::get_if<bool>(&value)) {
        return *flag;
    }
    if (const auto* const whole = std::get_if<std::int64_t>(&value)) {
        return *whole;
    }
    if (const auto* const number = std::get_if<double>(&value)) {
        const auto rounded = std::round(*number * 1000) / 1000;
        return rounded == std::trunc(rounded) ? Json(static_cast<std::int64_t>(rounded)) : Json(rounded);
    }
    if (const auto* const text = std::get_if<std::string>(&value); text != nullptr && !text->empty()) {
        return *text;
    }
    return nullptr;
}

} // namespace bambu2mqtt
