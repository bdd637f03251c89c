#include "man_pages.hpp"

#include "cli/command_syntax.hpp"
#include <bambu2mqtt/config/config_table.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace bambu2mqtt::reference {

namespace {

/// Text of a manual page: backslashes and hyphens are literal, and no line begins with a control character.
std::string roff(std::string_view text) {
    std::string result;
    for (const char letter : text) {
        switch (letter) {
        case '\\':
            result += "\\e";
            break;
        case '-':
            result += "\\-";
            break;
        case '.':
        case '\'':
            result += result.empty() || result.back() == '\n' ? "\\&" : "";
            result += letter;
            break;
        default:
            result += letter;
        }
    }
    return result;
}

std::string bold(std::string_view text) {
    return fmt::format("\\fB{}\\fR", roff(text));
}

std::string italic(std::string_view text) {
    return fmt::format("\\fI{}\\fR", roff(text));
}

/// A paragraph with a tag in front of it.
std::string item(std::string_view tag, std::string_view text) {
    return fmt::format(".TP\n{}\n{}\n", tag, text);
}

std::string paragraph(std::string_view text) {
    return fmt::format(".PP\n{}\n", text);
}

/// "--seconds N", "PRINTER".
std::string tag_of(const OptionSyntax& option) {
    if (option.argument) {
        return italic(option.name);
    }
    return option.value.empty() ? bold(option.name) : bold(option.name) + " " + italic(option.value);
}

/// "[--yes] PRINTER..."
std::string usage_of(const CommandSyntax& command) {
    std::string usage;
    for (const bool arguments : {false, true}) {
        for (const auto& option : command.options) {
            if (option.argument == arguments) {
                const auto shown = tag_of(option) + (option.repeatable ? "..." : "");
                usage += option.required ? " " + shown : fmt::format(" [{}]", shown);
            }
        }
    }
    return usage;
}

std::string options_of(const CommandSyntax& command) {
    std::string text;
    for (const auto& option : command.options) {
        text += item(tag_of(option), roff(option.text));
    }
    return text;
}

/// The title line, without a date, so that a page changes only when its content does.
std::string title(std::string_view name, int section) {
    return fmt::format(".\\\" Made by scripts/docs.sh\n.TH {} {} \"\" \"bambu2mqtt\"\n", name, section);
}

/// "default: 1883; expected: a whole number from 1 to 65535".
std::string limits_of(const ConfigKey& key) {
    const auto given = key.use == KeyUse::required ? std::string{"required"}
                       : key.sample.empty()        ? fmt::format("default: {}", key.default_value)
                                                   : std::string{"no default"};
    return fmt::format("{}; expected: {}", given, key.allowed.in_words);
}

} // namespace

std::string program_manual() {
    const auto commands = command_syntax();
    auto text = title("BAMBU2MQTT", 1);
    text += ".SH NAME\nbambu2mqtt \\- gateway between Bambu Lab printers and MQTT home automation\n";
    text += fmt::format(".SH SYNOPSIS\n{}{} [{}]\n", bold("bambu2mqtt"), usage_of(commands.front()),
                        italic("COMMAND"));
    text +=
        ".SH DESCRIPTION\n" +
        roff("Keeps one TLS connection to each printer in the local network, without cloud and account, "
             "turns its "
             "reports into entities and publishes them on an MQTT broker, with discovery for Home Assistant. "
             "Messages on command topics become requests to the printer, each with an outcome.") +
        "\n";
    text += paragraph(
        roff("Without a command the gateway runs in the foreground until it gets SIGTERM or SIGINT."));
    text += ".SH OPTIONS\n" + options_of(commands.front());
    text += ".SH COMMANDS\n";
    for (const auto& command : commands) {
        if (command.name.empty()) {
            continue;
        }
        text += fmt::format(".SS {}{}\n{}\n", bold(command.name), usage_of(command), roff(command.text));
        text += options_of(command);
        if (!command.note.empty()) {
            text += paragraph(roff(command.note));
        }
    }
    text += ".SH EXIT STATUS\n" + item("0", "success") + item("1", "failed or refused") +
            item("2", "usage error, wrong configuration or unreadable input");
    text +=
        ".SH ENVIRONMENT\n" + item(bold("BAMBU2MQTT_CONFIG"), "the configuration file, without the option");
    text += ".SH FILES\n" + item(italic("/etc/bambu2mqtt/bambu2mqtt.toml"), "the configuration") +
            item(italic("/var/lib/bambu2mqtt"),
                 roff("state: pinned certificates, what is known about printers")) +
            item(italic("/usr/share/doc/bambu2mqtt"), "documentation and examples");
    text += ".SH SEE ALSO\n\\fBbambu2mqtt.toml\\fR(5)\n";
    return text;
}

std::string configuration_manual() {
    auto text = title("BAMBU2MQTT.TOML", 5);
    text += ".SH NAME\nbambu2mqtt.toml \\- configuration of bambu2mqtt\n.SH DESCRIPTION\n";
    text +=
        roff("The file is in TOML. Relative paths start at its folder. A secret is given as the text itself, "
             "as a file "
             "that holds it (the key with \"_file\" behind it) or as \"${NAME}\", which is taken from the "
             "environment.") +
        "\n";
    text +=
        paragraph(fmt::format("{} says what is wrong in a file, with the line.", bold("bambu2mqtt check")));
    for (const auto section : config_sections()) {
        text += fmt::format(".SH {}\n",
                            section.empty() ? "KEYS BEFORE THE FIRST SECTION" : roff(header_of(section)));
        for (const auto& key : config_keys()) {
            if (key.section == section) {
                text += item(bold(key.name), roff(key.doc)) + fmt::format(".br\n{}\n", roff(limits_of(key)));
            }
        }
    }
    text += ".SH FILES\n" + item(italic("/etc/bambu2mqtt/bambu2mqtt.toml"), "the configuration") +
            item(italic("/usr/share/doc/bambu2mqtt/examples/bambu2mqtt.toml"), "an example with every key");
    text += ".SH SEE ALSO\n\\fBbambu2mqtt\\fR(1)\n";
    return text;
}

} // namespace bambu2mqtt::reference
