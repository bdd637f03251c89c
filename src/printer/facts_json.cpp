// Serialization of facts in the state directory.
#include "printer/learning.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/printer/ams_id.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/printer/text.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

constexpr std::array<std::string_view, 4> signature_names{"unknown", "not_needed", "needed", "suspected"};

constexpr std::array<std::string_view, 5> kind_names{"unknown", "ams", "ams_lite", "ams_2_pro", "ams_ht"};

std::string text(const Json& json, const char* key) {
    return printer_text(read::text_member(json, key));
}

bool flag(const Json& json, const char* key) {
    return read::flag(read::member(&json, key)).value_or(false);
}

int degrees(const Json& json, const char* key) {
    return static_cast<int>(
        std::clamp<std::int64_t>(read::integer(read::member(&json, key)).value_or(0), 0, 500));
}

Json unit_to_json(const Unit& unit) {
    return Json{{"id", unit.id},
                {"kind", kind_names[static_cast<std::size_t>(unit.kind)]},
                {"serial", unit.serial},
                {"firmware", unit.firmware},
                {"present", unit.present},
                {"humidity", unit.reports_humidity},
                {"temperature", unit.reports_temperature},
                {"drying", unit.reports_drying},
                {"absent_seconds", unit.absent_seconds}};
}

std::optional<Unit> unit_from_json(const Json& json) {
    const auto id = read::integer(read::member(&json, "id"));
    if (!id || !AmsId::from_wire(*id)) {
        return std::nullopt;
    }
    const auto* const kind = std::ranges::find(kind_names, text(json, "kind"));
    return Unit{
        .id = static_cast<int>(*id),
        .kind = kind == kind_names.end() ? UnitKind::unknown
                                         : static_cast<UnitKind>(std::distance(kind_names.begin(), kind)),
        .serial = text(json, "serial"),
        .firmware = text(json, "firmware"),
        .present = flag(json, "present"),
        .reports_humidity = flag(json, "humidity"),
        .reports_temperature = flag(json, "temperature"),
        .reports_drying = flag(json, "drying"),
        .absent_seconds =
            std::max<std::int64_t>(0, read::integer(read::member(&json, "absent_seconds")).value_or(0))};
}

} // namespace

Json to_json(const Facts& facts) {
    Json features = Json::array();
    for (std::size_t i = 0; i < facts.features.size(); ++i) {
        if (facts.features.test(i)) {
            features.push_back(name_of(static_cast<Feature>(i)));
        }
    }
    Json units = Json::array();
    std::ranges::transform(facts.units, std::back_inserter(units), unit_to_json);
    return Json{{"serial", facts.serial},
                {"model", facts.traits().code},
                {"firmware", facts.firmware},
                {"hardware", facts.hardware},
                {"complete", facts.complete},
                {"features", std::move(features)},
                {"airduct_modes", facts.airduct_modes},
                {"signature", signature_names[static_cast<std::size_t>(facts.signature)]},
                {"hottest_nozzle", facts.hottest_nozzle},
                {"hottest_bed", facts.hottest_bed},
                {"hottest_chamber", facts.hottest_chamber},
                {"units", std::move(units)}};
}

Facts facts_from_json(const Json& json) {
    Facts facts;
    facts.serial = text(json, "serial");
    facts.model = parse_model(text(json, "model")).value_or(Model::unknown);
    facts.firmware = text(json, "firmware");
    facts.hardware = text(json, "hardware");
    facts.complete = flag(json, "complete");
    facts.airduct_modes =
        static_cast<std::uint32_t>(read::integer(read::member(&json, "airduct_modes")).value_or(0) & 0xFF);
    const auto* const signature = std::ranges::find(signature_names, text(json, "signature"));
    facts.signature = signature == signature_names.end()
                          ? Signature::unknown
                          : static_cast<Signature>(std::distance(signature_names.begin(), signature));
    facts.hottest_nozzle = degrees(json, "hottest_nozzle");
    facts.hottest_bed = degrees(json, "hottest_bed");
    facts.hottest_chamber = degrees(json, "hottest_chamber");
    if (const Json* const features = read::member(&json, "features");
        features != nullptr && features->is_array()) {
        for (const auto& name : *features) {
            if (const auto feature = feature_called(read::text(&name).value_or(""))) {
                facts.features.set(static_cast<std::size_t>(*feature));
            }
        }
    }
    if (const Json* const units = read::member(&json, "units"); units != nullptr && units->is_array()) {
        for (const auto& entry : *units) {
            if (auto unit = unit_from_json(entry)) {
                facts.units.push_back(*std::move(unit));
            }
        }
        std::ranges::sort(facts.units, {}, &Unit::id);
        const auto same = [](const Unit& a, const Unit& b) { return a.id == b.id; };
        facts.units.erase(std::unique(facts.units.begin(), facts.units.end(), same), facts.units.end());
    }
    return facts;
}

} // namespace bambu2mqtt
