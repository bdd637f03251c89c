#include "simulator/runout.hpp"

#include <algorithm>

namespace bambu2mqtt::simulator {
namespace {

constexpr std::uint32_t ran_out = 0x8011;
constexpr std::uint32_t external_on_a1 = 0x03008015;
constexpr std::uint32_t external_on_older = 0x03008004;
constexpr int left_external_unit = 254;

std::uint32_t module_of(AmsKind kind) {
    switch (kind) {
    case AmsKind::ams_lite:
        return 0x12;
    case AmsKind::ams_ht:
        return 0x18;
    case AmsKind::ams:
    case AmsKind::ams_2_pro:
        break;
    }
    return 0x07;
}

/// Module and unit as the two high bytes of both kinds of codes; nothing for external spools.
std::optional<std::uint32_t> unit_word(const ModelProfile& model, const TrayPlace& place) {
    const auto unit =
        std::find_if(model.units.begin(), model.units.end(),
                     [&place](const AmsUnitProfile& candidate) { return candidate.id == place.unit; });
    if (unit == model.units.end())
        return std::nullopt;
    const auto number = static_cast<std::uint32_t>(unit->id >= 128 ? unit->id - 128 : unit->id);
    return module_of(unit->kind) << 24U | number << 16U;
}

} // namespace

std::uint32_t runout_error(const ModelProfile& model, const TrayPlace& place) {
    if (const auto word = unit_word(model, place))
        return *word | ran_out;
    switch (model.family) {
    case Family::a1:
        return external_on_a1;
    case Family::p1:
    case Family::x1:
        return external_on_older;
    case Family::p2:
    case Family::x2:
    case Family::h2:
        break;
    }
    return (place.unit == left_external_unit ? 0x07FE0000U : 0x07FF0000U) | ran_out;
}

std::optional<Hms> runout_hms(const ModelProfile& model, const TrayPlace& place, RunoutMessage message) {
    const auto word = unit_word(model, place);
    if (!word)
        return std::nullopt;
    const auto code = message == RunoutMessage::insert_filament ? 0x00020001U
                      : message == RunoutMessage::purging       ? 0x00030001U
                                                                : 0x00030002U;
    return Hms{.attribute = *word | (0x20U + static_cast<std::uint32_t>(place.slot)) << 8U, .code = code};
}

} // namespace bambu2mqtt::simulator
