#include "cli/offline.hpp"

#include "cli/report_files.hpp"
#include <bambu2mqtt/gateway/state_messages.hpp>
#include <bambu2mqtt/homeassistant/discovery.hpp>
#include <bambu2mqtt/recording/recorded_line.hpp>
#include <bambu2mqtt/state/job_tracker.hpp>
#include <bambu2mqtt/state/printer.hpp>
#include <bambu2mqtt/topic/printer_id.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace bambu2mqtt {

namespace {

/// Values that only a running gateway has are left out of decode.
bool comes_from_reports(const Entity& entity) {
    return entity.decode != nullptr &&
           !(entity.follows == Follows::bridge && entity.gateway != GatewayField::none);
}

OrderedJson values_of(const Printer& printer) {
    auto values = OrderedJson::object();
    const auto& instances = printer.layout().instances();
    for (std::size_t i = 0; i < instances.size(); ++i) {
        if (comes_from_reports(*instances[i].entity)) {
            values[instances[i].id] = json_of(printer.value(i));
        }
    }
    return values;
}

/// The changes in `next`: new values, and null for removed entities.
OrderedJson difference(const OrderedJson& before, const OrderedJson& next) {
    auto changed = OrderedJson::object();
    for (const auto& [id, value] : next.items()) {
        const auto old = before.find(id);
        if (old == before.end() || *old != value) {
            changed[id] = value;
        }
    }
    for (const auto& [id, value] : before.items()) {
        if (!next.contains(id)) {
            changed[id] = nullptr;
        }
    }
    return changed;
}

std::optional<Now> clock_of(const Options& options) {
    return options.now ? std::optional{Now{.instant = {}, .wall = *options.now}} : std::nullopt;
}

bool feed(Printer& printer, ReportParser& parser, std::string_view message, std::optional<Now> now) {
    const auto update = printer.take(message, parser, now);
    printer.forget_absent_units(0);
    return update.has_value();
}

/// The times of messages: as recorded, else a second apart.
class MessageClock {
  public:
    [[nodiscard]] Now next(std::string_view message) {
        const auto written = recorded_time(message);
        now_ = written ? Now{Instant{written->time_since_epoch()},
                             std::chrono::floor<std::chrono::seconds>(*written)}
                       : Now{now_.instant + std::chrono::seconds{1}, now_.wall + std::chrono::seconds{1}};
        return now_;
    }

  private:
    Now now_;
};

/// The events that a status report shows, as types.
std::vector<std::string> events_of(JobTracker& tracker, const Printer& printer, const Update& update,
                                   Now now) {
    std::vector<std::string> types;
    auto seen = tracker.tick(now);
    if (update.kind == ReportKind::status) {
        std::ranges::move(tracker.update(printer, update.full, now), std::back_inserter(seen));
    }
    std::ranges::transform(seen, std::back_inserter(types),
                           [](const PrinterEvent& event) { return std::string{event.type}; });
    return types;
}

/// Possible entities of a model: with every feature that reports could prove, and one AMS.
Facts most_of(Model model) {
    Facts facts{.model = model, .firmware = "98.00.00.00", .complete = true};
    facts.features.set();
    facts.features.reset(static_cast<std::size_t>(Feature::rack));
    if (!facts.traits().airduct) {
        // Only an air duct lists fans.
        for (const auto listed :
             {Feature::part_fan, Feature::aux_fan, Feature::chamber_fan, Feature::secondary_aux_fan}) {
            facts.features.reset(static_cast<std::size_t>(listed));
        }
    }
    facts.units = {Unit{.id = 0,
                        .kind = UnitKind::ams_2_pro,
                        .reports_humidity = true,
                        .reports_temperature = true,
                        .reports_drying = true}};
    return facts;
}

OrderedJson retained(const Message& message) {
    return OrderedJson{{"topic", message.topic}, {"payload", message.payload}, {"retain", true}};
}

} // namespace

int run_decode(const Options& options, std::istream& input, std::ostream& output, std::ostream& diagnostics) {
    // Every entity is shown from the start: a file may contain partial reports only.
    Printer printer{options.serial, options.model, Rounding::plain,
                    Facts{.serial = options.serial, .complete = true}};
    ReportParser parser;
    auto shown = OrderedJson::object();
    bool has_any = false;
    JobTracker tracker;
    MessageClock clock;
    const auto take = [&](std::string_view message) {
        const auto update = printer.take(message, parser, clock_of(options));
        printer.forget_absent_units(0);
        has_any = has_any || update.has_value();
        if (update && options.each) {
            auto next = values_of(printer);
            auto changed = difference(shown, next);
            if (auto events = events_of(tracker, printer, *update, clock.next(message)); !events.empty()) {
                changed["events"] = std::move(events);
            }
            output << changed.dump() << '\n';
            shown = std::move(next);
        }
        return update.has_value();
    };
    const auto know = [&](std::string_view message) {
        return feed(printer, parser, message, clock_of(options));
    };
    const int exit_code = read_reports(options.files, input, diagnostics, know, take);
    if (!options.each && has_any) {
        output << values_of(printer).dump(2) << '\n';
    }
    return exit_code;
}

int run_discovery(const Options& options, std::istream& input, std::ostream& output,
                  std::ostream& diagnostics) {
    Printer printer{options.serial, options.model, Rounding::plain};
    ReportParser parser;
    const auto take = [&](std::string_view message) { return feed(printer, parser, message, std::nullopt); };
    const int exit_code = read_reports(options.files, input, diagnostics, take, take);
    if (exit_code != 0) {
        return exit_code;
    }
    const auto serial = options.serial.empty() ? stand_in_serial(printer.facts().model) : options.serial;
    (void)printer.set_connection({.state = "connected"});
    if (options.developer_mode) {
        (void)printer.learn_signature(*options.developer_mode ? Signature::not_needed : Signature::needed);
    }

    const auto templates = Templates::built_in();
    const DiscoverySettings settings;
    const PrinterNames names{.serial = serial,
                             .id = options.id.empty() ? default_printer_id(serial) : options.id,
                             .name = options.name};
    const PrinterTopics topics{settings.base_topic, names.id};
    const auto print = [&](const Message& message) { output << retained(message).dump() << '\n'; };

    for (const auto& message : announce_bridge(templates, settings).messages) {
        print(message);
    }
    for (const auto& device : devices_of(printer.layout())) {
        const auto announcement =
            announce_device(device, names, printer.facts(), printer.layout(), templates, settings);
        for (const auto& message : announcement.messages) {
            print(message);
        }
    }
    for (std::size_t i = 0; i < printer.layout().instances().size(); ++i) {
        for (const auto& message : state_messages(printer, i, topics)) {
            print(message);
        }
    }
    for (const auto& message : control_availability_messages(printer, topics, settings.policy)) {
        print(message);
    }
    for (const auto& message : availability_messages(printer, topics, Reachable::yes)) {
        print(message);
    }
    for (const auto& message :
         bridge_state_messages(BridgeTopics{settings.base_topic}, {names.id}, Health{})) {
        print(message);
    }
    return 0;
}

int run_entities(const Options& options, std::ostream& output) {
    const auto facts = options.model ? std::optional{most_of(*options.model)} : std::nullopt;
    const Place place{.unit = facts ? facts->units.data() : nullptr};
    const auto shown = [&](const Entity& entity) {
        const bool rack = entity.scope == Scope::rack || entity.scope == Scope::hotend;
        return !facts || ((!rack || facts->model == Model::h2c) &&
                          (entity.exists == nullptr || entity.exists(*facts, place)));
    };
    const auto enabled = [&](const Entity& entity) {
        return facts ? entity.enabled(*facts, place) : entity.enabled_by_default;
    };
    if (options.markdown) {
        output << "| id | component | class | unit | category | enabled | QoS "
                  "|\n|---|---|---|---|---|---|---|\n";
    }
    for (const auto& entity : catalogue()) {
        if (!shown(entity)) {
            continue;
        }
        constexpr std::array<std::string_view, 3> categories{"", "diagnostic", "config"};
        const auto id = pattern_of(entity);
        const auto category = categories[static_cast<std::size_t>(entity.category)];
        if (options.markdown) {
            const auto qos =
                entity.decode == nullptr ? std::string{} : std::to_string(static_cast<int>(entity.qos));
            output << fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", id, name_of(entity.component),
                                  entity.quantity.device_class, entity.quantity.unit, category,
                                  enabled(entity) ? "yes" : "no", qos);
            if (!entity.statistics.empty()) {
                output << fmt::format("| {} | sensor | {} | {} |  | no | {} |\n", entity.statistics,
                                      entity.quantity.device_class, entity.quantity.unit, qos);
            }
            continue;
        }
        OrderedJson row{{"id", id}, {"component", name_of(entity.component)}};
        row["device_class"] = text_or_null(entity.quantity.device_class);
        row["unit"] = text_or_null(entity.quantity.unit);
        row["category"] = text_or_null(category);
        row["enabled_by_default"] = enabled(entity);
        row["qos"] =
            entity.decode == nullptr ? OrderedJson(nullptr) : OrderedJson(static_cast<int>(entity.qos));
        output << row.dump() << '\n';
        if (!entity.statistics.empty()) {
            row["id"] = entity.statistics;
            row["component"] = name_of(Component::sensor);
            row["enabled_by_default"] = false;
            output << row.dump() << '\n';
        }
    }
    return 0;
}

} // namespace bambu2mqtt
