// print_error and the HMS list: two separate channels of trouble.
#include "rows.hpp"
#include <bambu2mqtt/core/read.hpp>
#include <bambu2mqtt/entity/decode.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

using namespace decode;

/// Low words below this are status, not errors.
constexpr std::uint32_t first_error = 0x4000;

/// A job the user cancelled is no problem: 0300-400C and 0500-400E.
constexpr std::array<std::uint32_t, 2> cancel_codes{0x0300400C, 0x0500400E};

constexpr std::string_view wiki = "https://e.bambulab.com/?e=";

/// print_error as 32 bits; some firmware writes high modules as negative numbers.
std::optional<std::uint32_t> error_code(const Document& report) {
    const auto code = read::signed_word(report.find("print_error"));
    return code && *code <= 0xFFFFFFFFULL ? std::optional{static_cast<std::uint32_t>(*code)} : std::nullopt;
}

/// As the printer shows it: 0300-400C.
std::string shown(std::uint32_t code) {
    return fmt::format("{:04X}-{:04X}", code >> 16U, code & 0xFFFFU);
}

bool is_problem(std::uint32_t code) {
    return (code & 0xFFFFU) >= first_error && std::ranges::find(cancel_codes, code) == cancel_codes.end();
}

Value print_error(const View& view) {
    const auto code = error_code(view.report);
    return code ? Value{is_problem(*code)} : not_known;
}

void print_error_attributes(const View& view, OrderedJson& out) {
    const auto code = error_code(view.report);
    const bool any = code.value_or(0) != 0;
    out["code"] = any ? OrderedJson(shown(*code)) : OrderedJson(nullptr);
    out["decimal"] = any ? OrderedJson(*code) : OrderedJson(nullptr);
    out["url"] = any ? OrderedJson(fmt::format("{}{:08X}", wiki, *code)) : OrderedJson(nullptr);
}

Value print_error_code(const View& view) {
    const auto code = error_code(view.report);
    return code.value_or(0) != 0 ? Value{shown(*code)} : not_known;
}

/// attr >> 24; everything else has no name that is known.
OrderedJson hms_module(std::uint32_t attr) {
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

OrderedJson hms_severity(std::uint32_t code) {
    constexpr std::array<const char*, 4> names{"fatal", "serious", "common", "info"};
    const auto level = code >> 16U;
    return level >= 1 && level <= names.size() ? OrderedJson(names[level - 1]) : OrderedJson(nullptr);
}

std::optional<std::uint32_t> half(const Json& entry, std::string_view key) {
    const auto word = read::signed_word(member(&entry, key));
    return word && *word <= 0xFFFFFFFFULL ? std::optional{static_cast<std::uint32_t>(*word)} : std::nullopt;
}

/// The entries of `hms` that make sense: {attr, code}.
OrderedJson hms_entries(const Json& list) {
    auto entries = OrderedJson::array();
    for (const auto& entry : list) {
        const auto attr = half(entry, "attr");
        const auto code = half(entry, "code");
        if (attr && code) {
            entries.push_back(OrderedJson{{"code", shown(*attr) + "-" + shown(*code)},
                                          {"severity", hms_severity(*code)},
                                          {"module", hms_module(*attr)},
                                          {"url", fmt::format("{}{:08X}{:08X}", wiki, *attr, *code)}});
        }
    }
    return entries;
}

std::optional<OrderedJson> hms_list(const View& view) {
    const Json* const list = field(view);
    return list != nullptr && list->is_array() ? std::optional{hms_entries(*list)} : std::nullopt;
}

Value hms(const View& view) {
    const auto entries = hms_list(view);
    return entries ? Value{!entries->empty()} : not_known;
}

Value hms_count(const View& view) {
    const auto entries = hms_list(view);
    return entries ? Value{static_cast<std::int64_t>(entries->size())} : not_known;
}

void hms_attributes(const View& view, OrderedJson& out) {
    auto entries = hms_list(view).value_or(OrderedJson::array());
    out["count"] = entries.size();
    out["errors"] = std::move(entries);
}

// clang-format off
constexpr std::array rows{
    Entity{.id = "print_error", .component = Component::binary_sensor, .quantity = quantity::problem, .category = Category::diagnostic, .from = {"print_error"}, .decode = print_error, .attributes = print_error_attributes},
    Entity{.id = "print_error_code", .category = Category::diagnostic, .from = {"print_error"}, .decode = print_error_code, .icon = "mdi:alert-octagon-outline"},
    Entity{.id = "hms", .component = Component::binary_sensor, .name = "HMS", .quantity = quantity::problem, .category = Category::diagnostic, .from = {"hms"}, .decode = hms, .attributes = hms_attributes},
    Entity{.id = "hms_count", .name = "HMS count", .quantity = quantity::count, .category = Category::diagnostic, .from = {"hms"}, .decode = hms_count, .icon = "mdi:alert-outline"},
};
// clang-format on

} // namespace

std::span<const Entity> error_rows() {
    return rows;
}

} // namespace bambu2mqtt
