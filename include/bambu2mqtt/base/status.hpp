// Final status of an action and codes of refusals. Shared by commands and file jobs.
#pragma once

#include <bambu2mqtt/base/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Final status of a command; exactly one per command.
enum class Status : std::uint8_t {
    effective,   ///< the printer's report shows the effect
    accepted,    ///< acknowledged by the printer, and its reports cannot show the effect
    done,        ///< a file or local action finished; `data` has the result
    refused,     ///< not sent, or refused by the printer
    unconfirmed, ///< sent, but not confirmed before the deadline, or before a newer value
    failed,      ///< a file action failed; the message names leftovers
};

[[nodiscard]] std::string_view name_of(Status status);

/// Why a command was refused, or why the gateway did not wait.
enum class Code : std::uint8_t {
    none, ///< neither
    invalid_argument,
    unknown_command,
    not_supported, ///< the printer lacks the feature
    busy,          ///< not in the current state: printing, a transfer is running
    not_allowed,   ///< forbidden by the configuration
    offline,
    developer_mode_required, ///< the firmware requires a signature
    printer_refused,         ///< refused by the printer
    not_found,               ///< no such file, unit or tray
    conflict,                ///< another conflict: the file exists as a folder, is being printed
    superseded, ///< a newer value for the same control was received; also of a command that was sent
                ///< (unconfirmed)
};

/// The word of a code; empty for `none`.
[[nodiscard]] std::string_view name_of(Code code);

/// Why something was not done, as text and code.
struct Refusal {
    Code code = Code::invalid_argument;
    std::string message{}; ///< what was found and what was expected, lower case, no full stop
};

/// `return refuse(Code::conflict, "...");` where a Refusal is expected instead of a result.
[[nodiscard]] unexpected<Refusal> refuse(Code code, std::string message);

} // namespace bambu2mqtt
