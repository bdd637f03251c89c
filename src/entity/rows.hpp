// The parts of the entity table, one file per topic; catalogue.cpp joins them.
#pragma once

#include <bambu2mqtt/entity/entity.hpp>

#include <array>
#include <span>

namespace bambu2mqtt {

std::span<const Entity> job_rows();
/// Short names for the rows.
inline constexpr auto diagnostic = Category::diagnostic;
inline constexpr auto config = Category::config;
inline constexpr auto switch_ = Component::switch_;
inline constexpr auto select = Component::select;
/// Numbers that move by themselves: temperatures, fans, progress, times, layers, signal, humidity, weights.
inline constexpr auto moves = Qos::at_most_once;

std::span<const Entity> error_rows();
std::span<const Entity> attention_rows();
std::span<const Entity> job_button_rows();
std::span<const Entity> dialog_button_rows();
std::span<const Entity> temperature_rows();
std::span<const Entity> fan_rows();
std::span<const Entity> light_rows();
std::span<const Entity> nozzle_rows();
std::span<const Entity> machine_rows();
std::span<const Entity> rack_rows();
std::span<const Entity> setting_rows();
std::span<const Entity> detector_rows();
std::span<const Entity> machine_button_rows();
std::span<const Entity> filament_rows();
std::span<const Entity> ams_rows();

} // namespace bambu2mqtt
