// Printers that the request `printers` adds, changes and removes: its rules, and the text of their file.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/status.hpp>
#include <bambu2mqtt/config/config.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

/// At most so many printers are added by requests.
inline constexpr std::size_t most_managed_printers = 1000;

/// What a request does with its printer.
enum class PrinterAction : std::uint8_t { add, change, remove };

/// Whether a request may set this key of [[printer]].
[[nodiscard]] bool is_managed_key(std::string_view key);

/// The managed printers of `config` after a request. `printer` is an object: `serial`, and for `add` and
/// `change` other keys of [[printer]], whose values are checked when the result is read as a file. Refuses
/// other keys, ${, and a new host without an access code as not_allowed, a printer of the configuration file,
/// and `add` of one that is there, as conflict, one that is not there as not_found, and values of another
/// type as invalid_argument.
[[nodiscard]] expected<std::vector<PrinterConfig>, Refusal>
managed_after(const Config& config, PrinterAction action, const Json& printer);

/// The content of managed_printers_file(). Contains access codes.
[[nodiscard]] std::string managed_text(const std::vector<PrinterConfig>& printers);

} // namespace bambu2mqtt
