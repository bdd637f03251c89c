#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/entity/spools.hpp>
#include <bambu2mqtt/entity/storage.hpp>
#include <bambu2mqtt/printer/limits.hpp>
#include <bambu2mqtt/printer/text.hpp>
#include <bambu2mqtt/state/printer.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace bambu2mqtt {

namespace {

/// Minimum distance of a measured temperature from the shown degree before another one is shown.
constexpr double band = 0.75;

/// Report fields with fan speeds.
constexpr std::array<std::string_view, 4> fan_keys{"cooling_fan_speed", "big_fan1_speed", "big_fan2_speed",
                                                   "device"};

/// Expected maximum number of attributes of most entities; growing in between would copy every key.
constexpr std::size_t usual_attributes = 16;

/// The nearest whole degree.
Value whole(const Value& value) {
    const auto* const number = std::get_if<double>(&value);
    return number == nullptr ? value : Value{static_cast<std::int64_t>(std::lround(*number))};
}

/// "Metadata/plate_2.gcode" gives plate 2.
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

constexpr std::size_t most_modules = 128; ///< recorded printers have up to 30

/// The module list of get_version, reduced to the fields in use.
Json modules_of(const simdjson::dom::object& body) {
    Json modules = Json::array();
    simdjson::dom::array list;
    if (body["module"].get(list) != simdjson::SUCCESS) {
        return modules;
    }
    for (const auto item : list) {
        simdjson::dom::object source;
        if (modules.size() >= most_modules || item.get(source) != simdjson::SUCCESS) {
            continue;
        }
        Json module = Json::object();
        for (const char* const key : {"name", "sw_ver", "hw_ver", "sn", "product_name", "project_name"}) {
            module[key] = printer_text(text_member(source, key));
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

expected<Update, Error> Printer::take(std::string_view message, ReportParser& parser,
                                      std::optional<Now> now) {
    const auto parsed = parser.parse(message);
    if (!parsed) {
        return unexpected(parsed.error());
    }
    const Report& report = *parsed;
    clear_changes();
    bool facts_changed = false;
    switch (report.kind) {
    case ReportKind::status: {
        const bool settles =
            report.full && !report_state_.complete(); // from now on missing keys mean absence
        const auto before = facts_.features;
        if (!merge(report, now)) {
            return failure(
                Problem::out_of_range,
                fmt::format("with this report of {} bytes more would be known of the printer than the "
                            "{} MiB that are kept; it is dropped",
                            message.size(), ReportState::most_memory >> 20U));
        }
        facts_changed =
            learn(facts_, report_state_, settles ? nullptr : &changes_) || facts_.features != before;
        if (report.full || facts_changed || storage_.doubts() || touch(changes_, storage_keys)) {
            follow_storage(report.full, now);
        }
        break;
    }
    case ReportKind::modules: {
        const auto model = facts_.model;
        facts_changed = learn_modules(facts_, modules_of(report.body), configured_);
        if (facts_.model != model) { // some fields are evidence on this model alone
            facts_changed = learn(facts_, report_state_, nullptr) || facts_changed;
        }
        break;
    }
    case ReportKind::led:
        if (const auto mode = text_member(report.body, "led_mode");
            text_member(report.body, "led_node") == "heatbed_light") {
            if (mode == "on" || mode == "off") {
                assign_own(gateway_.heatbed_light, mode == "on", GatewayField::heatbed_light);
            }
        }
        break;
    case ReportKind::project:
        if (const auto task = text_member(report.body, "subtask_name"); !task.empty()) {
            report_state_.set_top_level("subtask_name", printer_text(task), changes_);
        }
        if (const auto plate = plate_of(text_member(report.body, "param"));
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

bool Printer::merge(const Report& report, std::optional<Now> now) {
    if (!report_state_.merge(report, changes_)) {
        return false;
    }
    job_values_.update(report_state_, report, gateway_, gateway_changes_);
    follow_feed();
    follow_awaited_tray();
    follow_speed();
    if (now) {
        clock_.update(report_state_, *now, gateway_, gateway_changes_);
        watch_targets(*now);
    }
    return true;
}

/// Records when a target temperature or a fan changed, and the last speed of a fan that was switched off; the
/// first value is not a change.
void Printer::watch_targets(Now now) {
    if (!touch(changes_, target_keys) && !touch(changes_, fan_keys)) {
        return;
    }
    for (std::size_t i = 0; i < layout_.instances().size(); ++i) {
        const auto& entity = *layout_.instances()[i].entity;
        if (entity.statistics.empty() || !known(values_[i])) {
            continue;
        }
        const auto next = whole(entity.decode(view(i)));
        if (!known(next) || next == values_[i]) {
            continue;
        }
        gateway_.target_changed[entity.id] = now.wall;
        gateway_changes_.set(static_cast<std::size_t>(GatewayField::targets));
        if (entity.component == Component::fan) {
            const bool measured = facts_.traits().family == Family::a1;
            const auto speed = fans_.follow(entity.id, number_in(values_[i]).value_or(0),
                                            number_in(next).value_or(0), now.instant, measured);
            if (speed > 0) {
                gateway_.last_speed[entity.id] = speed;
            }
        }
    }
}

void Printer::clear_changes() {
    changes_.clear();
    gateway_changes_.reset();
}

Update Printer::set_connection(ConnectionStatus connection) {
    return set_own(gateway_.connection, std::move(connection), GatewayField::connection);
}

Update Printer::set_last_command(LastCommand command) {
    return set_own(gateway_.last_command, std::move(command), GatewayField::last_command);
}

Update Printer::set_transfer(TransferStatus transfer) {
    return set_own(gateway_.transfer, std::move(transfer), GatewayField::transfer);
}

Update Printer::show_usage() {
    return set_own(gateway_.total_usage, clock_.shown_usage(), GatewayField::total_usage);
}

Update Printer::give_chamber_temperature(double degrees) {
    clear_changes();
    assign_own(gateway_.chamber_temperature, degrees, GatewayField::chamber_temperature);
    const bool known = facts_.has(Feature::chamber_given);
    facts_.features.set(static_cast<std::size_t>(Feature::chamber_given));
    return finish(ReportKind::other, false, !known);
}

Update Printer::learn_signature(Signature signature) {
    clear_changes();
    const bool changed = facts_.signature != signature;
    facts_.signature = signature;
    return finish(ReportKind::other, false, changed);
}

Update Printer::set_language(Language language) {
    clear_changes();
    const bool changed = std::exchange(gateway_.language, language) != language;
    return finish(ReportKind::other, false, changed);
}

Update Printer::tick(Now now) {
    clear_changes();
    if (report_state_.complete()) {
        clock_.update(report_state_, now, gateway_, gateway_changes_);
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
            touch_units(); // units were added or removed, whether the facts have them yet or not
        }
    }
    for (std::size_t field = 0; field < gateway_changes_.size(); ++field) {
        if (gateway_changes_.test(field)) {
            touch(layout_.readers(static_cast<GatewayField>(field)));
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
    gateway_.feed = active_feed(report_state_, facts_); // reading a feed depends on the facts
    if (gateway_.awaited_feed) {
        find_awaited_tray(); // and so do the units of errors
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
    return View{report_state_, gateway_, facts_, *instance.entity, instance.place};
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
