#include "entity/fault_place.hpp"
#include <bambu2mqtt/entity/error_texts.hpp>
#include <bambu2mqtt/entity/names.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/texts/error_patterns.hpp>
#include <bambu2mqtt/texts/texts.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace bambu2mqtt {

namespace {

/// A number in a code and its name.
using NamedNumber = std::pair<std::uint32_t, std::string_view>;

constexpr auto module_names = std::to_array<NamedNumber>({{0x03, "motion_controller"},
                                                          {0x05, "mainboard"},
                                                          {0x07, "ams"},
                                                          {0x08, "toolhead"},
                                                          {0x0C, "xcam"},
                                                          {0x12, "ams"},
                                                          {0x18, "ams_ht"}});
constexpr auto hms_levels =
    std::to_array<NamedNumber>({{1, "fatal"}, {2, "serious"}, {3, "common"}, {4, "info"}});
constexpr auto error_classes = std::to_array<NamedNumber>({{4, "error"}, {8, "warning"}, {12, "info"}});

std::string_view name_of_number(std::span<const NamedNumber> names, std::uint32_t number) {
    const auto found = std::ranges::find(names, number, &NamedNumber::first);
    return found == names.end() ? std::string_view{} : found->second;
}

std::string_view place_text(const Texts& texts, std::string_view key) {
    return texts.find(TextGroup::places, key);
}

/// The unit that a code is about; mainboard codes about units have their wire id in the second byte, FE and
/// FF are hotends.
std::optional<Feed> unit_in(std::uint32_t module_and_unit, const Facts& facts) {
    const auto unit = module_and_unit & 0xFFU;
    if (module_and_unit >> 8U == 0x05) {
        return unit < 0xFE ? std::optional{Feed{.kind = Feed::Kind::tray, .unit = static_cast<int>(unit)}}
                           : std::nullopt;
    }
    return place_in(module_and_unit, facts);
}

struct Described {
    std::string code{};
    std::uint32_t attr = 0; ///< module in the top byte, unit in the next
    std::string_view severity{};
};

std::string text_of(const Described& error, const Facts& facts, Language language) {
    const auto& texts = texts_in(language);
    const auto* const pattern = find_error_pattern(error.code);
    const auto unit = unit_in(error.attr >> 16U, facts);
    std::string place = unit ? device_words(prefix_of_place(*unit), language) : std::string{};
    if (pattern != nullptr) {
        const auto slot = slot_in(*pattern, error.code);
        if (unit && unit->kind == Feed::Kind::tray && slot >= 0) {
            place = filled(place_text(texts, "slot"), {{"unit", place}, {"n", std::to_string(slot + 1)}});
        }
        return filled(texts.find(TextGroup::errors, pattern->text), {{"place", place}});
    }
    const auto module = module_of(error.attr);
    if (place.empty() || module == "mainboard") {
        place = place_text(texts, fmt::format("module.{}", module.empty() ? "unknown" : module));
    }
    const auto severity =
        place_text(texts, fmt::format("severity.{}", error.severity.empty() ? "unknown" : error.severity));
    return filled(place_text(texts, "other"), {{"place", place}, {"severity", std::string{severity}}});
}

} // namespace

std::string_view module_of(std::uint32_t code) {
    return name_of_number(module_names, code >> 24U);
}

std::string_view severity_of(const HmsMessage& message) {
    return name_of_number(hms_levels, message.severity());
}

std::string_view severity_of(std::uint32_t print_error) {
    return name_of_number(error_classes, (print_error >> 12U) & 0xFU);
}

std::string error_text(const HmsMessage& message, const Facts& facts, Language language) {
    return text_of({shown_code(message), message.attr, severity_of(message)}, facts, language);
}

std::string error_text(std::uint32_t print_error, const Facts& facts, Language language) {
    return text_of({shown_code(print_error), print_error, severity_of(print_error)}, facts, language);
}

} // namespace bambu2mqtt
