// Requests that add, change and remove printers: their effect on the file of managed printers.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/base/status.hpp>
#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/port/effects.hpp>

#include <functional>
#include <optional>
#include <string>

namespace bambu2mqtt {

/// Reads the configuration file; `managed` in place of what the file of managed printers holds.
using ConfigSource = std::function<LoadedConfig(const std::optional<std::string>& managed)>;

/// Writes the file of managed printers as `request` wants it, if the whole configuration is right with it. A
/// refusal without a code: it could not be written.
[[nodiscard]] expected<void, Refusal> change_managed_printers(const ReloadConfig& request,
                                                              const ConfigSource& read);

} // namespace bambu2mqtt
