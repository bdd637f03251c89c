// The printer models and their capabilities. Facts: vendor product names, serial prefixes and the capability
// matrix of docs/printers.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace bambu2mqtt {

/// `unknown` is a printer whose model follows neither from the configuration, nor from get_version, nor from
/// its serial; it has only the capabilities proved by its reports.
enum class Model : std::uint8_t {
    unknown,
    a1,
    a1mini,
    a2l,
    p1p,
    p1s,
    p2s,
    x1,
    x1c,
    x1e,
    x2d,
    h2s,
    h2d,
    h2dpro,
    h2c
};

/// Reporting behaviour of a model family: determines the expected report interval and the minimum interval of
/// pushall.
enum class Family : std::uint8_t { unknown, a1, p1, x1, p2, x2, h2, a2 };

/// One row per model. Temperatures are whole degrees Celsius.
struct ModelTraits {
    Model model = Model::unknown;
    Family family = Family::unknown;
    std::string_view code{};          ///< as written in the configuration: "X1C"
    std::string_view name{};          ///< display name: "X1 Carbon"
    std::string_view product_name{};  ///< `product_name` in get_version: "Bambu Lab X1-Carbon"
    std::string_view serial_prefix{}; ///< first three characters of the serial
    bool two_nozzles = false;
    bool aux_fan = false;
    bool chamber_fan = false;
    bool chamber_sensor = false;
    bool chamber_heater = false;
    bool airduct = false;
    bool second_light = false;  ///< chamber_light2
    bool heatbed_light = false; ///< never reported, only in ledctrl answers
    bool buzzer = false;
    bool prompt_sound = false;
    bool tool_module = false; ///< supports a laser or cutter
    bool ethernet = false;
    std::string_view door_since{}; ///< first firmware with a door sensor; empty: no sensor; "0": always
    std::string_view ams_remaining_since{};
    int nozzle_max = 300;
    int bed_max = 100;
    int chamber_max = 65;
};

/// All models except `unknown`, in documented order.
[[nodiscard]] std::span<const ModelTraits> models();

/// The row of a model; for `unknown` a row without capabilities.
[[nodiscard]] const ModelTraits& traits(Model model);

/// Parses a model name, in any case and with or without blanks and dashes: "x1c", "A1 mini", "H2D Pro".
[[nodiscard]] std::optional<Model> parse_model(std::string_view text);

/// The model of a serial, by its first three characters; `unknown` for unknown prefixes.
[[nodiscard]] Model model_of_serial(std::string_view serial);

/// Compares dotted firmware versions: true if `version` is at least `since`. False for an empty version. 99.x
/// (X1Plus) counts as 01.08.02.00, the firmware it is built on.
[[nodiscard]] bool firmware_at_least(std::string_view version, std::string_view since);

} // namespace bambu2mqtt
