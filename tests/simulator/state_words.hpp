#pragma once
// The bit-packed words of a status report: home_flag, cfg, fun, stat. Knows the bits, not when they change.

#include "simulator/model_profile.hpp"

#include <cstdint>
#include <string>

namespace bambu2mqtt::simulator {

/// What the words are made of besides the model itself.
struct MachineSettings {
    bool homed = false;
    bool light = true;
    bool door_open = false;
    bool recording = true;
    bool developer_mode = true; ///< commands need no signature
    int speed_level = 2;        ///< 1 silent to 4 ludicrous
};

/// `home_flag`: a 32-bit word that X1, P2 and H2 printers send as a negative number.
[[nodiscard]] std::int32_t home_flag(const ModelProfile& model, const MachineSettings& settings);

/// `cfg`: settings, hexadecimal.
[[nodiscard]] std::string cfg_word(const ModelProfile& model, const MachineSettings& settings);

/// `fun`: abilities, hexadecimal. Bit 29 says that commands need a signature.
[[nodiscard]] std::string fun_word(const ModelProfile& model, const MachineSettings& settings);

/// `stat`: what is going on, hexadecimal. Bit 7 recording, bit 23 door open.
[[nodiscard]] std::string stat_word(const MachineSettings& settings);

/// Hexadecimal digits in upper case without leading zeros, as the newer protocol writes words.
[[nodiscard]] std::string hexadecimal(std::uint64_t value);

} // namespace bambu2mqtt::simulator
