// The command line: command, options, and the path of the configuration file. Reads no file and runs nothing.
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

/// Commands of the program.
enum class Task : std::uint8_t {
    run,       ///< the gateway
    check,     ///< validates configuration and templates
    decode,    ///< report files to entity values
    encode,    ///< a command to its requests
    discovery, ///< report files to the retained messages
    entities,  ///< prints the entity table
    pin,       ///< trusts the certificate a printer presents now
    discover,  ///< lists announced printers
    health,    ///< checks whether the running gateway works
    doctor,    ///< checks configuration, broker and printers
    init,      ///< writes a first configuration file
    record,    ///< records a printer's reports
    replay,    ///< runs the gateway with recordings in place of printers
    simulate,  ///< starts simulated printers
};

/// A valid command line. Options that a command does not have keep their defaults.
struct Options {
    std::filesystem::path config{}; ///< the first found of --config, $BAMBU2MQTT_CONFIG, /etc, ./config
    std::optional<std::string> log_level{}; ///< overrides log.level; one of log_level_words
    Task task = Task::run;
    std::vector<std::string> files{};    ///< decode, discovery, encode (the state); "-" is standard input
    std::optional<Model> model{};        ///< decode, encode, discovery, entities
    std::string serial{};                ///< decode, encode, discovery, init; trimmed, upper case
    std::string id{};                    ///< discovery; [a-z0-9_-]+
    std::string name{};                  ///< discovery, init
    std::string printer{};               ///< pin, record: id, name or serial, as the user wrote it
    std::vector<std::string> printers{}; ///< doctor: ids, names or serials; empty: all
    bool force = false; ///< init: replace the file; pin: also a certificate that does not name the serial
    bool yes = false;   ///< pin: trust without asking
    std::optional<WallTime> now{};                          ///< decode: the current time to assume
    bool each = false;                                      ///< decode: one line per message
    bool markdown = false;                                  ///< entities
    std::chrono::seconds seconds = every_printer_announced; ///< discover, record: how long
    bool json = false;                                      ///< discover, doctor: one JSON object per line
    std::optional<bool> developer_mode{};                   ///< discovery, encode
    std::string name_of_command{};                          ///< encode
    std::string arguments{};                                ///< encode: JSON text, may be empty
    bool raw_commands = false;                              ///< encode: as with control.raw_commands
    std::string broker{};                                   ///< init, replay, simulate: URL
    std::string host{};                                     ///< init
    std::filesystem::path access_code_file{};               ///< init
    std::optional<std::uint16_t> mqtt_port{};               ///< init
    std::optional<std::uint16_t> ftps_port{};               ///< init
    bool non_interactive = false;                           ///< init: ask nothing
    std::filesystem::path out{};                            ///< record: a new file; empty: standard output
    double speed = 1;                                       ///< replay: times as fast
    bool discovery = false;                                 ///< replay: announce to Home Assistant
    bool raw = false;                                       ///< record: replace nothing
    std::vector<std::string> models{};                      ///< simulate: one printer each; empty: one X1C
};

/// Result of parsing the command line: with an exit code the program ends, after printing both texts.
struct ParsedOptions {
    Options options{};
    std::optional<int> exit_code{}; ///< 0 after --help and --version, 2 after a mistake
    std::string output{};           ///< for stdout
    std::string diagnostics{};      ///< for stderr
};

/// The configuration file if none is named: `system`, unless there is certainly none and `local` exists. A
/// file that cannot be looked at is not skipped: reading it then tells why.
[[nodiscard]] std::filesystem::path default_config(const std::filesystem::path& system,
                                                   const std::filesystem::path& local);

/// Parses a command line; `argv[0]` is the program. Reads $BAMBU2MQTT_CONFIG from the environment. Never
/// throws for user input.
[[nodiscard]] ParsedOptions parse_options(int argc, const char* const* argv);

} // namespace bambu2mqtt
