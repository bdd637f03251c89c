// Building blocks of decoders: reading a source, and the forms most entities share.
#pragma once

#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/entity.hpp>
#include <bambu2mqtt/entity/gateway_state.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace bambu2mqtt::decode {

/// The value at the row's first source; nullptr if not reported.
[[nodiscard]] const Json* field(const View& view);

/// A member of the instance's AMS unit.
[[nodiscard]] const Json* unit_field(const View& view, std::string_view key);

using read::member;

/// One of the row's options, else unknown.
[[nodiscard]] Value option(const View& view, std::string_view text);

/// The integer from `least` to `most` in a value from a printer; nothing otherwise. What a printer may report
/// without a limit is not shown.
[[nodiscard]] std::optional<std::int64_t> within(const Json* value, std::int64_t least, std::int64_t most);

/// The same for numbers, as JSON; null otherwise.
[[nodiscard]] OrderedJson number_within(const Json* value, double least, double most);

/// The first source as text (at most 256 bytes without control characters, see merge.hpp), 0-100, on/off.
[[nodiscard]] Value text(const View& view);

/// Attribute `full_text`: the complete text of the first source, where the state is cut to Home Assistant's
/// 255 characters.
void whole_text(const View& view, OrderedJson& out);

/// Attribute `changed_at`: when the gateway saw the entity's target change, null before the first change.
void changed_at(const View& view, OrderedJson& out);

[[nodiscard]] Value percent(const View& view);
[[nodiscard]] Value flag(const View& view);
[[nodiscard]] Value degrees(const View& view);

/// Values of GatewayState: unchanged, or a time as RFC 3339; unknown if empty.
[[nodiscard]] Value own(std::optional<bool> flag);
[[nodiscard]] Value own(std::optional<std::int64_t> number);
[[nodiscard]] Value own(std::optional<double> number);
[[nodiscard]] Value own(std::optional<WallTime> time);
[[nodiscard]] Value own(std::string_view text);

/// Current and target temperature packed into one number: low and high 16 bits, whole degrees.
/// Evidence: device.bed.info.temp 4587590 is 70/70 (H2D capture).
struct Packed {
    int current = 0;
    int target = 0;
};

[[nodiscard]] std::optional<Packed> packed(const Json* value);

/// Sensors read -50 to 500 degrees; other values are invalid.
[[nodiscard]] bool plausible(double degrees);

/// Whether bits take precedence over the older fields: cfg, fun, aux and stat are all reported.
[[nodiscard]] bool np(const View& view);

/// The active extruder on printers with two: 0 right, 1 left; nothing during a tool change (index 15) or if
/// not reported. Evidence: bits 4-7 of device.extruder.state; 33042 = 0x8112 is the left one (X2D capture).
[[nodiscard]] std::optional<int> active_extruder(const ReportState& report);

} // namespace bambu2mqtt::decode

namespace bambu2mqtt::quantity {

// clang-format off
inline constexpr Quantity none{};
inline constexpr Quantity option{.device_class = "enum"};
inline constexpr Quantity count{.state_class = "measurement"};
inline constexpr Quantity percent{.unit = "%", .state_class = "measurement"};
inline constexpr Quantity transfer{.unit = "%"};
inline constexpr Quantity humidity{.device_class = "humidity", .unit = "%", .state_class = "measurement"};
inline constexpr Quantity temperature{.device_class = "temperature", .unit = "°C", .state_class = "measurement"};
inline constexpr Quantity target_temperature{.device_class = "temperature", .unit = "°C"};
inline constexpr Quantity minutes{.device_class = "duration", .unit = "min"};
inline constexpr Quantity hours{.device_class = "duration", .unit = "h"};
inline constexpr Quantity usage{.device_class = "duration", .unit = "h", .state_class = "total_increasing"};
inline constexpr Quantity timestamp{.device_class = "timestamp"};
// No device class: Home Assistant would convert distances to inches in US units.
inline constexpr Quantity diameter{.unit = "mm"};
inline constexpr Quantity signal{.device_class = "signal_strength", .unit = "dBm", .state_class = "measurement"};
inline constexpr Quantity data_size{.device_class = "data_size", .unit = "MB", .state_class = "measurement"};
inline constexpr Quantity problem{.device_class = "problem"};
inline constexpr Quantity running{.device_class = "running"};
inline constexpr Quantity door{.device_class = "door"};
inline constexpr Quantity connectivity{.device_class = "connectivity"};
inline constexpr Quantity firmware{.device_class = "firmware"};
// clang-format on

} // namespace bambu2mqtt::quantity
