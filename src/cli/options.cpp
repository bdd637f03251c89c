#include "cli/options.hpp"

#include "cli/command_syntax.hpp"
#include "cli/option_checks.hpp"
#include <bambu2mqtt/base/log_level.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/config/config_table.hpp>
#include <bambu2mqtt/printer/serial.hpp>
#include <bambu2mqtt/topic/printer_id.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <system_error>

namespace bambu2mqtt {

namespace {

constexpr int exit_usage = 2;
constexpr const char* summary = "Connects Bambu Lab printers in the local network to MQTT home automation.";
constexpr const char* config_variable = "BAMBU2MQTT_CONFIG";
constexpr const char* system_config = "/etc/bambu2mqtt/bambu2mqtt.toml";
constexpr const char* local_config = "./config/bambu2mqtt.toml";

/// Command line values before validation.
struct Typed {
    std::string config{};
    std::string log_level{};
    std::string model{};
    std::string now{};
    std::string developer_mode{};
    std::int64_t seconds = every_printer_announced.count();
    std::int64_t recorded_seconds = 60;
};

/// --config, the environment, or the default.
std::filesystem::path find_config(const std::string& typed) {
    if (!typed.empty()) {
        return typed;
    }
    if (const char* const variable = std::getenv(config_variable); variable != nullptr && *variable != '\0') {
        return variable;
    }
    return default_config(system_config, local_config);
}

/// Options that describe an absent printer.
void add_printer(CLI::App& command, Options& options, Typed& typed) {
    command.add_option("--model", typed.model, "the printer's model, in any case: " + model_list())
        ->type_name("MODEL")
        ->check(check_model);
    command.add_option("--serial", options.serial, "the printer's serial number")
        ->type_name("SERIAL")
        ->check(check_serial);
}

void add_developer_mode(CLI::App& command, Typed& typed) {
    command.add_option("--developer-mode", typed.developer_mode, "on or off; default: what the messages say")
        ->type_name("on|off")
        ->check(check_on_off);
}

/// The options of decode and discovery that describe the printer of the files.
void add_printer_files(CLI::App& command, Options& options, Typed& typed) {
    add_printer(command, options, typed);
    command
        .add_option("FILE", options.files,
                    "files with JSON messages of the report topic; - is standard input")
        ->type_name("")
        ->required();
}

void add_decode(CLI::App& app, Options& options, Typed& typed) {
    auto& command = *app.add_subcommand("decode", "turn recorded printer messages into entity values");
    add_printer_files(command, options, typed);
    command.add_option("--now", typed.now, "the current time to assume, in RFC 3339")
        ->type_name("TIME")
        ->check(check_time);
    command.add_flag("--each", options.each, "print one line per message with what changed, and its events");
    command.callback([&options] { options.task = Task::decode; });
}

void add_discovery(CLI::App& app, Options& options, Typed& typed) {
    auto& command = *app.add_subcommand(
        "discovery", "print the retained messages such a printer would have on the broker");
    add_printer_files(command, options, typed);
    command
        .add_option("--id", options.id,
                    "the printer's topic level; default: model and last four of the serial")
        ->type_name("ID")
        ->check(check_id);
    command.add_option("--name", options.name, "the printer's name")->type_name("NAME");
    add_developer_mode(command, typed);
    command.callback([&options] { options.task = Task::discovery; });
}

void add_encode(CLI::App& app, Options& options, Typed& typed) {
    auto& command =
        *app.add_subcommand("encode", "print what a command would send to the printer, one step per line");
    add_printer(command, options, typed);
    add_developer_mode(command, typed);
    command
        .add_option("--state", options.files,
                    "messages of the report topic with the printer's state; - is standard input")
        ->type_name("FILE")
        ->expected(1)
        ->allow_extra_args(false); // the rest is the command
    command.add_flag("--raw-commands", options.raw_commands, "as with control.raw_commands = true");
    command.add_option("COMMAND", options.name_of_command, "the command's name")
        ->type_name("")
        ->required()
        ->check(check_not_empty);
    command.add_option("JSON-ARGS", options.arguments, "its arguments as a JSON object")->type_name("");
    command.callback([&options] { options.task = Task::encode; });
}

void add_entities(CLI::App& app, Options& options, Typed& typed) {
    auto& command = *app.add_subcommand("entities", "print the list of entities");
    command.add_option("--model", typed.model, "only what this model has: " + model_list())
        ->type_name("MODEL")
        ->check(check_model);
    command.add_flag("--markdown", options.markdown, "as a Markdown table");
    command.callback([&options] { options.task = Task::entities; });
}

void add_discover(CLI::App& app, Options& options, Typed& typed) {
    auto& command =
        *app.add_subcommand("discover", "list the printers that announce themselves in the local network");
    command
        .add_option("--seconds", typed.seconds,
                    "how long to listen; printers announce themselves every 5 to 30 s")
        ->type_name("N")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    command.add_flag("--json", options.json, "one JSON object per printer instead of a table");
    command.footer(
        "MODE is as announced: \"lan\" or \"cloud\" (LAN Only or not), and \"free\" or \"occupied\" (whether "
        "the printer is bound to an account).");
    command.callback([&options] { options.task = Task::discover; });
}

void add_doctor(CLI::App& app, Options& options) {
    auto& command = *app.add_subcommand(
        "doctor", "check configuration, broker and printers, and print what is wrong with what to do");
    command
        .add_option("PRINTER", options.printers,
                    "ids, names or serials of printers in the configuration; default: all")
        ->type_name("")
        ->check(check_not_empty);
    command.add_flag("--json", options.json, "one JSON object per check instead of a line");
    command.callback([&options] { options.task = Task::doctor; });
}

void add_init(CLI::App& app, Options& options) {
    constexpr std::uint16_t largest_port = 65535;
    auto& command = *app.add_subcommand(
        "init", "find printers, ask for what is missing, try all of it and write the configuration file");
    command
        .add_option("--broker", options.broker, "the MQTT broker: mqtt://HOST[:PORT] or mqtts://HOST[:PORT]")
        ->type_name("URL")
        ->check(check_not_empty);
    command.add_option("--serial", options.serial, "only the printer with this serial number")
        ->type_name("SERIAL")
        ->check(check_serial);
    command.add_option("--host", options.host, "its name or address, if it does not announce itself here")
        ->type_name("HOST")
        ->check(check_not_empty);
    command
        .add_option("--access-code-file", options.access_code_file,
                    "a file that holds its access code, which is copied")
        ->type_name("FILE")
        ->check(check_not_empty);
    command.add_option("--name", options.name, "its name; default: the one it announces")->type_name("NAME");
    command.add_option("--mqtt-port", options.mqtt_port, "its port for MQTT, if another than 8883")
        ->type_name("PORT")
        ->check(CLI::Range(std::uint16_t{1}, largest_port));
    command.add_option("--ftps-port", options.ftps_port, "its port for files, if another than 990")
        ->type_name("PORT")
        ->check(CLI::Range(std::uint16_t{1}, largest_port));
    command.add_flag("--non-interactive", options.non_interactive,
                     "ask nothing; needs --broker and --access-code-file");
    command.add_flag("--force", options.force, "replace an existing file, which is kept as FILE.bak");
    command.callback([&options] { options.task = Task::init; });
}

void add_record(CLI::App& app, Options& options, Typed& typed) {
    constexpr std::int64_t longest_recording = 86'400;
    auto& command = *app.add_subcommand(
        "record", "record a printer's reports for a bug report, without what identifies you");
    command.add_option("PRINTER", options.printer, "the printer's id, name or serial in the configuration")
        ->type_name("")
        ->required()
        ->check(check_not_empty);
    command.add_option("--seconds", typed.recorded_seconds, "how long; Ctrl-C ends it earlier")
        ->type_name("N")
        ->check(CLI::Range(std::int64_t{1}, longest_recording))
        ->capture_default_str();
    command.add_option("--out", options.out, "a new file, readable by you alone; default: standard output")
        ->type_name("FILE")
        ->check(check_not_empty);
    command.add_flag("--raw", options.raw,
                     "keep serial numbers, addresses, names, tags and ids: not for others");
    command.callback([&options] { options.task = Task::record; });
}

void add_replay(CLI::App& app, Options& options) {
    constexpr double slowest = 0.01;
    constexpr double fastest = 1000;
    auto& command = *app.add_subcommand(
        "replay", "run the gateway with recordings in place of printers, below BASE_TOPIC-replay");
    command.add_option("FILE", options.files, "recordings, each of one printer")->type_name("")->required();
    command.add_option("--speed", options.speed, "times as fast as recorded")
        ->type_name("X")
        ->check(CLI::Range(slowest, fastest))
        ->capture_default_str();
    command
        .add_option("--broker", options.broker,
                    "another broker, without a login: mqtt://HOST[:PORT] or mqtts://HOST[:PORT]")
        ->type_name("URL")
        ->check(check_not_empty);
    command.add_flag("--discovery", options.discovery, "announce the printers to Home Assistant, too");
    command.footer(
        "Removes all its messages from the broker at the end, and touches nothing of a running gateway.");
    command.callback([&options] { options.task = Task::replay; });
}

void add_simulate(CLI::App& app, Options& options) {
    auto& command = *app.add_subcommand(
        "simulate", "start simulated printers, to try the gateway and automations without a printer");
    command
        .add_option(
            "MODEL", options.models,
            "one printer of each of these models: X1C, P1S, A1MINI, H2D, P2S or X2D; default: one X1C")
        ->type_name("");
    command.add_option("--broker", options.broker, "the broker in the configuration written for the gateway")
        ->type_name("URL")
        ->check(check_not_empty);
    command.footer("Runs bambu2mqtt-simulator, which has more options: bambu2mqtt-simulator --help.");
    command.callback([&options] { options.task = Task::simulate; });
}

void add_commands(CLI::App& app, Options& options, Typed& typed) {
    app.add_subcommand("run", "run the gateway (the default command)");
    app.add_subcommand("check", "check configuration and templates, and report all problems together")
        ->callback([&options] { options.task = Task::check; });
    add_init(app, options);
    add_doctor(app, options);
    add_record(app, options, typed);
    add_replay(app, options);
    add_simulate(app, options);
    add_decode(app, options, typed);
    add_encode(app, options, typed);
    add_discovery(app, options, typed);
    add_entities(app, options, typed);
    add_discover(app, options, typed);
    auto& pin =
        *app.add_subcommand("pin", "show the certificate a printer presents now and trust it from now on");
    pin.add_option("PRINTER", options.printer, "the printer's id, name or serial in the configuration")
        ->type_name("")
        ->required()
        ->check(check_not_empty);
    pin.add_flag("--yes", options.yes, "trust it without asking; required without a terminal");
    pin.add_flag("--force", options.force, "trust a certificate that does not name the printer's serial");
    pin.callback([&options] { options.task = Task::pin; });
    app.add_subcommand("health", "exit with 0 while the gateway is alive and connected to the broker")
        ->callback([&options] { options.task = Task::health; });
    for (const auto* const name : {"run", "check", "init", "doctor", "record", "replay", "pin", "health"}) {
        app.get_subcommand(name)->footer(
            "The options --config and --log-level of bambu2mqtt --help are accepted here, too.");
    }
}

/// "Did you mean ...?" for a mistyped command; else empty.
std::string meant_command(const CLI::App& app) {
    if (!app.get_subcommands().empty()) {
        return {};
    }
    std::vector<std::string_view> names;
    for (const auto* const command : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(command->get_name());
    }
    for (const auto& word : app.remaining()) {
        const auto meant = word.starts_with('-') ? std::string_view{} : nearest_name(word, names);
        if (!meant.empty()) {
            return fmt::format("Did you mean \"{}\"?\n", meant);
        }
    }
    return {};
}

void describe(CLI::App& app, Options& options, Typed& typed) {
    app.name("bambu2mqtt");
    app.fallthrough();
    app.require_subcommand(0, 1);
    app.set_version_flag("--version", "bambu2mqtt " BAMBU2MQTT_VERSION);
    app.add_option("--config", typed.config,
                   fmt::format("the configuration file; default: ${}, else {}, else {} if only that exists",
                               config_variable, system_config, local_config))
        ->type_name("FILE")
        ->check(check_not_empty);
    app.add_option("--log-level", typed.log_level, "overrides log.level: " + one_of(log_level_words))
        ->type_name("LEVEL")
        ->check(check_log_level);
    app.footer("Exit codes: 0 success, 1 failed or refused, 2 usage error, wrong configuration or unreadable "
               "input.");
    add_commands(app, options, typed);
}

void give_meaning(const Typed& typed, Options& options) {
    options.config = find_config(typed.config);
    if (!typed.log_level.empty()) {
        options.log_level = typed.log_level;
    }
    if (!typed.model.empty()) {
        options.model = parse_model(typed.model);
    }
    options.serial = read_serial(options.serial).value_or(std::string{});
    options.seconds =
        std::chrono::seconds{options.task == Task::record ? typed.recorded_seconds : typed.seconds};
    options.now = parse_rfc3339(typed.now);
    if (!typed.developer_mode.empty()) {
        options.developer_mode = typed.developer_mode == "on";
    }
}

OptionSyntax syntax_of(const CLI::Option& option) {
    const bool argument = !option.nonpositional();
    const bool has_value = !argument && option.get_items_expected_max() > 0;
    const auto type = option.get_type_name(); // "N:INT in [1 - 3600]" with a range
    return {.name = argument ? option.get_name(true) : option.get_name(),
            .value = has_value ? type.substr(0, type.find(':')) : std::string{},
            .text = option.get_description(),
            .argument = argument,
            .required = option.get_required(),
            .repeatable = argument && option.get_items_expected_max() > 1};
}

CommandSyntax syntax_of(const CLI::App& command) {
    CommandSyntax result{.text = command.get_description(), .note = command.get_footer()};
    for (const auto* const option : command.get_options()) {
        if (option->get_name() != "--help") {
            result.options.push_back(syntax_of(*option));
        }
    }
    return result;
}

} // namespace

std::vector<CommandSyntax> command_syntax() {
    Options options;
    Typed typed;
    CLI::App app{summary};
    describe(app, options, typed);
    std::vector<CommandSyntax> result{syntax_of(app)};
    for (const auto* const command : app.get_subcommands([](const CLI::App*) { return true; })) {
        result.push_back(syntax_of(*command));
        result.back().name = command->get_name();
    }
    return result;
}

std::filesystem::path default_config(const std::filesystem::path& system,
                                     const std::filesystem::path& local) {
    std::error_code error;
    const bool has_system = std::filesystem::exists(system, error) || error;
    return !has_system && std::filesystem::exists(local, error) ? local : system;
}

ParsedOptions parse_options(int argc, const char* const* argv) {
    ParsedOptions result;
    Typed typed;
    CLI::App app{summary};
    describe(app, result.options, typed);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::ostringstream output;
        std::ostringstream diagnostics;
        result.exit_code = app.exit(error, output, diagnostics) == 0 ? 0 : exit_usage;
        result.output = output.str();
        result.diagnostics = diagnostics.str() + (result.exit_code == 0 ? std::string{} : meant_command(app));
        return result;
    }
    give_meaning(typed, result.options);
    return result;
}

} // namespace bambu2mqtt
