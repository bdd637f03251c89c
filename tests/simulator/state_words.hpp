#pragma once
// The packed words of a status report: home_flag, cfg, fun, stat. Knows the bits, not when they change.

#include "simulator/model_profile.hpp"

#include <cstdint>
#include <string>

namespace bambu2mqtt::simulator {

/// Content of the words besides the model itself. Settings the model lacks are not reported.
struct MachineSettings {
    bool homed = false;
    bool light = true;
    bool door_open = false;
    bool recording = true;
    bool developer_mode = true; ///< commands need no signature
    int speed_level = 2;        ///< 1 silent to 4 ludicrous
    bool reports_fun = true;    ///< older firmware has no such word, and refuses unsigned commands silently
    bool timelapse = false;
    bool auto_recovery = true;
    bool auto_switch_filament = true;
    bool filament_tangle_detect = true;
    bool sound_enable = true;
    bool nozzle_blob_detect = true;
    bool air_print_detect = true;
    int air_purification = 0; ///< at the end of a print: 0 off, 1 inside, 2 outside
    bool tray_read_option = true;
    bool startup_read_option = false;
    bool calibrate_remain_flag = true;
    bool first_layer_inspector = true;
    bool printing_monitor = true;
    int monitor_level = 2; ///< 0 never pauses, 1 low, 2 medium, 3 high
};

/// Whether the model has a prompt sound.
[[nodiscard]] bool has_sound(const ModelProfile& model);

/// `home_flag`: a 32-bit word that X1, P2 and H2 printers send as a negative number.
[[nodiscard]] std::int32_t home_flag(const ModelProfile& model, const MachineSettings& settings);

/// `cfg`: settings, hexadecimal.
[[nodiscard]] std::string cfg_word(const ModelProfile& model, const MachineSettings& settings);

/// `fun`: capabilities, hexadecimal. Bit 29: commands need a signature.
[[nodiscard]] std::string fun_word(const ModelProfile& model, const MachineSettings& settings);

/// `stat`: current activity, hexadecimal. Bit 7 recording, bit 23 door open.
[[nodiscard]] std::string stat_word(const MachineSettings& settings);

/// Hexadecimal digits in upper case without leading zeros, as in the newer protocol.
[[nodiscard]] std::string hexadecimal(std::uint64_t value);

} // namespace bambu2mqtt::simulator
