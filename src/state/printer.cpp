#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/entity/spools.hpp>
#include <bambu2mqtt/entity/storage.hpp>
#include <bambu2mqtt/printer/limits.hpp>
#include <bambu2mqtt/printer/text.hpp>
#include <bambu2mqtt/state/printer.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace bambu2mqtt {

namespace {

/// How far a measured temperature must move from the whole degree shown before another is shown.
constexpr double band = 0.75;

/// Where reports say how fast fans run.
constexpr std::array<std::string_view, 4> fan_keys{"cooling_fan_speed", "big_fan1_speed", "big_fan2_speed",
                                                   "device"};

/// Nothing for texts and switches.
std::optional<double> number_in(const Value& value) {
    if (const auto* const integer = std::get_if<std::int64_t>(&value)) {
        return static_cast<double>(*integer);
    }
    const auto* const real = std::get_if<double>(&value);
    return real != nullptr ? std::optional{*real} : std::nullopt;
}

/// How many attributes most entities have at most; growing in between would copy every key.
constexpr std::size_t usual_attributes = 16;

/// The nearest whole degree.
Value whole(const Value& value) {
    const auto* const number = std::get_if<double>(&value);
    return number == nullptr ? value : Value{static_cast<std::int64_t>(std::lround(*number))};
}

/// "Metadata/plate_2.gcode" names plate 2.
std::optional<int> plate_of(std::string_view param) {
    const auto at = param.rfind("plate_");
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    int plate = 0;
    const auto digits = param.substr(at + 6);
    const auto [stopped, error] = std::from_chars(digits.data(), digits.data() + digits.size(), plate);
    return error == std::errc{} && plate > 0 ? std::optional{plate} : std::nullopt;
}

std::string_view text_at(const simdjson::dom::object& body, std::string_view key) {
    std::string_view text;
    return body[key].get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

/// The modules of get_version, as far as anything of ours reads them.
Json modules_of(const simdjson::dom::object& body) {
    Json modules = Json::array();
    simdjson::dom::array list;
    if (body["module"].get(list) != simdjson::SUCCESS) {
        return modules;
    }
    for (const auto item : list) {
        simdjson::dom::object source;
        if (item.get(source) != simdjson::SUCCESS) {
            continue;
        }
        Json module = Json::object();
        for (const char* const key : {"name", "sw_ver", "hw_ver", "sn", "product_name", "project_name"}) {
            module[key] = printer_text(text_at(source, key));
        }
        modules.push_back(std::move(module));
    }
    return modules;
}

} // namespace

Printer::Printer(std::string serial, std::optional<Model> configured, Rounding rounding,
                 std::optional<Facts> remembered)
    : configured_(configured), rounding_(rounding) {
    if (remembered && remembered->serial == serial) {
        facts_ = *std::move(remembered);
    }
    facts_.serial = std::move(serial);
    if (configured_) {
        facts_.model = *configured_;
    } else if (facts_.model == Model::unknown) {
        facts_.model = model_of_serial(facts_.serial);
    }
    rebuild();
}

Result<Update> Printer::take(std::string_view message, ReportParser& parser, std::optional<Now> now) {
    const auto parsed = parser.parse(message);
    if (!parsed) {
        return parsed.error();
    }
    const Report& report = *parsed;
    changes_.clear();
    bool facts_changed = false;
    switch (report.kind) {
    case ReportKind::status: {
        const bool settles =
            report.full && !report_state_.complete(); // from now on what is absent is not there
        const auto before = facts_.features;
        merge(report, now);
        facts_changed =
            learn(facts_, report_state_, settles ? nullptr : &changes_) || facts_.features != before;
        if (report.full || facts_changed || storage_.doubts() || touch(changes_, storage_keys)) {
            follow_storage(report.full, now);
        }
        break;
    }
    case ReportKind::modules:
        facts_changed = learn_modules(facts_, modules_of(report.body), configured_);
        break;
    case ReportKind::led:
        if (const auto mode = text_at(report.body, "led_mode");
            text_at(report.body, "led_node") == "heatbed_light") {
            if (mode == "on" || mode == "off") {
                report_state_.set("heatbed_light", mode == "on", changes_);
            }
        }
        break;
    case ReportKind::project:
        if (const auto task = text_at(report.body, "subtask_name"); !task.empty()) {
            report_state_.set_top_level("subtask_name", printer_text(task), changes_);
        }
        if (const auto plate = plate_of(text_at(report.body, "param"));
            plate && report_state_.find("plate_idx") != nullptr) {
            report_state_.set_top_level("plate_idx", *plate, changes_);
        }
        break;
    case ReportKind::reply:
    case ReportKind::motion_log:
    case ReportKind::empty:
    case ReportKind::other:
        break;
    }
    auto update = finish(report.kind, report.full, facts_changed);
    update.reply = reply_of(report);
    return update;
}

void Printer::merge(const Report& report, std::optional<Now> now) {
    report_state_.merge(report, changes_);
    job_values_.update(report_state_, report, changes_);
    follow_feed();
    follow_awaited_tray();
    follow_speed();
    if (now) {
        clock_.update(report_state_, *now, changes_);
        watch_targets(*now);
    }
}

/// Writes down when a target temperature or a fan was seen to change, and how fast a fan ran that was
/// switched off; the first value seen is no change.
void Printer::watch_targets(Now now) {
    if (!touch(changes_, target_keys) && !touch(changes_, fan_keys)) {
        return;
    }
    const auto started = [this](std::string_view key) {
        const Json* const before = report_state_.find(key);
        return before != nullptr ? *before : Json::object();
    };
    Json changed; // null as long as none did
    Json speeds;
    for (std::size_t i = 0; i < layout_.instances().size(); ++i) {
        const auto& entity = *layout_.instances()[i].entity;
        if (entity.statistics.empty() || !known(values_[i])) {
            continue;
        }
        const auto next = whole(entity.decode(view(i)));
        if (!known(next) || next == values_[i]) {
            continue;
        }
        changed = changed.is_null() ? started("gateway/target_changed") : std::move(changed);
        changed[std::string{entity.id}] = rfc3339(now.wall);
        if (entity.component == Component::fan && next == Value{std::int64_t{0}}) {
            speeds = speeds.is_null() ? started("gateway/last_speed") : std::move(speeds);
            speeds[std::string{entity.id}] = json_of(values_[i]);
        }
    }
    if (!changed.is_null()) {
        report_state_.set("target_changed", std::move(changed), changes_);
    }
    if (!speeds.is_null()) {
        report_state_.set("last_speed", std::move(speeds), changes_);
    }
}

Update Printer::know(std::string_view key, Json value) {
    changes_.clear();
    report_state_.set(key, std::move(value), changes_);
    return finish(ReportKind::other, false, false);
}

Update Printer::give_chamber_temperature(double degrees) {
    changes_.clear();
    report_state_.set("chamber_temperature", degrees, changes_);
    const bool known = facts_.has(Feature::chamber_given);
    facts_.features.set(static_cast<std::size_t>(Feature::chamber_given));
    return finish(ReportKind::other, false, !known);
}

Update Printer::learn_signature(Signature signature) {
    changes_.clear();
    const bool changed = facts_.signature != signature;
    facts_.signature = signature;
    return finish(ReportKind::other, false, changed);
}

Update Printer::tick(Now now) {
    changes_.clear();
    if (report_state_.complete()) {
        clock_.update(report_state_, now, changes_);
        if (storage_.doubts()) {
            follow_storage(false, now);
        }
    }
    return finish(ReportKind::other, false, false);
}

bool Printer::forget_absent_units(std::int64_t absent_seconds) {
    const auto gone = std::erase_if(facts_.units, [&](const Unit& unit) {
        return !unit.present && unit.absent_seconds >= absent_seconds;
    });
    if (gone > 0) {
        rebuild();
    }
    return gone > 0;
}

bool Printer::forget_unit(std::string_view prefix) {
    const auto gone = std::erase_if(
        facts_.units, [&](const Unit& unit) { return !unit.present && unit.prefix() == prefix; });
    if (gone > 0) {
        rebuild();
    }
    return gone > 0;
}

void Printer::count_absence(std::int64_t seconds) {
    for (auto& unit : facts_.units) {
        unit.absent_seconds = unit.present ? 0 : unit.absent_seconds + seconds;
    }
}

Update Printer::finish(ReportKind kind, bool full, bool facts_changed) {
    Update update{.kind = kind, .full = full, .layout_changed = facts_changed};
    if (facts_changed) {
        rebuild();
        for (std::size_t i = 0; i < values_.size(); ++i) {
            update.changed.push_back(static_cast<std::uint16_t>(i));
        }
        return update;
    }
    touched_.assign(values_.size(), false);
    const auto touch = [&](std::span<const std::uint16_t> readers) {
        for (const auto index : readers) {
            if (!touched_[index]) {
                touched_[index] = true;
                update.changed.push_back(index);
            }
        }
    };
    const auto touch_units = [&] {
        for (std::size_t i = 0; i < values_.size(); ++i) {
            if (layout_.instances()[i].place.unit != nullptr) {
                const auto index = static_cast<std::uint16_t>(i);
                touch(std::span{&index, 1});
            }
        }
    };
    for (const auto& change : changes_) {
        touch(layout_.readers(change.key, change.child, change.item));
        if (change.key == "ams" && (change.child == "ams" || id_of(change.child))) {
            touch(layout_.readers("ams", "*"));
        }
        if (change.key == "ams" && change.child == "ams") {
            touch_units(); // units came or went, whether the facts know them yet or not
        }
    }
    std::ranges::sort(update.changed);
    std::erase_if(update.changed, [&](std::uint16_t index) {
        const auto& entity = *layout_.instances()[index].entity;
        return !decode(index) && entity.attributes == nullptr && entity.latest == nullptr;
    });
    return update;
}

void Printer::rebuild() {
    if (const auto feed = active_feed(report_state_, facts_); feed != feed_) {
        feed_ = feed; // the facts have their say in how a feed is read
        report_state_.set("feed", feed_id(feed), changes_);
    }
    if (report_state_.find("gateway/awaited_tray") != nullptr) {
        find_awaited_tray(); // and in how errors name units
    }
    const Layout before = std::move(layout_);
    const auto old_values = std::move(values_);
    layout_ = Layout{facts_};
    values_.assign(layout_.instances().size(), not_known);
    for (std::size_t i = 0; i < values_.size(); ++i) {
        if (const auto same = before.find(layout_.instances()[i].id)) {
            values_[i] = old_values[*same];
        }
        decode(i);
    }
}

bool Printer::decode(std::size_t index) {
    const auto& entity = *layout_.instances()[index].entity;
    if (entity.decode == nullptr || !present(index)) {
        return false;
    }
    Value next = entity.decode(view(index));
    if (const auto* const number = std::get_if<double>(&next); number != nullptr && entity.coarse) {
        const auto* const shown = std::get_if<std::int64_t>(&values_[index]);
        const bool stays = rounding_ == Rounding::banded && shown != nullptr &&
                           entity.component == Component::sensor &&
                           std::abs(*number - static_cast<double>(*shown)) < band;
        next = stays ? Value{*shown} : whole(next);
    }
    if (entity.hysteresis > 0 && rounding_ == Rounding::banded) {
        const auto shown = number_in(values_[index]);
        const auto real = number_in(next);
        next = shown && real && std::abs(*real - *shown) < entity.hysteresis ? values_[index] : next;
    }
    if (values_[index] == next) {
        return false;
    }
    values_[index] = std::move(next);
    return true;
}

View Printer::view(std::size_t index) const {
    const auto& instance = layout_.instances()[index];
    return View{report_state_, facts_, *instance.entity, instance.place};
}

OrderedJson Printer::attributes(std::size_t index) const {
    const auto write = layout_.instances()[index].entity->attributes;
    if (write == nullptr) {
        return nullptr;
    }
    auto out = OrderedJson::object();
    out.get_ref<OrderedJson::object_t&>().reserve(usual_attributes);
    write(view(index), out);
    return out;
}

Value Printer::latest(std::size_t index) const {
    const auto decode_latest = layout_.instances()[index].entity->latest;
    return decode_latest != nullptr ? decode_latest(view(index)) : not_known;
}

bool Printer::present(std::size_t index) const {
    const auto* const unit = layout_.instances()[index].place.unit;
    return unit == nullptr || unit->present;
}

} // namespace bambu2mqtt
