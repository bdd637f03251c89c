// Error codes in words: what they are about, how bad it is, and a sentence for people.
#pragma once

#include <bambu2mqtt/entity/faults.hpp>
#include <bambu2mqtt/texts/language.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace bambu2mqtt {

struct Facts;

/// The part of the printer that the top byte of a code names: "motion_controller", "mainboard", "ams",
/// "toolhead", "xcam" (cameras), "ams_ht". Empty for other values, which have no known name.
[[nodiscard]] std::string_view module_of(std::uint32_t code);

/// "fatal", "serious", "common" or "info"; empty for other levels.
[[nodiscard]] std::string_view severity_of(const HmsMessage& message);

/// "error" (the job has ended), "warning" (it is paused) or "info": the class in bits 12 to 15 of
/// print_error, 4, 8 and 12, from the source of the vendor's slicer (DeviceErrorDialog.cpp of Bambu Studio).
/// Empty for others.
[[nodiscard]] std::string_view severity_of(std::uint32_t print_error);

/// Our text for a code (texts/), with the unit and the slot that the code names. For codes without one:
/// what it is about and how bad it is ("AMS 1 slot 2: serious fault; ...").
[[nodiscard]] std::string error_text(const HmsMessage& message, const Facts& facts, Language language);
[[nodiscard]] std::string error_text(std::uint32_t print_error, const Facts& facts, Language language);

} // namespace bambu2mqtt
