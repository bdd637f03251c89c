#include <bambu2mqtt/printer/model.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <string>

namespace bambu2mqtt {

namespace {

// clang-format off
constexpr std::array model_table{
    ModelTraits{.model = Model::a1, .family = Family::a1, .code = "A1", .name = "A1", .product_name = "Bambu Lab A1",
                .serial_prefix = "039", .prompt_sound = true, .ams_remaining_since = "01.06.10.33"},
    ModelTraits{.model = Model::a1mini, .family = Family::a1, .code = "A1MINI", .name = "A1 mini", .product_name = "Bambu Lab A1 mini",
                .serial_prefix = "030", .prompt_sound = true, .ams_remaining_since = "01.06.10.33", .bed_max = 80},
    ModelTraits{.model = Model::a2l, .family = Family::a2, .code = "A2L", .name = "A2L", .product_name = "Bambu Lab A2L",
                .serial_prefix = "26A", .prompt_sound = true},
    ModelTraits{.model = Model::p1p, .family = Family::p1, .code = "P1P", .name = "P1P", .product_name = "Bambu Lab P1P",
                .serial_prefix = "01S", .chamber_fan = true},
    ModelTraits{.model = Model::p1s, .family = Family::p1, .code = "P1S", .name = "P1S", .product_name = "Bambu Lab P1S",
                .serial_prefix = "01P", .aux_fan = true, .chamber_fan = true},
    ModelTraits{.model = Model::p2s, .family = Family::p2, .code = "P2S", .name = "P2S", .product_name = "Bambu Lab P2S",
                .serial_prefix = "22E", .aux_fan = true, .chamber_fan = true, .chamber_sensor = true, .airduct = true,
                .prompt_sound = true, .ethernet = true, .door_since = "0", .bed_max = 110},
    ModelTraits{.model = Model::x1, .family = Family::x1, .code = "X1", .name = "X1", .product_name = "Bambu Lab X1",
                .serial_prefix = "00W", .aux_fan = true, .chamber_fan = true, .chamber_sensor = true,
                .door_since = "01.07.00.00", .bed_max = 120},
    ModelTraits{.model = Model::x1c, .family = Family::x1, .code = "X1C", .name = "X1 Carbon", .product_name = "Bambu Lab X1-Carbon",
                .serial_prefix = "00M", .aux_fan = true, .chamber_fan = true, .chamber_sensor = true,
                .door_since = "01.07.00.00", .bed_max = 120},
    ModelTraits{.model = Model::x1e, .family = Family::x1, .code = "X1E", .name = "X1E", .product_name = "Bambu Lab X1E",
                .serial_prefix = "03W", .aux_fan = true, .chamber_fan = true, .chamber_sensor = true, .chamber_heater = true,
                .ethernet = true, .door_since = "01.01.02.00", .nozzle_max = 320, .bed_max = 120, .chamber_max = 60},
    ModelTraits{.model = Model::x2d, .family = Family::x2, .code = "X2D", .name = "X2D", .product_name = "Bambu Lab X2D",
                .serial_prefix = "20P", .two_nozzles = true, .aux_fan = true, .chamber_fan = true, .chamber_sensor = true,
                .chamber_heater = true, .airduct = true, .second_light = true, .prompt_sound = true, .tool_module = true,
                .ethernet = true, .door_since = "0", .bed_max = 120},
    ModelTraits{.model = Model::h2s, .family = Family::h2, .code = "H2S", .name = "H2S", .product_name = "Bambu Lab H2S",
                .serial_prefix = "093", .aux_fan = true, .chamber_fan = true, .chamber_sensor = true, .chamber_heater = true,
                .airduct = true, .second_light = true, .heatbed_light = true, .buzzer = true, .prompt_sound = true,
                .tool_module = true, .ethernet = true, .door_since = "0", .nozzle_max = 350, .bed_max = 120},
    ModelTraits{.model = Model::h2d, .family = Family::h2, .code = "H2D", .name = "H2D", .product_name = "Bambu Lab H2D",
                .serial_prefix = "094", .two_nozzles = true, .aux_fan = true, .chamber_fan = true, .chamber_sensor = true,
                .chamber_heater = true, .airduct = true, .second_light = true, .heatbed_light = true, .buzzer = true,
                .prompt_sound = true, .tool_module = true, .ethernet = true, .door_since = "0", .nozzle_max = 350, .bed_max = 120},
    ModelTraits{.model = Model::h2dpro, .family = Family::h2, .code = "H2DPRO", .name = "H2D Pro", .product_name = "Bambu Lab H2D Pro",
                .serial_prefix = "239", .two_nozzles = true, .aux_fan = true, .chamber_fan = true, .chamber_sensor = true,
                .chamber_heater = true, .airduct = true, .second_light = true, .heatbed_light = true, .buzzer = true,
                .prompt_sound = true, .tool_module = true, .ethernet = true, .door_since = "0", .nozzle_max = 350, .bed_max = 120},
    ModelTraits{.model = Model::h2c, .family = Family::h2, .code = "H2C", .name = "H2C", .product_name = "Bambu Lab H2C",
                .serial_prefix = "31B", .two_nozzles = true, .aux_fan = true, .chamber_fan = true, .chamber_sensor = true,
                .chamber_heater = true, .airduct = true, .second_light = true, .heatbed_light = true, .buzzer = true,
                .prompt_sound = true, .tool_module = true, .ethernet = true, .door_since = "0", .nozzle_max = 350, .bed_max = 120},
};
// clang-format on

constexpr ModelTraits no_traits{.name = "Printer"};

/// Letters and digits only, in upper case.
std::string squeeze(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
            result.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
        }
    }
    return result;
}

std::array<int, 4> version_parts(std::string_view version) {
    std::array<int, 4> parts{};
    for (auto& part : parts) {
        const auto dot = version.find('.');
        const auto text = version.substr(0, dot);
        std::from_chars(text.data(), text.data() + text.size(), part);
        if (dot == std::string_view::npos) {
            break;
        }
        version.remove_prefix(dot + 1);
    }
    return parts;
}

} // namespace

std::span<const ModelTraits> models() {
    return model_table;
}

const ModelTraits& traits(Model model) {
    const auto found = std::ranges::find(model_table, model, &ModelTraits::model);
    return found == model_table.end() ? no_traits : *found;
}

std::optional<Model> parse_model(std::string_view text) {
    auto word = squeeze(text);
    if (word.starts_with("BAMBULAB")) {
        word.erase(0, 8);
    }
    for (const auto& row : model_table) {
        if (word == row.code || word == squeeze(row.name)) {
            return row.model;
        }
    }
    return std::nullopt;
}

Model model_of_serial(std::string_view serial) {
    const auto found = std::ranges::find(model_table, serial.substr(0, 3), &ModelTraits::serial_prefix);
    return found == model_table.end() ? Model::unknown : found->model;
}

bool firmware_at_least(std::string_view version, std::string_view since) {
    if (since.empty()) {
        return false;
    }
    if (since == "0") {
        return true;
    }
    if (version.empty()) {
        return false;
    }
    auto parts = version_parts(version);
    if (parts[0] >= 99) {
        parts = {1, 8, 2, 0};
    }
    return parts >= version_parts(since);
}

} // namespace bambu2mqtt
