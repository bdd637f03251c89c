// A new configuration file from the answers of a user: the text alone; parse_config() checks it.
#pragma once

#include <bambu2mqtt/base/secret.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// A printer of a new file; empty texts are left out.
struct PrinterDraft {
    std::string serial{};
    std::string id{};
    std::string name{};
    std::string host{};
    Secret access_code{};
    std::optional<std::uint16_t> mqtt_port{};
    std::optional<std::uint16_t> ftps_port{};
    std::string area{};
    std::vector<std::string> groups{};
};

/// The rest of it.
struct ConfigDraft {
    std::string broker_url{};
    std::string username{};
    Secret password{};
    std::vector<PrinterDraft> printers{};
};

/// A table [[printer]], as config_text() writes it.
[[nodiscard]] std::string printer_text(const PrinterDraft& printer);

/// The file. Texts are written as TOML basic strings, so that any text is read back unchanged, but ${NAME} in
/// it is taken from the environment as in every file. Contains the secrets.
[[nodiscard]] std::string config_text(const ConfigDraft& draft);

} // namespace bambu2mqtt
