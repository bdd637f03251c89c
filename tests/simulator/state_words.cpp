#include "simulator/state_words.hpp"

#include <fmt/format.h>

#include <initializer_list>

namespace bambu2mqtt::simulator {
namespace {

constexpr std::uint64_t bits(std::initializer_list<unsigned> numbers) {
    std::uint64_t word = 0;
    for (const auto number : numbers)
        word |= std::uint64_t{1} << number;
    return word;
}

constexpr std::uint64_t when(bool condition, std::initializer_list<unsigned> numbers) {
    return condition ? bits(numbers) : 0;
}

constexpr std::uint64_t door_bit = 23;

/// `fun` of a recorded X2D without bit 29.
constexpr std::uint64_t x2d_functions = 0x29FD1830F9CB3;

} // namespace

bool has_sound(const ModelProfile& model) {
    return model.family == Family::a1 || is_latest(model.family);
}

std::string hexadecimal(std::uint64_t value) {
    return fmt::format("{:X}", value);
}

std::int32_t home_flag(const ModelProfile& model, const MachineSettings& settings) {
    const bool small = model.family == Family::a1;
    std::uint64_t word = bits({8, 15, 16, 22}) | when(settings.homed, {0, 1, 2});
    word |= when(settings.auto_recovery, {4}) | when(settings.recording, {5});
    word |= when(settings.calibrate_remain_flag, {7}) | when(settings.auto_switch_filament, {10});
    word |= when(has_sound(model), {18}) | when(has_sound(model) && settings.sound_enable, {17});
    word |= when(small, {19, 21, 29}) | when(small && settings.air_print_detect, {28});
    word |= when(model.newer_protocol, {19, 25, 30, 31});
    word |= when(model.newer_protocol && settings.nozzle_blob_detect, {24});
    word |= when((small || model.newer_protocol) && settings.filament_tangle_detect, {20});
    word |= when(model.family == Family::x1 && settings.door_open, {door_bit});
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(word));
}

std::string cfg_word(const ModelProfile& model, const MachineSettings& settings) {
    std::uint64_t word = bits({4, 20}) | when(settings.light, {7});
    word |= when(settings.tray_read_option, {0}) | when(settings.startup_read_option, {1});
    word |= when(settings.recording, {3}) | when(settings.timelapse, {5});
    word |= when(settings.first_layer_inspector, {12}) | when(settings.printing_monitor, {15});
    word |= when(settings.auto_recovery, {16}) | when(settings.calibrate_remain_flag, {17});
    word |= when(settings.auto_switch_filament, {18});
    word |= when(has_sound(model) && settings.sound_enable, {22});
    word |= when(settings.filament_tangle_detect, {23}) | when(settings.nozzle_blob_detect, {24});
    word |= static_cast<std::uint64_t>(settings.speed_level) << 8U;
    word |= static_cast<std::uint64_t>(settings.monitor_level) << 13U;
    word |= static_cast<std::uint64_t>(settings.air_purification) << 36U;
    return hexadecimal(word);
}

std::string fun_word(const ModelProfile& model, const MachineSettings& settings) {
    std::uint64_t word = bits({0, 1, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 24, 25, 26, 27, 31, 32});
    word |= when(has_sound(model), {8, 38, 39, 40, 42, 43, 44, 45});
    word |= when(model.family == Family::p2, {46, 49});
    if (model.family == Family::x2)
        word = x2d_functions;
    word |= when(!settings.developer_mode, {29});
    return hexadecimal(word);
}

std::string stat_word(const MachineSettings& settings) {
    return hexadecimal(bits({4, 5, 6, 15, 16}) | when(settings.recording, {7}) |
                       when(settings.door_open, {door_bit}));
}

} // namespace bambu2mqtt::simulator
