// Which printer of the configuration a user means, and where it is.
#pragma once

#include <bambu2mqtt/config/config.hpp>

#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// By id, serial or name; null if there is none.
[[nodiscard]] const PrinterConfig* find_printer(const Config& config, const std::string& wanted);

/// Where the gateway last reached the printer, if not at its configured host; empty: none. Unreadable state
/// is reported on `diagnostics`.
[[nodiscard]] std::string learned_address(const Config& config, const PrinterConfig& printer,
                                          std::ostream& diagnostics);

/// Announced addresses by serial: listens until all of these printers were announced, or for
/// `every_printer_announced`. Ports that cannot be opened are reported on `diagnostics`.
[[nodiscard]] std::map<std::string, std::string> announced_addresses(const std::vector<std::string>& serials,
                                                                     std::ostream& diagnostics);

} // namespace bambu2mqtt
