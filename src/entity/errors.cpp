// print_error and the HMS list: two separate channels.
#include "entity/rows.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/entity/error_texts.hpp>
#include <bambu2mqtt/entity/gateway_state.hpp>

#include <fmt/format.h>

#include <array>

namespace bambu2mqtt {

namespace {

using namespace decode;

constexpr std::string_view wiki = "https://e.bambulab.com/?e=";

std::string url_of(const std::string& shown) {
    std::string digits = shown;
    std::erase(digits, '-');
    return fmt::format("{}{}", wiki, digits);
}

/// One element of `codes`. The link has no serial.
template <typename Fault>
OrderedJson fault_entry(const Fault& fault, std::uint32_t attr, const View& view) {
    return OrderedJson{{"code", shown_code(fault)},
                       {"severity", text_or_null(severity_of(fault))},
                       {"module", text_or_null(module_of(attr))},
                       {"text", error_text(fault, view.facts, view.gateway.language)},
                       {"url", url_of(shown_code(fault))}};
}

Value print_error(const View& view) {
    const auto code = error_code(view.report);
    return code ? Value{is_problem(*code)} : not_known;
}

/// `codes` are those that make the state ON.
void print_error_attributes(const View& view, OrderedJson& out) {
    const auto code = error_code(view.report);
    const bool any = code.value_or(0) != 0;
    out["code"] = any ? OrderedJson(shown_code(*code)) : OrderedJson(nullptr);
    out["decimal"] = any ? OrderedJson(*code) : OrderedJson(nullptr);
    out["url"] = any ? OrderedJson(url_of(shown_code(*code))) : OrderedJson(nullptr);
    out["codes"] = OrderedJson::array();
    out["without_text"] = OrderedJson::array();
    if (code && is_problem(*code)) {
        out["codes"].push_back(fault_entry(*code, *code, view));
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
        codes.push_back(fault_entry(message, message.attr, view));
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
