// How an action ended and why it was refused. Shared by commands and file jobs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// How a command ended; exactly one of these per command.
enum class Status : std::uint8_t {
    effective,   ///< the printer's own report now shows it
    accepted,    ///< the printer acknowledged it and nothing in its reports can show more
    done,        ///< a file or local action finished; `data` has the result
    refused,     ///< not sent, or the printer said no
    unconfirmed, ///< sent, and nothing confirmed it before the deadline, or before a newer value came
    failed,      ///< a file action broke off; the message says what was left behind
};

[[nodiscard]] std::string_view name_of(Status status);

/// Why a command was refused, or not waited for.
enum class Code : std::uint8_t {
    none, ///< neither
    invalid_argument,
    unknown_command,
    not_supported, ///< this printer does not have it
    busy,          ///< not in this state: printing, a transfer is running
    not_allowed,   ///< the configuration forbids it
    offline,
    developer_mode_required, ///< the firmware takes it only signed
    printer_refused,         ///< the printer said no
    not_found,               ///< no such file, unit or tray
    conflict,   ///< something else stands in the way: the file exists as a folder, is being printed
    superseded, ///< a newer value for the same control came; also of a command that was sent (unconfirmed)
};

/// The word of a code; empty for `none`.
[[nodiscard]] std::string_view name_of(Code code);

/// Why something was not done, for people and for programs.
struct Refusal {
    Code code = Code::invalid_argument;
    std::string message{}; ///< what was found and what was expected, lower case, no full stop
};

} // namespace bambu2mqtt
