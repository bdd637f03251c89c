// Model and capabilities of a printer: learned from its reports and from get_version, kept while it is
// offline.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/printer/model.hpp>

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

class ReportState;
struct Change;
using Changes = std::vector<Change>;

/// AMS generations, by the module name in get_version, else by bits 0-3 of the unit's `info`, else by its id.
enum class UnitKind : std::uint8_t { unknown, ams, ams_lite, ams_2_pro, ams_ht };

/// As shown in Home Assistant: "AMS", "AMS Lite", "AMS 2 Pro", "AMS HT".
[[nodiscard]] std::string_view name_of(UnitKind kind);

/// One AMS unit.
struct Unit {
    int id = 0; ///< wire id: see AmsId
    UnitKind kind = UnitKind::unknown;
    std::string serial{};
    std::string firmware{};
    bool present = true;              ///< in the last full report and in the exist bits
    bool reports_humidity = false;    ///< a `humidity_raw` other than 0 was seen: there is a sensor
    bool reports_temperature = false; ///< a temperature other than 0 was seen
    bool reports_drying = false;      ///< `dry_setting` was seen
    std::int64_t absent_seconds = 0;  ///< connected time since it was last reported

    [[nodiscard]] int trays() const;

    /// Drying needs a heater: AMS 2 Pro and AMS HT.
    [[nodiscard]] bool dries() const noexcept {
        return kind == UnitKind::ams_2_pro || kind == UnitKind::ams_ht;
    }

    /// The public prefix: "ams_1" ... "ams_4", "ams_lite_1" (id 16), "ams_ht_1" ... (ids 128 and up).
    [[nodiscard]] std::string prefix() const;

    friend bool operator==(const Unit&, const Unit&) = default;
};

/// The external spool holders: one, or one per nozzle.
enum class Spool : std::uint8_t { single, left, right };

/// The public prefix: "external_spool", "external_spool_left", "external_spool_right".
[[nodiscard]] std::string_view prefix_of(Spool spool);

/// Capabilities and evidence of them; once detected they stay.
enum class Feature : std::uint8_t {
    airduct,
    part_fan,
    aux_fan,
    chamber_fan,
    secondary_aux_fan,
    chamber_measured, ///< device.ctc, or a chamber_temper other than the constant 5
    work_light,
    timelapse,
    camera_recording,
    rtsp,
    plate,
    np,   ///< cfg, fun, aux and stat are all reported: their bits take precedence over the older fields
    fun,  ///< the capability word is reported
    rack, ///< a hotend rack was seen
    external_spool,
    two_extruders,
    prompt_sound,
    filament_tangle,
    nozzle_blob,
    air_print,
    spaghetti,
    pileup,
    clump,
    airprinting,
    buildplate_marker,
    first_layer,
    mains_220_volt,  ///< home_flag bit 3, fun bit 2
    chamber_given,   ///< a chamber temperature was set by the command `chamber_value`
    storage_size,    ///< the size of a store was reported
    awaited_tray,    ///< a pause after a runout named the tray the printer waits for
    network_address, ///< an IP address other than 0 was reported
    nozzle_diameter, ///< of the nozzle in use; old P1 firmware does not report it
    nozzle_type,
    count_
};

/// Its name in the state file and in bridge/devices: small letters and "_".
[[nodiscard]] std::string_view name_of(Feature feature);

/// Whether commands of the namespace `print` need a signature. `fun` decides where it is reported, then the
/// HMS message 0500-0500-0001-0007, then the printer's answers.
enum class Signature : std::uint8_t {
    unknown,    ///< no evidence; treated as not needed
    not_needed, ///< bit 29 of `fun` is clear: Developer Mode is on
    needed,     ///< bit 29 of `fun` is set, or the HMS message is present
    suspected,  ///< `fun` is not reported, and the printer has refused a command for lack of a signature
};

/// All facts. Comparable, so that changes of the entity layout are detected.
struct Facts {
    std::string serial{};
    Model model = Model::unknown;
    std::string firmware{}; ///< `sw_ver` of module "ota"; empty before get_version
    std::string hardware{}; ///< `hw_ver` of the application processor
    bool complete = false;  ///< a full report was received, in this or an earlier run
    std::bitset<static_cast<std::size_t>(Feature::count_)> features{};
    std::uint32_t airduct_modes = 0; ///< bit = mode id that the printer offers
    std::vector<Unit> units{};       ///< by id
    Signature signature = Signature::unknown;
    int hottest_nozzle = 0; ///< highest target ever reported above the model's limit; 0: none
    int hottest_bed = 0;
    int hottest_chamber = 0;

    [[nodiscard]] bool has(Feature feature) const { return features.test(static_cast<std::size_t>(feature)); }

    [[nodiscard]] const ModelTraits& traits() const { return bambu2mqtt::traits(model); }

    [[nodiscard]] bool two_nozzles() const {
        return traits().two_nozzles || (model == Model::unknown && has(Feature::two_extruders));
    }

    /// Whether commands of the namespace `print` will be refused, as far as known.
    [[nodiscard]] bool wants_signature() const noexcept {
        return signature == Signature::needed || signature == Signature::suspected;
    }

    friend bool operator==(const Facts&, const Facts&) = default;
};

/// Updates the facts from the merged report; units count as absent only once it is complete. With `changes`
/// only the changed parts are evaluated, as after a merge that did not make the report complete. Returns true
/// if anything changed.
bool learn(Facts& facts, const ReportState& report, const Changes* changes = nullptr);

/// Updates `facts.signature` from an answer: `wanted`, the printer refused a command for lack of a signature;
/// `taken`, it accepted an unsigned command. Changes nothing where `fun` is reported.
[[nodiscard]] Signature signature_after(const Facts& facts, bool wanted, bool taken);

/// Updates the facts from the module list of a get_version answer. `configured` takes precedence over the
/// modules.
bool learn_modules(Facts& facts, const Json& modules, std::optional<Model> configured);

/// Serialization for the state directory; missing and invalid fields are read as their defaults.
[[nodiscard]] Json to_json(const Facts& facts);
[[nodiscard]] Facts facts_from_json(const Json& json);

} // namespace bambu2mqtt
