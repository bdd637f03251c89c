// The detectors that watch a print, and the printer's options.
#include "command/rows.hpp"

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

using namespace plan;

/// One detector: its module in `xcam`, and the entities that show it.
struct Detector {
    std::string_view module{};
    std::string_view entity{};
    std::string_view sensitivity{}; ///< empty: it has none
};

constexpr Detector spaghetti{"spaghetti_detector", "spaghetti_detection", "spaghetti_sensitivity"};
constexpr Detector pileup{"pileup_detector", "pileup_detection", "pileup_sensitivity"};
constexpr Detector clump{"clump_detector", "clump_detection", "clump_sensitivity"};
constexpr Detector airprint{"airprint_detector", "airprinting_detection", "airprinting_sensitivity"};
constexpr Detector marker{"buildplate_marker_detector", "buildplate_marker_detection"};
constexpr Detector first_layer{"first_layer_inspector", "first_layer_inspection"};

template <const Detector& detector>
bool has(const Situation& situation) {
    return has_entity(situation, detector.entity);
}

/// `control` and `enable` are always equal, `print_halt` is always true, as sent by slicers.
template <const Detector& detector>
Planned set(const Situation&, const Json& arguments) {
    const bool enabled = flag(arguments, "enabled");
    OrderedJson fields{
        {"module_name", detector.module}, {"control", enabled}, {"enable", enabled}, {"print_halt", true}};
    if (!detector.sensitivity.empty()) {
        fields["halt_print_sensitivity"] = text(arguments, "sensitivity");
    }
    return send(request("xcam", "xcam_control_set", std::move(fields)));
}

/// The sensitivity is checked if the printer reports one and the detector is on.
template <const Detector& detector>
bool is_set(const Situation& situation, const Json& arguments) {
    const bool enabled = flag(arguments, "enabled");
    const auto level = situation.word(detector.sensitivity);
    return is_switched(situation, detector.entity, enabled) &&
           (!enabled || level.empty() || level == text(arguments, "sensitivity"));
}

/// One option: its key in the request, and the entity that shows it.
struct Option {
    std::string_view key{};
    std::string_view entity{};
};

constexpr std::array options{Option{"auto_recovery", "auto_recovery"},
                             Option{"filament_tangle_detect", "filament_tangle_detection"},
                             Option{"sound_enable", "prompt_sound"},
                             Option{"auto_switch_filament", "auto_switch_filament"},
                             Option{"nozzle_blob_detect", "nozzle_blob_detection"},
                             Option{"air_print_detect", "air_print_detection"}};

constexpr std::array option_words{Word{"auto_recovery", 0},      Word{"filament_tangle_detect", 1},
                                  Word{"sound_enable", 2},       Word{"auto_switch_filament", 3},
                                  Word{"nozzle_blob_detect", 4}, Word{"air_print_detect", 5}};

const Option& option_of(const Json& arguments) {
    return *std::ranges::find(options, text(arguments, "option"), &Option::key);
}

/// Exactly one key per message: printers apply each key they find.
Planned set_option(const Situation& situation, const Json& arguments) {
    const auto& option = option_of(arguments);
    if (!has_entity(situation, option.entity)) {
        return refuse(Code::not_supported,
                      "this printer does not have the option " + std::string{option.key});
    }
    const bool enabled = flag(arguments, "enabled");
    OrderedJson fields = OrderedJson::object();
    fields[std::string{option.key}] = enabled;
    if (option.key == "auto_recovery") {
        fields["option"] = enabled ? 1 : 0;
    }
    return send(request("print", "print_option", std::move(fields)));
}

bool option_is_set(const Situation& situation, const Json& arguments) {
    return is_switched(situation, option_of(arguments).entity, flag(arguments, "enabled"));
}

// clang-format off
constexpr std::array sensitivities{Word{"low", 0}, Word{"medium", 1}, Word{"high", 2}, Word{"never_halt", 3}};

constexpr Argument enabled{.name = "enabled", .kind = Kind::boolean, .required = true, .meaning = "on or off"};

constexpr std::array with_sensitivity{
    enabled,
    Argument{.name = "sensitivity", .kind = Kind::word, .fallback = R"("medium")", .words = sensitivities, .meaning = "how early it stops the print"},
};
constexpr std::array without_sensitivity{enabled};
constexpr std::array option_arguments{
    Argument{.name = "option", .kind = Kind::word, .required = true, .words = option_words, .meaning = "which option"},
    enabled,
};

constexpr std::array detectors_rows_table{
    Command{.name = "set_spaghetti_detector", .summary = "Switches spaghetti detection", .arguments = with_sensitivity, .space = "xcam", .safe = true, .supported = has<spaghetti>, .needs = "spaghetti detection", .plan = set<spaghetti>, .confirmed = is_set<spaghetti>, .shown_by = "spaghetti_detection, spaghetti_sensitivity"},
    Command{.name = "set_purgechutepileup_detector", .summary = "Switches detection of a pile-up in the purge chute", .arguments = with_sensitivity, .space = "xcam", .safe = true, .supported = has<pileup>, .needs = "pile-up detection", .plan = set<pileup>, .confirmed = is_set<pileup>, .shown_by = "pileup_detection, pileup_sensitivity"},
    Command{.name = "set_nozzleclumping_detector", .summary = "Switches detection of a clump at the nozzle", .arguments = with_sensitivity, .space = "xcam", .safe = true, .supported = has<clump>, .needs = "clump detection", .plan = set<clump>, .confirmed = is_set<clump>, .shown_by = "clump_detection, clump_sensitivity"},
    Command{.name = "set_airprinting_detector", .summary = "Switches air printing detection", .arguments = with_sensitivity, .space = "xcam", .safe = true, .supported = has<airprint>, .needs = "air printing detection", .plan = set<airprint>, .confirmed = is_set<airprint>, .shown_by = "airprinting_detection, airprinting_sensitivity"},
    Command{.name = "set_buildplate_marker_detector", .summary = "Switches detection of the plate marker", .arguments = without_sensitivity, .space = "xcam", .safe = true, .supported = has<marker>, .needs = "plate marker detection", .plan = set<marker>, .confirmed = is_set<marker>, .shown_by = "buildplate_marker_detection"},
    Command{.name = "set_first_layer_inspection", .summary = "Switches inspection of the first layer", .arguments = without_sensitivity, .space = "xcam", .safe = true, .supported = has<first_layer>, .needs = "first layer inspection", .plan = set<first_layer>, .confirmed = is_set<first_layer>, .shown_by = "first_layer_inspection"},
    Command{.name = "set_print_option", .summary = "Switches one of the printer's options", .arguments = option_arguments, .space = "print", .safe = true, .plan = set_option, .confirmed = option_is_set, .shown_by = "the option's switch"},
};
// clang-format on

} // namespace

std::span<const Command> detector_commands() {
    return detectors_rows_table;
}

} // namespace bambu2mqtt
