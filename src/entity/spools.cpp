#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/entity/filament_names.hpp>
#include <bambu2mqtt/entity/spools.hpp>
#include <bambu2mqtt/printer/ams_id.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace bambu2mqtt {

namespace {

using decode::member;

Feed tray_feed(int unit, int slot) {
    return Feed{.kind = Feed::Kind::tray, .unit = unit, .slot = slot};
}

Feed external_feed(int wire_id, const Facts& facts) {
    if (!facts.two_nozzles()) {
        return Feed{.kind = Feed::Kind::external, .spool = Spool::single};
    }
    return Feed{.kind = Feed::Kind::external, .spool = wire_id == 255 ? Spool::right : Spool::left};
}

Feed feed_of_snow(std::uint64_t snow, const Facts& facts) {
    const auto unit = static_cast<int>(read::bits(snow, 8, 8));
    const auto slot = static_cast<int>(read::bits(snow, 0, 8));
    if (slot == 255) {
        return Feed{.kind = Feed::Kind::none};
    }
    return unit >= 254 ? external_feed(unit, facts) : tray_feed(unit, slot & 3);
}

/// Unit 16 (A2L) was seen as 24-27, as 64-67, and as 0-3 where it is the only unit.
Feed feed_of_tray_now(std::int64_t tray, const Facts& facts) {
    const auto has_unit = [&](int id) {
        return std::ranges::find(facts.units, id, &Unit::id) != facts.units.end();
    };
    if (tray == 255) {
        return Feed{.kind = Feed::Kind::none};
    }
    if (tray == 254) {
        return external_feed(254, facts);
    }
    const auto slot = static_cast<int>(tray & 3);
    if ((tray >= 24 && tray <= 27) || (tray < 4 && has_unit(16) && !has_unit(0))) {
        return tray_feed(16, slot);
    }
    const auto numbered = numbered_tray(tray);
    return numbered ? tray_feed(numbered->unit.wire(), numbered->slot) : Feed{};
}

bool described(const Json* data) {
    return read::text(member(data, "tray_type")) || read::text(member(data, "tray_info_idx"));
}

/// A tag id that is not all zeros.
std::optional<std::string_view> tag(const Json* data, std::string_view key) {
    const auto text = read::text(member(data, key));
    return text && text->find_first_not_of('0') != std::string_view::npos ? text : std::nullopt;
}

/// Degrees, hours or grams above zero, null otherwise: printers send 0 for unknown values.
OrderedJson positive(const Json* value) {
    const auto number = read::number(value);
    if (!number || *number <= 0 || *number > 1e6) {
        return nullptr;
    }
    return *number == static_cast<double>(static_cast<std::int64_t>(*number))
               ? OrderedJson(static_cast<std::int64_t>(*number))
               : OrderedJson(*number);
}

const Json* either(const Json* data, std::string_view first, std::string_view second) {
    const Json* const value = member(data, first);
    return value != nullptr ? value : member(data, second);
}

OrderedJson text_json(std::optional<std::string_view> text) {
    return text ? OrderedJson(std::string{*text}) : OrderedJson(nullptr);
}

OrderedJson value_json(const Value& value) {
    return OrderedJson(json_of(value));
}

/// Grams set by firmware or the user; -1 is none.
OrderedJson grams_left(const Json* value) {
    const auto grams = read::number(value);
    return grams && *grams >= 0 && *grams <= 1e5 ? OrderedJson(*grams) : OrderedJson(nullptr);
}

/// K factors are floats with rounding errors: 0.019999999552965164.
OrderedJson k_factor(const Json* value) {
    const auto number = read::number(value);
    if (!number || *number <= 0 || *number > 10) {
        return nullptr;
    }
    return static_cast<double>(static_cast<std::int64_t>(*number * 10000 + 0.5)) / 10000;
}

/// Number of the pressure advance profile; -1 is the default one.
OrderedJson profile_number(const Json* value) {
    const auto number = decode::within(value, -1, 0xFFFF'FFFF);
    return number ? OrderedJson(*number) : OrderedJson(nullptr);
}

/// Whether the printer estimates the remaining filament: cfg bit 17, home_flag bit 7; on if not reported.
bool estimates(const View& view) {
    const auto cfg = decode::np(view) ? read::word(view.report.find("cfg")) : std::nullopt;
    if (cfg) {
        return read::bit(*cfg, 17);
    }
    const auto home = read::signed_word(view.report.find("home_flag"));
    return !home || read::bit(*home, 7);
}

} // namespace

std::optional<std::string> hex_color(const Json* value) {
    const auto text = read::text(value).value_or("");
    const auto digits = text.substr(0, 6);
    const bool good = digits.size() == 6 &&
                      std::ranges::all_of(digits, [](unsigned char c) { return std::isxdigit(c) != 0; });
    if (!good) {
        return std::nullopt;
    }
    return "#" + upper(digits);
}

namespace {

/// The feed reported by the printer, whether present or not.
Feed named_feed(const ReportState& report, const Facts& facts, FeedField which) {
    constexpr std::array<std::string_view, 3> packed_keys{"snow", "spre", "star"};
    constexpr std::array<std::string_view, 3> plain_keys{"ams/tray_now", "ams/tray_pre", "ams/tray_tar"};
    const auto index_of_field = static_cast<std::size_t>(which);
    const Json* const extruders = report.find("device/extruder/info");
    if (extruders != nullptr && extruders->is_object() && !extruders->empty()) {
        const auto index = facts.two_nozzles() ? decode::active_extruder(report) : std::optional{0};
        if (!index) {
            return Feed{};
        }
        const Json* const extruder = member(extruders, *index == 0 ? "0" : "1");
        const auto place = read::signed_word(member(extruder, packed_keys[index_of_field]));
        if (place) {
            return feed_of_snow(*place, facts);
        }
    }
    const auto tray = read::integer(report.find(plain_keys[index_of_field]));
    return tray ? feed_of_tray_now(*tray, facts) : Feed{};
}

} // namespace

Feed active_feed(const ReportState& report, const Facts& facts) {
    return feed_of(report, facts, FeedField::now);
}

Feed feed_of(const ReportState& report, const Facts& facts, FeedField which) {
    const auto feed = named_feed(report, facts, which);
    return feed.kind == Feed::Kind::tray && report.unit_excluded(feed.unit) ? Feed{} : feed;
}

std::string feed_id(const Feed& feed) {
    switch (feed.kind) {
    case Feed::Kind::none:
        return "none";
    case Feed::Kind::external:
        return std::string{prefix_of(feed.spool)};
    case Feed::Kind::tray:
        return Unit{.id = feed.unit}.prefix() + "_tray_" + std::to_string(feed.slot + 1);
    case Feed::Kind::unclear:
        break;
    }
    return {};
}

SpoolView tray_view(const ReportState& report, int unit, int slot) {
    const Json* const reported = report.unit(unit);
    if (reported == nullptr) {
        return {};
    }
    constexpr std::array<std::string_view, 4> slots{"0", "1", "2", "3"};
    SpoolView spool{
        .data = member(member(reported, "tray"), slots[static_cast<std::size_t>(slot) % slots.size()]),
        .present = report.tray_present(unit, slot)};
    const auto state = read::integer(member(spool.data, "state"));
    if (!spool.present && state) {
        spool.present = (*state & 1) != 0;
    }
    if (!spool.present && spool.data != nullptr) {
        spool.present = described(spool.data);
    }
    return spool;
}

SpoolView external_view(const ReportState& report, Spool spool) {
    const Json* const slots = report.find("vir_slot");
    const Json* data = member(slots, spool == Spool::left ? "254" : "255");
    if (data == nullptr && spool == Spool::single) {
        data = member(slots, "254");
    }
    if (data == nullptr) {
        const Json* const old = report.find("vt_tray");
        const auto id = read::integer(member(old, "id")).value_or(254);
        const bool its_own = spool == Spool::single || (id == 255) == (spool == Spool::right);
        data = its_own ? old : nullptr;
    }
    return SpoolView{.data = data,
                     .present = data == nullptr ? std::nullopt : std::optional{described(data)}};
}

Value spool_name(const SpoolView& spool) {
    if (!spool.present) {
        return not_known;
    }
    if (!*spool.present) {
        return "empty";
    }
    if (const auto brand = read::text(member(spool.data, "tray_sub_brands"))) {
        return std::string{*brand};
    }
    const auto name = filament_name(read::text(member(spool.data, "tray_info_idx")).value_or(""));
    if (!name.empty()) {
        return std::string{name};
    }
    const auto type = read::text(member(spool.data, "tray_type"));
    return type ? std::string{*type} : std::string{"unidentified"};
}

Value spool_type(const SpoolView& spool) {
    const auto type = read::text(member(spool.data, "tray_type"));
    return spool.present.value_or(false) && type ? Value{std::string{*type}} : not_known;
}

Value spool_color(const SpoolView& spool) {
    if (!spool.present.value_or(false) || !described(spool.data)) {
        return not_known;
    }
    const auto color = hex_color(member(spool.data, "tray_color"));
    return color ? Value{*color} : not_known;
}

Value spool_remaining(const SpoolView& spool, const View& view) {
    const auto left = read::integer(member(spool.data, "remain"));
    const bool tagged = tag(spool.data, "tag_uid") || tag(spool.data, "tray_uuid");
    const bool counts = spool.present.value_or(false) && tagged && estimates(view);
    return counts && left && *left >= 0 && *left <= 100 ? Value{*left} : not_known;
}

void write_spool_attributes(const SpoolView& spool, const View& view, int slot, bool active,
                            OrderedJson& out) {
    const Json* const data = spool.present.value_or(false) ? spool.data : nullptr;
    auto colors = OrderedJson(nullptr);
    if (const Json* const list = member(data, "cols");
        described(data) && list != nullptr && list->is_array()) {
        colors = OrderedJson::array();
        for (const auto& entry : *list) {
            if (const auto color = hex_color(&entry)) {
                colors.push_back(*color);
            }
        }
    }
    out.get_ref<OrderedJson::object_t&>().reserve(17);
    out["slot"] = slot > 0 ? OrderedJson(slot) : OrderedJson(nullptr);
    out["type"] = value_json(spool_type(spool));
    out["filament_id"] = text_json(read::text(member(data, "tray_info_idx")));
    out["color"] = value_json(spool_color(spool));
    out["colors"] = std::move(colors);
    out["remaining"] = slot > 0 ? value_json(spool_remaining(spool, view)) : OrderedJson(nullptr);
    out["remain_g"] = grams_left(member(data, "remain_g"));
    out["k"] = k_factor(member(data, "k"));
    out["cali_idx"] = profile_number(member(data, "cali_idx"));
    out["nozzle_temp_min"] = positive(member(data, "nozzle_temp_min"));
    out["nozzle_temp_max"] = positive(member(data, "nozzle_temp_max"));
    out["bed_temp"] = positive(member(data, "bed_temp"));
    out["dry_temp"] = positive(either(data, "drying_temp", "tray_temp"));
    out["dry_time"] = positive(either(data, "drying_time", "tray_time"));
    out["weight"] = positive(member(data, "tray_weight"));
    out["tag_uid"] = text_json(tag(data, "tag_uid"));
    out["tray_uuid"] = text_json(tag(data, "tray_uuid"));
    out["active"] = active;
}

std::span<const std::string_view> feed_options() {
    // clang-format off
    static constexpr std::array<std::string_view, 32> options{
        "ams_1_tray_1", "ams_1_tray_2", "ams_1_tray_3", "ams_1_tray_4", "ams_2_tray_1", "ams_2_tray_2", "ams_2_tray_3", "ams_2_tray_4",
        "ams_3_tray_1", "ams_3_tray_2", "ams_3_tray_3", "ams_3_tray_4", "ams_4_tray_1", "ams_4_tray_2", "ams_4_tray_3", "ams_4_tray_4",
        "ams_lite_1_tray_1", "ams_lite_1_tray_2", "ams_lite_1_tray_3", "ams_lite_1_tray_4",
        "ams_ht_1_tray_1", "ams_ht_2_tray_1", "ams_ht_3_tray_1", "ams_ht_4_tray_1",
        "ams_ht_5_tray_1", "ams_ht_6_tray_1", "ams_ht_7_tray_1", "ams_ht_8_tray_1",
        "external_spool", "external_spool_left", "external_spool_right", "none"};
    // clang-format on
    return options;
}

} // namespace bambu2mqtt
