#include "simulator/gateway_config.hpp"

#include "simulator/model_profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

namespace bambu2mqtt::simulator {
namespace {

/// A TOML basic string.
std::string toml_string(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            result += '\\';
        result += c;
    }
    return result + '"';
}

} // namespace

std::string default_id(const FleetPrinter& printer) {
    auto id = printer.serial;
    for (const auto& model : model_profiles()) {
        if (printer.serial.starts_with(model.serial_prefix))
            id = fmt::format("{}_{}", model.name, printer.serial.substr(printer.serial.size() - 4));
    }
    std::ranges::transform(id, id.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return id;
}

std::string gateway_config(const std::vector<FleetPrinter>& printers, const GatewayConfigOptions& options) {
    std::string text =
        fmt::format("state_directory = {}\n\n[broker]\nurl = {}\n\n[files]\ndirectory = {}\n",
                    toml_string((options.directory / "state").string()), toml_string(options.broker_url),
                    toml_string((options.directory / "state" / "files").string()));
    for (const auto& printer : printers) {
        text += fmt::format("\n[[printer]]\nserial = {}\n", toml_string(printer.serial));
        if (options.write_ids)
            text += fmt::format("id = {}\n", toml_string(default_id(printer)));
        if (!printer.host.empty())
            text += fmt::format("host = {}\n", toml_string(printer.host));
        text += fmt::format("mqtt_port = {}\naccess_code = {}\nname = {}\n", printer.port,
                            toml_string(printer.access_code), toml_string(printer.name));
        if (const auto port = printer.ftps_port != 0 ? printer.ftps_port : options.ftps_port; port != 0)
            text += fmt::format("ftps_port = {}\n", port);
        if (options.doors == Doors::shared)
            text += "tls = \"insecure\"\n";
    }
    return text;
}

} // namespace bambu2mqtt::simulator
