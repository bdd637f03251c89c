#include <bambu2mqtt/entity/names.hpp>
#include <bambu2mqtt/texts/texts.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace bambu2mqtt {

std::string name_in(const Instance& instance, Language language) {
    const auto& entity = *instance.entity;
    const auto name = texts_in(language).find(TextGroup::names, pattern_of(entity));
    const auto number = entity.scope == Scope::hotend ? instance.place.hotend : instance.place.tray;
    return name.empty() ? instance.name : filled(name, {{"n", std::to_string(number + 1)}});
}

std::string name_in(std::string_view id, Language language) {
    const auto name = texts_in(language).find(TextGroup::names, id);
    return name.empty() ? name_from_id(id) : std::string{name};
}

std::string device_words(std::string_view device, Language language) {
    const auto& texts = texts_in(language);
    if (const auto whole = texts.find(TextGroup::places, device); !whole.empty()) {
        return std::string{whole};
    }
    const auto split = std::min(device.rfind('_'), device.size());
    const auto form = texts.find(TextGroup::places, fmt::format("unit.{}", device.substr(0, split)));
    return form.empty() || split == device.size()
               ? std::string{texts.find(TextGroup::places, "unit.unknown")}
               : filled(form, {{"n", std::string{device.substr(split + 1)}}});
}

} // namespace bambu2mqtt
