// Names of entities and of their devices in a language. Ids never change.
#pragma once

#include <bambu2mqtt/entity/catalogue.hpp>
#include <bambu2mqtt/texts/language.hpp>

#include <string>
#include <string_view>

namespace bambu2mqtt {

/// The name of an entity of one printer: from the language file, else the row's own (English).
[[nodiscard]] std::string name_in(const Instance& instance, Language language);

/// The name of an entity without a row ("nozzle_target", "bridge_version"): from the language file, else made
/// from the id.
[[nodiscard]] std::string name_in(std::string_view id, Language language);

/// A unit, an external spool or the rack: "AMS Lite 1" for "ams_lite_1", "External spool left" for
/// "external_spool_left", "Hotend rack" for "rack". An AMS of unknown kind: "AMS".
[[nodiscard]] std::string device_words(std::string_view device, Language language);

} // namespace bambu2mqtt
