// Buttons that answer the dialog of an error. They work only while the printer shows an error whose dialog
// offers the answer, and only for answers whose request was recorded: `ignore` of an H2C, `ams_control` with
// `resume` of several models.
#include "entity/rows.hpp"
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/entity/faults.hpp>
#include <bambu2mqtt/texts/error_patterns.hpp>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

// clang-format off
/// print_error codes whose dialog offers "ignore", as patterns of error_patterns.hpp. From the action lists of the
/// vendor's slicer (actions 25 and 27 in resources/hms/hms_action_*.json of Bambu Studio), 0500-809C from a printer.
constexpr auto ignored_codes = std::to_array<std::string_view>({
    "0500-803C", "0500-8051", "05uu-8053", "0500-8061", "0500-8062", "05uu-806A", "0500-8072", "0500-8085", "0500-8086",
    "0500-8087", "0500-8088", "0500-808C", "0500-808D", "0500-808F", "0500-8091", "0500-8092", "0500-8093", "0500-809C",
    "0500-80A0", "0C00-8034"});

/// The same for "retry" (actions 8, 9 and 34): a step of loading or unloading filament is done again.
constexpr auto retried_codes = std::to_array<std::string_view>({
    "mmuu-8003", "mmuu-8004", "mmuu-8005", "mmuu-8006", "mmuu-8010", "nnuu-8033", "nnuu-8034", "07uu-8036",
    "mmFE-8002", "mmFE-8007", "mmFE-8025", "mmFE-C003", "mmFE-C006", "mmFE-C008", "mmFE-C009", "mmFE-C00A", "mmFE-C010",
    "mmFF-8002", "mmFF-8007", "mmFF-8025", "mmFF-C003", "mmFF-C006", "mmFF-C008", "mmFF-C009", "mmFF-C00A", "mmFF-C010"});

// clang-format on

bool shows_one_of(std::span<const std::string_view> patterns, const ReportState& report) {
    const auto error = error_code(report).value_or(0);
    const auto code = shown_code(error);
    return is_problem(error) && std::ranges::any_of(patterns, [&code](std::string_view pattern) {
               return matches_pattern(pattern, code);
           });
}

bool can_ignore(const ReportState& report) {
    return shows_one_of(ignored_codes, report);
}

bool can_retry(const ReportState& report) {
    return shows_one_of(retried_codes, report);
}

// clang-format off
constexpr std::array dialog_rows_table{
    Entity{.id = "ignore_error", .component = Component::button, .icon = "mdi:debug-step-over", .control = {.command = "ignore_error", .payload = Payload::press, .kept = "error", .kept_from = "print_error_code", .applies = can_ignore}},
    Entity{.id = "retry_load_filament", .component = Component::button, .icon = "mdi:reload-alert", .control = {.command = "retry_load_filament", .payload = Payload::press, .applies = can_retry}},
};
// clang-format on

} // namespace

std::span<const Entity> dialog_button_rows() {
    return dialog_rows_table;
}

} // namespace bambu2mqtt
