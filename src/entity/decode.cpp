#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>

#include <algorithm>
#include <array>

namespace bambu2mqtt::decode {

const Json* field(const View& view) {
    return view.report.find(view.entity.from[0]);
}

const Json* unit_field(const View& view, std::string_view key) {
    return view.place.unit == nullptr ? nullptr : member(view.report.unit(view.place.unit->id), key);
}

Value option(const View& view, std::string_view text) {
    const auto options =
        view.entity.options_of != nullptr ? view.entity.options_of(view.facts) : view.entity.options;
    return std::ranges::find(options, text) == options.end() ? not_known : Value{std::string{text}};
}

Value text(const View& view) {
    const auto result = read::text(field(view));
    return result ? Value{std::string{*result}} : not_known;
}

void whole_text(const View& view, OrderedJson& out) {
    const auto result = read::text(field(view));
    out["full_text"] = result ? OrderedJson(std::string{*result}) : OrderedJson(nullptr);
}

void changed_at(const View& view, OrderedJson& out) {
    const auto& changed = view.gateway.target_changed;
    const auto at = changed.find(view.entity.id);
    out["changed_at"] = at != changed.end() ? OrderedJson(rfc3339(at->second)) : OrderedJson(nullptr);
}

std::optional<std::int64_t> within(const Json* value, std::int64_t least, std::int64_t most) {
    const auto number = read::integer(value);
    return number && *number >= least && *number <= most ? number : std::nullopt;
}

OrderedJson number_within(const Json* value, double least, double most) {
    const auto number = read::number(value);
    return number && *number >= least && *number <= most ? OrderedJson(*number) : OrderedJson(nullptr);
}

Value percent(const View& view) {
    return own(within(field(view), 0, 100));
}

Value flag(const View& view) {
    const auto result = read::flag(field(view));
    return result ? Value{*result} : not_known;
}

Value degrees(const View& view) {
    const auto result = read::number(field(view));
    return result && plausible(*result) ? Value{*result} : not_known;
}

Value own(std::optional<bool> flag) {
    return flag ? Value{*flag} : not_known;
}

Value own(std::optional<std::int64_t> number) {
    return number ? Value{*number} : not_known;
}

Value own(std::optional<double> number) {
    return number ? Value{*number} : not_known;
}

Value own(std::optional<WallTime> time) {
    return time ? Value{rfc3339(*time)} : not_known;
}

Value own(std::string_view text) {
    return text.empty() ? not_known : Value{std::string{text}};
}

std::optional<Packed> packed(const Json* value) {
    const auto word = read::integer(value);
    if (!word || *word < 0 || *word > 0xFFFFFFFFLL) {
        return std::nullopt;
    }
    return Packed{static_cast<int>(*word & 0xFFFF), static_cast<int>(*word >> 16)};
}

bool plausible(double degrees) {
    return degrees >= -50 && degrees <= 500;
}

bool np(const View& view) {
    return view.facts.has(Feature::np);
}

std::optional<int> active_extruder(const ReportState& report) {
    const auto state = read::signed_word(report.find("device/extruder/state"));
    if (!state) {
        return std::nullopt;
    }
    const auto index = read::bits(*state, 4, 4);
    return index <= 1 ? std::optional{static_cast<int>(index)} : std::nullopt;
}

} // namespace bambu2mqtt::decode
