#include "simulator/model_profile.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace bambu2mqtt::simulator {
namespace {

constexpr std::array x1c_units{AmsUnitProfile{.kind = AmsKind::ams, .id = 0},
                               AmsUnitProfile{.kind = AmsKind::ams, .id = 1},
                               AmsUnitProfile{.kind = AmsKind::ams_ht, .id = 128}};
constexpr std::array p1s_units{AmsUnitProfile{.kind = AmsKind::ams, .id = 0}};
constexpr std::array a1_mini_units{AmsUnitProfile{.kind = AmsKind::ams_lite, .id = 0}};
constexpr std::array h2d_units{AmsUnitProfile{.kind = AmsKind::ams_2_pro, .id = 0, .extruder = 0}};
constexpr std::array p2s_units{AmsUnitProfile{.kind = AmsKind::ams_2_pro, .id = 0}};
constexpr std::array x2d_units{AmsUnitProfile{.kind = AmsKind::ams_2_pro, .id = 0, .extruder = 0}};

constexpr std::array profiles{
    ModelProfile{.name = "X1C",
                 .product_name = "Bambu Lab X1-Carbon",
                 .serial_prefix = "00M",
                 .firmware = "01.09.00.01",
                 .processor = "ap",
                 .family = Family::x1,
                 .idle_stage = -1,
                 .newer_protocol = true,
                 .whole_degrees = true,
                 .chamber_sensor = true,
                 .lidar = true,
                 .hottest_bed = 110,
                 .units = x1c_units},
    ModelProfile{.name = "P1S",
                 .product_name = "Bambu Lab P1S",
                 .serial_prefix = "01P",
                 .firmware = "01.08.02.00",
                 .processor = "esp32",
                 .family = Family::p1,
                 .report_interval = std::chrono::milliseconds{2000},
                 .units = p1s_units},
    ModelProfile{.name = "A1MINI",
                 .product_name = "Bambu Lab A1 mini",
                 .serial_prefix = "030",
                 .firmware = "01.07.02.00",
                 .processor = "esp32",
                 .family = Family::a1,
                 .report_interval = std::chrono::milliseconds{2000},
                 .hottest_bed = 80,
                 .units = a1_mini_units},
    ModelProfile{.name = "H2D",
                 .product_name = "Bambu Lab H2D",
                 .serial_prefix = "094",
                 .firmware = "01.01.01.00",
                 .processor = "ap",
                 .family = Family::h2,
                 .idle_stage = -1,
                 .newer_protocol = true,
                 .whole_degrees = true,
                 .chamber_sensor = true,
                 .airduct = true,
                 .hottest_nozzle = 350,
                 .hottest_bed = 120,
                 .hottest_chamber = 65,
                 .extruders = 2,
                 .units = h2d_units},
    ModelProfile{.name = "P2S",
                 .product_name = "Bambu Lab P2S",
                 .serial_prefix = "22E",
                 .firmware = "01.02.00.00",
                 .processor = "ap",
                 .family = Family::p2,
                 .idle_stage = -1,
                 .newer_protocol = true,
                 .whole_degrees = true,
                 .chamber_sensor = true,
                 .airduct = true,
                 .left_aux_fan = true,
                 .message_without_text = true,
                 .hottest_bed = 110,
                 .units = p2s_units},
    ModelProfile{.name = "X2D",
                 .product_name = "Bambu Lab X2D",
                 .serial_prefix = "20P",
                 .firmware = "01.01.00.00",
                 .processor = "ap2",
                 .family = Family::x2,
                 .idle_stage = -1,
                 .newer_protocol = true,
                 .whole_degrees = true,
                 .chamber_sensor = true,
                 .airduct = true,
                 .left_aux_fan = true,
                 .message_without_text = true,
                 .hottest_bed = 120,
                 .hottest_chamber = 65,
                 .extruders = 2,
                 .units = x2d_units},
};

bool equal_in_any_case(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
        return std::toupper(static_cast<unsigned char>(a)) == std::toupper(static_cast<unsigned char>(b));
    });
}

std::string_view unit_serial_prefix(AmsKind kind) {
    switch (kind) {
    case AmsKind::ams:
        return "006";
    case AmsKind::ams_lite:
        return "03C";
    case AmsKind::ams_2_pro:
        return "19C";
    case AmsKind::ams_ht:
        return "19F";
    }
    return "";
}

} // namespace

std::span<const ModelProfile> model_profiles() {
    return profiles;
}

const ModelProfile* find_model(std::string_view name) {
    const auto* const found =
        std::find_if(profiles.begin(), profiles.end(),
                     [name](const ModelProfile& profile) { return equal_in_any_case(profile.name, name); });
    return found == profiles.end() ? nullptr : found;
}

std::string model_names() {
    std::string names;
    for (const auto& profile : profiles) {
        if (!names.empty())
            names += ", ";
        names += profile.name;
    }
    return names;
}

std::string serial_of(const ModelProfile& model, int number) {
    const auto digits = std::to_string(number);
    return std::string{model.serial_prefix} + "00S" +
           std::string(9 - std::min<std::size_t>(9, digits.size()), '0') + digits;
}

std::string unit_serial(const AmsUnitProfile& unit, std::string_view printer_serial) {
    const auto slot = unit.id >= 128 ? unit.id - 128 : unit.id;
    return std::string{unit_serial_prefix(unit.kind)} + std::string{printer_serial.substr(3, 11)} +
           std::to_string(slot % 10);
}

std::string unit_module_name(const AmsUnitProfile& unit) {
    constexpr std::array<std::string_view, 4> names{"ams/", "ams_f1/", "n3f/", "n3s/"};
    return std::string{names.at(static_cast<std::size_t>(unit.kind) - 1)} + std::to_string(unit.id);
}

bool can_dry(AmsKind kind) {
    return kind == AmsKind::ams_2_pro || kind == AmsKind::ams_ht;
}

int slots_of(AmsKind kind) {
    return kind == AmsKind::ams_ht ? 1 : 4;
}

} // namespace bambu2mqtt::simulator
