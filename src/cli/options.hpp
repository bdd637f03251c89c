// The command line: which command with which options, and where the configuration file is.
// Reads no file and runs nothing.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/printer/model.hpp>
#include <bambu2mqtt/printer/ssdp_announcement.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// What the program is asked to do.
enum class Task : std::uint8_t {
    run,       ///< the gateway
    check,     ///< validates configuration and templates
    decode,    ///< report files to entity values
    encode,    ///< a command to what is sent to the printer
    discovery, ///< report files to the retained messages
    entities,  ///< prints the catalogue
    pin,       ///< trusts the certificate a printer presents now
    discover,  ///< lists the printers that announce themselves
    health,    ///< asks whether the running gateway is alive
};

/// A command line that makes sense. What a command does not know stays at its default.
struct Options {
    std::filesystem::path config{}; ///< the first found of --config, $BAMBU2MQTT_CONFIG, /etc, ./config
    std::optional<std::string> log_level{}; ///< overrides log.level; one of log_levels()
    Task task = Task::run;
    std::vector<std::string> files{}; ///< decode, discovery, encode (the state); "-" is standard input
    std::optional<Model> model{};     ///< decode, encode, discovery, entities
    std::string serial{};             ///< decode, encode, discovery; trimmed, upper case
    std::string id{};                 ///< discovery; [a-z0-9_-]+
    std::string name{};               ///< discovery
    std::string printer{};            ///< pin: id, name or serial, as the user wrote it
    bool force = false;               ///< pin: also a certificate that does not name the serial
    bool yes = false;                 ///< pin: trust without asking
    std::optional<WallTime> now{};    ///< decode: what time to take it for
    bool each = false;                ///< decode: one line per message
    bool markdown = false;            ///< entities
    std::chrono::seconds seconds = every_printer_announced; ///< discover: how long to listen
    bool json = false;                                      ///< discover: one JSON object per printer
    std::optional<bool> developer_mode{};                   ///< discovery, encode
    std::string name_of_command{};                          ///< encode
    std::string arguments{};                                ///< encode: JSON text, may be empty
    bool raw_commands = false;                              ///< encode: as with control.raw_commands
};

/// What the command line gave: with an exit code the program ends at once, after printing both texts.
struct ParsedOptions {
    Options options{};
    std::optional<int> exit_code{}; ///< 0 after --help and --version, 2 after a mistake
    std::string output{};           ///< for stdout
    std::string diagnostics{};      ///< for stderr
};

/// Reads a command line; `argv[0]` is the program. Reads the environment for $BAMBU2MQTT_CONFIG. Never throws
/// for anything a user can type.
[[nodiscard]] ParsedOptions parse_options(int argc, const char* const* argv);

} // namespace bambu2mqtt
