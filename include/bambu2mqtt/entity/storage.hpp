// The state of a printer's storage as its report shows it.
#pragma once

#include <array>
#include <string_view>

namespace bambu2mqtt {

class ReportState;
struct Facts;

inline constexpr std::string_view storage_missing = "missing";

/// The values of `sdcard_status`, in the order of the printer's two bits.
inline constexpr std::array<std::string_view, 4> storage_states{storage_missing, "normal", "abnormal",
                                                                "readonly"};

/// The report fields that contain it.
inline constexpr std::array<std::string_view, 3> storage_keys{"aux", "home_flag", "sdcard"};

/// Bits 12-13 of `aux` on firmware that reports them, else bits 8-9 of `home_flag`, else the flag `sdcard`.
/// One of storage_states; empty if not reported.
[[nodiscard]] std::string_view storage_state(const ReportState& report, const Facts& facts);

} // namespace bambu2mqtt
