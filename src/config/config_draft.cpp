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

std::string config_text(const ConfigDraft& draft) {
    std::string file{draft_head};
    file += "\n[broker]\n";
    put_text(file, "url", draft.broker_url);
    put_text(file, "username", draft.username);
    put_text(file, "password", draft.password.reveal());
    for (const auto& printer : draft.printers) {
        file += "\n[[printer]]\n";
        put_text(file, "serial", printer.serial);
        put_text(file, "id", printer.id);
        put_text(file, "name", printer.name);
        put_text(file, "host", printer.host);
        put_text(file, "access_code", printer.access_code.reveal());
        put_port(file, "mqtt_port", printer.mqtt_port);
        put_port(file, "ftps_port", printer.ftps_port);
    }
    return file;
}

} // namespace bambu2mqtt
