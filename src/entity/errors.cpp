// print_error and the HMS list: two separate channels.
#include "entity/rows.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/entity/faults.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

using namespace decode;

constexpr std::string_view wiki = "https://e.bambulab.com/?e=";

/// The module in the top byte of a code; other values have no known name.
OrderedJson module_of(std::uint32_t attr) {
    switch (attr >> 24U) {
    case 0x03:
        return "motion_controller";
    case 0x05:
        return "mainboard";
    case 0x07:
    case 0x12:
        return "ams";
    case 0x08:
        return "toolhead";
    case 0x0C:
        return "xcam";
    case 0x18:
        return "ams_ht";
    default:
        return nullptr;
    }
}

OrderedJson hms_severity(const HmsMessage& message) {
    constexpr std::array<const char*, 4> names{"fatal", "serious", "common", "info"};
    const auto level = message.severity();
    return level >= 1 && level <= names.size() ? OrderedJson(names[level - 1]) : OrderedJson(nullptr);
}

OrderedJson url_of(std::uint32_t print_error) {
    return fmt::format("{}{:08X}", wiki, print_error);
}

Value print_error(const View& view) {
    const auto code = error_code(view.report);
    return code ? Value{is_problem(*code)} : not_known;
}

/// `codes` are those that make the state ON; a print_error has no severity.
void print_error_attributes(const View& view, OrderedJson& out) {
    const auto code = error_code(view.report);
    const bool any = code.value_or(0) != 0;
    out["code"] = any ? OrderedJson(shown_code(*code)) : OrderedJson(nullptr);
    out["decimal"] = any ? OrderedJson(*code) : OrderedJson(nullptr);
    out["url"] = any ? url_of(*code) : OrderedJson(nullptr);
    out["codes"] = OrderedJson::array();
    out["without_text"] = OrderedJson::array();
    if (code && is_problem(*code)) {
        out["codes"].push_back(OrderedJson{{"code", shown_code(*code)},
                                           {"severity", nullptr},
                                           {"module", module_of(*code)},
                                           {"url", url_of(*code)}});
    } else if (code && has_no_text(*code)) {
        out["without_text"].push_back(shown_code(*code));
    }
}

Value print_error_code(const View& view) {
    const auto code = error_code(view.report);
    return code.value_or(0) != 0 ? Value{shown_code(*code)} : not_known;
}

Value hms(const View& view) {
    const auto messages = hms_messages(view.report);
    return messages ? Value{!messages->empty()} : not_known;
}

Value hms_count(const View& view) {
    const auto messages = hms_messages(view.report);
    return messages ? Value{static_cast<std::int64_t>(messages->size())} : not_known;
}

void hms_attributes(const View& view, OrderedJson& out) {
    auto codes = OrderedJson::array();
    for (const auto& message : hms_messages(view.report).value_or(std::vector<HmsMessage>{})) {
        codes.push_back(
            OrderedJson{{"code", shown_code(message)},
                        {"severity", hms_severity(message)},
                        {"module", module_of(message.attr)},
                        {"url", fmt::format("{}{:08X}{:08X}", wiki, message.attr, message.code)}});
    }
    auto without_text = OrderedJson::array();
    for (const auto& message : hms_without_text(view.report)) {
        without_text.push_back(shown_code(message));
    }
    out["count"] = codes.size();
    out["codes"] = std::move(codes);
    out["without_text"] = std::move(without_text);
}

// clang-format off
constexpr std::array errors_rows_table{
    Entity{.id = "print_error", .component = Component::binary_sensor, .quantity = quantity::problem, .category = Category::diagnostic, .from = {"print_error"}, .decode = print_error, .attributes = print_error_attributes},
    Entity{.id = "print_error_code", .category = Category::diagnostic, .from = {"print_error"}, .decode = print_error_code, .icon = "mdi:alert-octagon-outline"},
    Entity{.id = "hms", .component = Component::binary_sensor, .name = "HMS", .quantity = quantity::problem, .category = Category::diagnostic, .from = {"hms"}, .decode = hms, .attributes = hms_attributes},
    Entity{.id = "hms_count", .name = "HMS count", .quantity = quantity::count, .category = Category::diagnostic, .from = {"hms"}, .decode = hms_count, .icon = "mdi:alert-outline"},
};
// clang-format on

} // namespace

std::span<const Entity> error_rows() {
    return errors_rows_table;
}

} // namespace bambu2mqtt
