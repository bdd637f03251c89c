// Nozzle types as text.
#pragma once

#include <array>
#include <string_view>

namespace bambu2mqtt {

inline constexpr std::array<std::string_view, 11> nozzle_types{"stainless_steel",
                                                               "hardened_steel",
                                                               "tungsten_carbide",
                                                               "brass",
                                                               "e3d",
                                                               "high_flow_stainless_steel",
                                                               "high_flow_hardened_steel",
                                                               "high_flow_tungsten_carbide",
                                                               "high_flow_brass",
                                                               "high_flow_e3d",
                                                               "tpu_high_flow"};

/// Reads a plain word ("hardened_steel", "E3D") or a code ("HS01", "HH05-0.4"): its second character is the
/// flow (U: TPU high flow, H and E: high flow, others: standard), the third and fourth the material (00
/// stainless steel, 01 hardened steel, 05 tungsten carbide). Empty for everything else.
[[nodiscard]] std::string_view nozzle_type(std::string_view wire);

} // namespace bambu2mqtt
