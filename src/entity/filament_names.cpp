#include <bambu2mqtt/entity/filament_names.hpp>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

struct Filament {
    std::string_view id{};
    std::string_view name{};
    std::string_view type{}; ///< if the name does not contain it
};

/// By id. As of 2026-11-30; source: `filament_id` and `name` of the vendor's public slicer profiles
/// (BambuStudio, resources/profiles/BBL/filament), for Panchroma the same profiles in OrcaSlicer.
constexpr std::array filaments{
    Filament{"GFA00", "Bambu PLA Basic"},
    Filament{"GFA01", "Bambu PLA Matte"},
    Filament{"GFA02", "Bambu PLA Metal"},
    Filament{"GFA03", "Bambu PLA Impact"},
    Filament{"GFA05", "Bambu PLA Silk"},
    Filament{"GFA06", "Bambu PLA Silk+"},
    Filament{"GFA07", "Bambu PLA Marble"},
    Filament{"GFA08", "Bambu PLA Sparkle"},
    Filament{"GFA09", "Bambu PLA Tough"},
    Filament{"GFA10", "Bambu PLA Tough+"},
    Filament{"GFA11", "Bambu PLA Aero"},
    Filament{"GFA12", "Bambu PLA Glow"},
    Filament{"GFA13", "Bambu PLA Dynamic"},
    Filament{"GFA15", "Bambu PLA Galaxy"},
    Filament{"GFA16", "Bambu PLA Wood"},
    Filament{"GFA17", "Bambu PLA Translucent"},
    Filament{"GFA18", "Bambu PLA Lite"},
    Filament{"GFA19", "Bambu PLA Pure"},
    Filament{"GFA50", "Bambu PLA-CF"},
    Filament{"GFB00", "Bambu ABS"},
    Filament{"GFB01", "Bambu ASA"},
    Filament{"GFB02", "Bambu ASA-Aero"},
    Filament{"GFB50", "Bambu ABS-GF"},
    Filament{"GFB51", "Bambu ASA-CF"},
    Filament{"GFB60", "PolyLite ABS"},
    Filament{"GFB61", "PolyLite ASA"},
    Filament{"GFB98", "Generic ASA"},
    Filament{"GFB99", "Generic ABS"},
    Filament{"GFC00", "Bambu PC"},
    Filament{"GFC01", "Bambu PC FR"},
    Filament{"GFC99", "Generic PC"},
    Filament{"GFG00", "Bambu PETG Basic"},
    Filament{"GFG01", "Bambu PETG Translucent"},
    Filament{"GFG02", "Bambu PETG HF"},
    Filament{"GFG03", "Bambu PETG Matte"},
    Filament{"GFG50", "Bambu PETG-CF"},
    Filament{"GFG60", "PolyLite PETG"},
    Filament{"GFG96", "Generic PETG HF"},
    Filament{"GFG97", "Generic PCTG"},
    Filament{"GFG98", "Generic PETG-CF"},
    Filament{"GFG99", "Generic PETG"},
    Filament{"GFL00", "PolyLite PLA"},
    Filament{"GFL01", "PolyTerra PLA"},
    Filament{"GFL03", "eSUN PLA+"},
    Filament{"GFL04", "Overture PLA"},
    Filament{"GFL05", "Overture Matte PLA"},
    Filament{"GFL06", "Fiberon PETG-ESD"},
    Filament{"GFL50", "Fiberon PA6-CF"},
    Filament{"GFL51", "Fiberon PA6-GF"},
    Filament{"GFL52", "Fiberon PA12-CF"},
    Filament{"GFL53", "Fiberon PA612-CF"},
    Filament{"GFL54", "Fiberon PET-CF"},
    Filament{"GFL55", "Fiberon PETG-rCF"},
    Filament{"GFL95", "Generic PLA High Speed"},
    Filament{"GFL96", "Generic PLA Silk"},
    Filament{"GFL98", "Generic PLA-CF"},
    Filament{"GFL99", "Generic PLA"},
    Filament{"GFN03", "Bambu PA-CF"},
    Filament{"GFN04", "Bambu PAHT-CF"},
    Filament{"GFN05", "Bambu PA6-CF"},
    Filament{"GFN06", "Bambu PPA-CF"},
    Filament{"GFN08", "Bambu PA6-GF"},
    Filament{"GFN96", "Generic PPA-GF"},
    Filament{"GFN97", "Generic PPA-CF"},
    Filament{"GFN98", "Generic PA-CF"},
    Filament{"GFN99", "Generic PA"},
    Filament{"GFP95", "Generic PP-GF"},
    Filament{"GFP96", "Generic PP-CF"},
    Filament{"GFP97", "Generic PP"},
    Filament{"GFP98", "Generic PE-CF"},
    Filament{"GFP99", "Generic PE"},
    Filament{"GFPM001", "Panchroma PLA"},
    Filament{"GFPM002", "Panchroma PLA Matte"},
    Filament{"GFPM003", "Panchroma PLA Marble"},
    Filament{"GFPM004", "Panchroma PLA Silk"},
    Filament{"GFPM005", "Panchroma PLA Satin"},
    Filament{"GFPM006", "Panchroma PLA Translucent"},
    Filament{"GFPM007", "Panchroma PLA Galaxy"},
    Filament{"GFPM008", "Panchroma PLA Celestial"},
    Filament{"GFPM009", "Panchroma PLA Starlight"},
    Filament{"GFPM010", "Panchroma PLA Glow"},
    Filament{"GFPM011", "Panchroma PLA Luminous"},
    Filament{"GFPM012", "Panchroma PLA Metallic"},
    Filament{"GFPM013", "Panchroma PLA Neon"},
    Filament{"GFPM014", "Panchroma PLA UV Shift"},
    Filament{"GFPM015", "Panchroma PLA Temp Shift"},
    Filament{"GFPM016", "Panchroma CoPE", "PLA"},
    Filament{"GFPM017", "Polymaker HT-PLA", "PLA"},
    Filament{"GFPM018", "Polymaker HT-PLA-GF", "PLA"},
    Filament{"GFR98", "Generic PHA"},
    Filament{"GFR99", "Generic EVA"},
    Filament{"GFS00", "Bambu Support W"},
    Filament{"GFS01", "Bambu Support G"},
    Filament{"GFS02", "Bambu Support For PLA"},
    Filament{"GFS03", "Bambu Support For PA/PET"},
    Filament{"GFS04", "Bambu PVA"},
    Filament{"GFS05", "Bambu Support For PLA/PETG"},
    Filament{"GFS06", "Bambu Support for ABS"},
    Filament{"GFS97", "Generic BVOH"},
    Filament{"GFS98", "Generic HIPS"},
    Filament{"GFS99", "Generic PVA"},
    Filament{"GFSNL02", "SUNLU PLA Matte"},
    Filament{"GFSNL03", "SUNLU PLA+"},
    Filament{"GFSNL04", "SUNLU PLA+ 2.0"},
    Filament{"GFSNL05", "SUNLU Silk PLA+"},
    Filament{"GFSNL06", "SUNLU PLA Marble"},
    Filament{"GFSNL07", "SUNLU Wood PLA"},
    Filament{"GFSNL08", "SUNLU PETG"},
    Filament{"GFT01", "Bambu PET-CF"},
    Filament{"GFT02", "Bambu PPS-CF"},
    Filament{"GFT97", "Generic PPS"},
    Filament{"GFT98", "Generic PPS-CF"},
    Filament{"GFU00", "Bambu TPU 95A HF"},
    Filament{"GFU01", "Bambu TPU 95A"},
    Filament{"GFU02", "Bambu TPU for AMS"},
    Filament{"GFU03", "Bambu TPU 90A"},
    Filament{"GFU04", "Bambu TPU 85A"},
    Filament{"GFU98", "Generic TPU for AMS"},
    Filament{"GFU99", "Generic TPU"},
};

static_assert(std::ranges::is_sorted(filaments, {}, &Filament::id));

Filament row_of(std::string_view id) {
    const auto* const found = std::ranges::lower_bound(filaments, id, {}, &Filament::id);
    return found != filaments.end() && found->id == id ? *found : Filament{};
}

} // namespace

std::string_view filament_name(std::string_view id) {
    return row_of(id).name;
}

std::string_view filament_type(std::string_view id) {
    constexpr std::array<std::string_view, 31> types{
        "PLA",     "PLA-CF", "ABS",    "ABS-GF", "ASA",   "ASA-CF",  "PC",     "PETG",
        "PETG-CF", "PCTG",   "PET-CF", "PA",     "PA-CF", "PAHT-CF", "PA6-CF", "PA6-GF",
        "PPA-CF",  "PPA-GF", "PP",     "PP-CF",  "PP-GF", "PE",      "PE-CF",  "PHA",
        "EVA",     "PVA",    "BVOH",   "HIPS",   "PPS",   "PPS-CF",  "TPU"};
    const auto row = row_of(id);
    auto name = row.name;
    if (!row.type.empty() || name.find("Support") != std::string_view::npos) {
        return row.type;
    }
    while (!name.empty()) {
        const auto word = name.substr(0, name.find(' '));
        const auto plain = word.substr(0, word.find('+')); // PLA+ is a PLA
        if (const auto* const found = std::ranges::find(types, plain); found != types.end()) {
            return *found;
        }
        name.remove_prefix(std::min(word.size() + 1, name.size()));
    }
    return {};
}

} // namespace bambu2mqtt
