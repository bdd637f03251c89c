#include <bambu2mqtt/config/config_draft.hpp>

#include <fmt/format.h>

#include <string_view>

namespace bambu2mqtt {

namespace {

constexpr std::string_view draft_head =
    "# Written by bambu2mqtt init. docs/configuration.md lists every key.\n"
    "# This file contains secrets: only the gateway's user may read it.\n";

/// A TOML basic string. Control characters are escaped; other bytes stay.
std::string toml_text(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            result += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
        } else {
            result += c;
        }
    }
    return result + '"';
}

void put_text(std::string& file, std::string_view key, std::string_view value) {
    if (!value.empty()) {
        file += fmt::format("{} = {}\n", key, toml_text(value));
    }
}

void put_port(std::string& file, std::string_view key, std::optional<std::uint16_t> port) {
    if (port) {
        file += fmt::format("{} = {}\n", key, *port);
    }
}

} // namespace

std::string printer_text(const PrinterDraft& printer) {
    std::string text{"[[printer]]\n"};
    put_text(text, "serial", printer.serial);
    put_text(text, "id", printer.id);
    put_text(text, "name", printer.name);
    put_text(text, "host", printer.host);
    put_text(text, "access_code", printer.access_code.reveal());
    put_text(text, "area", printer.area);
    put_port(text, "mqtt_port", printer.mqtt_port);
    put_port(text, "ftps_port", printer.ftps_port);
    if (!printer.groups.empty()) {
        text += "groups = [";
        for (const auto& group : printer.groups) {
            text += fmt::format("{}{}", &group == &printer.groups.front() ? "" : ", ", toml_text(group));
        }
        text += "]\n";
    }
    return text;
}

std::string config_text(const ConfigDraft& draft) {
    std::string file{draft_head};
    file += "\n[broker]\n";
    put_text(file, "url", draft.broker_url);
    put_text(file, "username", draft.username);
    put_text(file, "password", draft.password.reveal());
    for (const auto& printer : draft.printers) {
        file += "\n" + printer_text(printer);
    }
    return file;
}

} // namespace bambu2mqtt
