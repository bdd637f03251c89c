#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/entity/nozzle_type.hpp>

#include <algorithm>
#include <string>

namespace bambu2mqtt {

namespace {

constexpr std::size_t materials = 5;

std::string_view material_word(std::string_view code) {
    if (code == "00") {
        return nozzle_types[0];
    }
    if (code == "01") {
        return nozzle_types[1];
    }
    return code == "05" ? nozzle_types[2] : std::string_view{};
}

} // namespace

std::string_view nozzle_type(std::string_view wire) {
    const auto* const word = std::ranges::find(nozzle_types, lower(wire));
    if (word != nozzle_types.end()) {
        return *word;
    }
    if (wire.size() < 4 || wire[0] != 'H' || (wire.size() > 4 && wire[4] != '-')) {
        return {};
    }
    const char flow = wire[1];
    if (flow == 'U') {
        return "tpu_high_flow";
    }
    const auto material = material_word(wire.substr(2, 2));
    if (material.empty() || (flow != 'H' && flow != 'E')) {
        return material;
    }
    const auto* const plain = std::ranges::find(nozzle_types, material);
    return *(plain + materials); // the high-flow names have the same order
}

} // namespace bambu2mqtt
