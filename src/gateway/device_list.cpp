#include "gateway/device_list.hpp"

#include <bambu2mqtt/homeassistant/discovery.hpp>

#include <utility>

namespace bambu2mqtt {

namespace {

/// What the printer has, by its reports. `np` and `fun` only say how it reports.
OrderedJson capabilities_of(const Facts& facts) {
    auto names = OrderedJson::array();
    for (std::size_t i = 0; i < facts.features.size(); ++i) {
        const auto feature = static_cast<Feature>(i);
        if (facts.has(feature) && feature != Feature::np && feature != Feature::fun) {
            names.push_back(name_of(feature));
        }
    }
    return names;
}

OrderedJson units_of(const Facts& facts) {
    auto units = OrderedJson::array();
    for (const auto& unit : facts.units) {
        units.push_back({{"id", unit.prefix()},
                         {"model", unit.kind == UnitKind::unknown ? OrderedJson() : name_of(unit.kind)},
                         {"firmware", text_or_null(unit.firmware)},
                         {"trays", unit.trays()},
                         {"present", unit.present}});
    }
    return units;
}

OrderedJson shown_device(const PrinterSession& session) {
    const auto& names = session.settings().names;
    const auto& facts = session.printer().facts();
    const auto& connection = session.connection();
    return {{"id", names.id},
            {"name", display_name(names, facts)},
            {"serial", names.serial},
            {"model", facts.model == Model::unknown ? OrderedJson() : facts.traits().code},
            {"host", text_or_null(connection.host())},
            {"firmware", text_or_null(facts.firmware)},
            {"connection", name_of(connection.state())},
            {"groups", session.settings().groups},
            {"area", text_or_null(names.area)},
            {"capabilities", capabilities_of(facts)},
            {"units", units_of(facts)}};
}

} // namespace

void DeviceList::update(std::size_t index, const PrinterSession& session) {
    auto& device = devices_[index];
    const auto& facts = session.printer().facts();
    const auto& connection = session.connection();
    if (!device.shown.is_null() && device.connection == connection.state() &&
        device.host == connection.host() && device.facts == facts) {
        return;
    }
    device.facts = facts;
    device.connection = connection.state();
    device.host = connection.host();
    auto shown = shown_device(session);
    changed_ = changed_ || shown != device.shown;
    device.shown = std::move(shown);
}

std::optional<std::string> DeviceList::take() {
    if (!std::exchange(changed_, false)) {
        return std::nullopt;
    }
    auto list = OrderedJson::array();
    for (const auto& device : devices_) {
        list.push_back(device.shown);
    }
    return json_text(list);
}

} // namespace bambu2mqtt
