#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/entity/faults.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

/// Lower low words are status codes, not errors.
constexpr std::uint32_t first_error = 0x4000;

constexpr std::array<std::uint32_t, 2> cancel_codes{0x0300400C, 0x0500400E};

/// 32 bits; some firmware writes high modules as negative numbers.
std::optional<std::uint32_t> half(const Json* value) {
    const auto word = read::signed_word(value);
    return word && *word <= 0xFFFFFFFFULL ? std::optional{static_cast<std::uint32_t>(*word)} : std::nullopt;
}

/// The valid entries of an `hms` list, either those without a text or the others.
std::vector<HmsMessage> entries_of(const Json& list, bool without_text) {
    std::vector<HmsMessage> messages;
    for (const auto& entry : list) {
        const auto attr = half(decode::member(&entry, "attr"));
        const auto code = half(decode::member(&entry, "code"));
        if (attr && code && has_no_text(HmsMessage{*attr, *code}) == without_text) {
            messages.push_back(HmsMessage{*attr, *code});
        }
    }
    return messages;
}

} // namespace

std::optional<std::uint32_t> error_code(const ReportState& report) {
    return half(report.find("print_error"));
}

bool is_problem(std::uint32_t code) {
    return (code & 0xFFFFU) >= first_error && !is_cancellation(code) && !has_no_text(code);
}

bool is_cancellation(std::uint32_t code) {
    return std::ranges::find(cancel_codes, code) != cancel_codes.end();
}

std::string shown_code(std::uint32_t code) {
    return fmt::format("{:04X}-{:04X}", code >> 16U, code & 0xFFFFU);
}

std::string shown_code(const HmsMessage& message) {
    return shown_code(message.attr) + "-" + shown_code(message.code);
}

std::optional<std::vector<HmsMessage>> hms_messages(const ReportState& report) {
    const Json* const list = report.find("hms");
    return list != nullptr && list->is_array() ? std::optional{entries_of(*list, false)} : std::nullopt;
}

std::vector<HmsMessage> hms_without_text(const ReportState& report) {
    const Json* const list = report.find("hms");
    return list != nullptr && list->is_array() ? entries_of(*list, true) : std::vector<HmsMessage>{};
}

} // namespace bambu2mqtt
