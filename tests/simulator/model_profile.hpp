#pragma once
// Differences of the simulated models: names, numbers, wire format, installed parts. Facts from printers'
// published reports; constants only.

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bambu2mqtt::simulator {

enum class Family { x1, p1, a1, p2, x2, h2 };

/// Firmware of the printers from the H2D on (P2S, X2D, H2D): same requests by unit and slot, same answers.
[[nodiscard]] constexpr bool is_latest(Family family) {
    return family == Family::p2 || family == Family::x2 || family == Family::h2;
}

enum class AmsKind {
    ams = 1,
    ams_lite = 2,
    ams_2_pro = 3,
    ams_ht = 4
}; ///< values as in a unit's `info` word

/// One unit at the printer.
struct AmsUnitProfile {
    AmsKind kind = AmsKind::ams;
    int id = 0;       ///< 0-3; 128-135 for an AMS HT
    int extruder = 0; ///< 0 right or only one, 1 left
};

/// One model. All text has static lifetime.
struct ModelProfile {
    std::string_view name{};          ///< as on the command line: "X1C"
    std::string_view product_name{};  ///< of the `ota` module
    std::string_view serial_prefix{}; ///< three characters
    std::string_view firmware{};
    std::string_view processor{}; ///< name of the application processor's module: "ap", "esp32"
    Family family = Family::p1;
    std::chrono::milliseconds report_interval{1000};
    int idle_stage = 255;              ///< `stg_cur` without a job
    bool newer_protocol = false;       ///< sends cfg, fun, aux, stat and device{}
    bool whole_degrees = false;        ///< temperatures as 70.0; else 1/32 degree steps and integers as 70
    bool chamber_sensor = false;       ///< else the constant 5
    bool airduct = false;              ///< device.airduct with its parts
    bool lidar = false;                ///< calibrates extrusion and inspects the first layer
    bool left_aux_fan = false;         ///< a second auxiliary fan
    bool message_without_text = false; ///< always has an HMS entry that its screen does not show
    int hottest_nozzle = 300;          ///< °C; higher targets are limited silently
    int hottest_bed = 100;             ///< °C
    int hottest_chamber = 0;           ///< °C; 0: no heater
    int extruders = 1;
    std::span<const AmsUnitProfile> units{};
};

/// The HMS entry of ModelProfile::message_without_text: 0500-0600-0002-0070, in every report of P2S and X2D
/// since 2026 (reports of users; the vendor publishes no text for it).
inline constexpr std::uint32_t attribute_without_text = 0x05000600;
inline constexpr std::uint32_t code_without_text = 0x00020070;

/// All models: X1C (two AMS and an AMS HT), P1S (AMS), A1MINI (AMS lite), H2D (two nozzles, AMS 2 Pro), P2S
/// (AMS 2 Pro), X2D (two nozzles, AMS 2 Pro).
[[nodiscard]] std::span<const ModelProfile> model_profiles();

/// The model of that name, in any case; null when it is not simulated.
[[nodiscard]] const ModelProfile* find_model(std::string_view name);

/// The names of all models, for people: "X1C, P1S, ...".
[[nodiscard]] std::string model_names();

/// Serial of the `number`th (from 1) simulated printer of a model: prefix, "00S" and nine digits.
[[nodiscard]] std::string serial_of(const ModelProfile& model, int number);

/// Serial of an AMS unit of that printer; its first three characters tell the kind.
[[nodiscard]] std::string unit_serial(const AmsUnitProfile& unit, std::string_view printer_serial);

/// `info.get_version` module name of a unit: "ams/0", "n3s/128".
[[nodiscard]] std::string unit_module_name(const AmsUnitProfile& unit);

/// Whether a unit can dry its filament.
[[nodiscard]] bool can_dry(AmsKind kind);

/// Number of spools in a unit: 4, an AMS HT 1.
[[nodiscard]] int slots_of(AmsKind kind);

} // namespace bambu2mqtt::simulator
