// Whether a person is needed at the printer, and why.
#include "entity/display_words.hpp"
#include "entity/rows.hpp"
#include "entity/stage.hpp"
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/entity/error_texts.hpp>
#include <bambu2mqtt/entity/gateway_state.hpp>
#include <bambu2mqtt/entity/runout.hpp>
#include <bambu2mqtt/printer/job_state.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace bambu2mqtt {

namespace {

using namespace decode;

/// print_error codes of pauses that were asked for.
constexpr std::uint32_t paused_by_user = 0x03008013;
constexpr std::uint32_t paused_by_file = 0x03008001;

constexpr std::string_view user_stage = "paused_user";

struct Need {
    std::string_view reason{};
    std::string text{};
};

template <typename Fault>
Need need_for(std::string_view reason, const Fault& fault, const View& view) {
    return {reason, error_text(fault, view.facts, view.gateway.language)};
}

/// A runout for which the printer waits. HMS messages come first: they name the slot.
std::optional<Need> runout_need(const View& view, const std::vector<HmsMessage>& messages,
                                std::uint32_t error) {
    const auto all = runouts(view.report, view.facts);
    const auto waiting = std::ranges::find(all, true, &Runout::waits);
    if (waiting == all.end()) {
        return std::nullopt;
    }
    const auto message =
        std::ranges::find(messages, waiting->code, [](const HmsMessage& each) { return shown_code(each); });
    return message != messages.end() ? need_for("runout", *message, view) : need_for("runout", error, view);
}

std::optional<Need> pause_need(const View& view) {
    const auto value = stage_value(view.report);
    const auto* const stage = std::get_if<std::string>(&value);
    const bool names_pause = stage != nullptr && (stage->starts_with("paused_") || *stage == "m400_pause");
    return names_pause && *stage != user_stage
               ? std::optional{Need{"pause", stage_words(*stage, view.gateway.language)}}
               : std::nullopt;
}

/// The most urgent reason; nothing if no person is needed. A fatal HMS message counts, lesser ones may be
/// history.
std::optional<Need> need_of(const View& view) {
    const auto messages = hms_messages(view.report).value_or(std::vector<HmsMessage>{});
    const auto error = error_code(view.report).value_or(0);
    const bool paused = job_state(view.report) == JobState::pause;
    if (paused) {
        if (auto runout = runout_need(view, messages, error)) {
            return runout;
        }
    }
    if (is_problem(error) && error != paused_by_user) {
        return need_for(error == paused_by_file ? "pause" : "error", error, view);
    }
    if (paused && error != paused_by_user) {
        if (auto pause = pause_need(view)) {
            return pause;
        }
    }
    const auto fatal =
        std::ranges::find(messages, "fatal", [](const HmsMessage& each) { return severity_of(each); });
    return fatal != messages.end() ? std::optional{need_for("hms", *fatal, view)} : std::nullopt;
}

Value attention(const View& view) {
    const bool reported = error_code(view.report) || job_state(view.report) != JobState::unknown;
    return reported ? Value{need_of(view).has_value()} : not_known;
}

void attention_attributes(const View& view, OrderedJson& out) {
    const auto need = need_of(view).value_or(Need{});
    out["reason"] = text_or_null(need.reason);
    out["text"] = text_or_null(need.text);
}

// clang-format off
constexpr std::array attention_rows_table{
    Entity{.id = "attention", .component = Component::binary_sensor, .quantity = quantity::problem, .from = {"print_error", "hms", "gcode_state", "stg_cur", "stage", "print_type"}, .decode = attention, .attributes = attention_attributes},
};
// clang-format on

} // namespace

std::span<const Entity> attention_rows() {
    return attention_rows_table;
}

} // namespace bambu2mqtt
