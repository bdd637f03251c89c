// Which text belongs to which error code. One pattern covers the same code of every unit and slot.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace bambu2mqtt {

/// Where the meaning of a code comes from.
enum class PatternSource : std::uint8_t {
    vendor,   ///< the vendor's public table of error texts, as of 2026-11-29; the sentences here are our own
    recorded, ///< that, and seen on a printer: in a recorded report or in notes taken at a printer
};

/// A code in the printer's format ("0700-8011", "0700-2200-0002-0001") with variable digits: `mm` a module of
/// AMS units (07, 12, 18), `nn` one of them that is no AMS Lite (07, 18), `uu` the unit, `s` the slot (0 to
/// 3), `x` any digit.
struct ErrorPattern {
    std::string_view code{};
    std::string_view text{}; ///< key in section [errors] of the language files
    PatternSource source = PatternSource::vendor;
};

/// All patterns of print_error and of HMS messages; the first that matches counts.
[[nodiscard]] std::span<const ErrorPattern> print_error_patterns();
[[nodiscard]] std::span<const ErrorPattern> hms_machine_patterns();
[[nodiscard]] std::span<const ErrorPattern> hms_ams_patterns();

/// True if the code, with capital letters, matches the pattern (ErrorPattern::code).
[[nodiscard]] bool matches_pattern(std::string_view pattern, std::string_view code);

/// The pattern of a code of either kind; null for codes without a text of ours.
[[nodiscard]] const ErrorPattern* find_error_pattern(std::string_view code);

/// The slot in an HMS code that matches the pattern: 0 to 3; -1 if the pattern has none.
[[nodiscard]] int slot_in(const ErrorPattern& pattern, std::string_view code);

} // namespace bambu2mqtt
