// The configuration: one struct for each section of the file, with the defaults, and reading it.
// What each key may hold is in src/config/config_table.cpp.
#pragma once

#include <bambu2mqtt/base/address.hpp>
#include <bambu2mqtt/base/secret.hpp>
#include <bambu2mqtt/command/policy.hpp>
#include <bambu2mqtt/printer/model.hpp>
#include <bambu2mqtt/texts/language.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

/// How a printer's certificate is trusted. With a configured host the first use must be at that host.
enum class TlsMode {
    pin,      ///< trust on first use if it names the serial, then only that certificate
    ca,       ///< chain to `ca_file` and a common name equal to the serial
    insecure, ///< any certificate
};

enum class DiscoveryForm {
    device,    ///< one message per device, Home Assistant 2024.11 and newer
    component, ///< one message per entity
};

enum class LogFormat { text, json };

struct BrokerConfig {
    bool tls = false; ///< the scheme of `url` was mqtts
    std::string host = "127.0.0.1";
    std::uint16_t port = 1883; ///< 8883 is the default of mqtts
    /// The further nodes where `url` is a list: all of one cluster, all with TLS or none.
    std::vector<BrokerAddress> more_nodes{};
    std::string username{};
    Secret password{};
    std::string client_id = "bambu2mqtt";
    std::string base_topic = "bambu2mqtt";
    std::vector<std::string> response_topics{}; ///< filters; empty: only BASE/response/#
    std::filesystem::path ca_file{};
    std::filesystem::path cert_file{};
    std::filesystem::path key_file{};
    std::uint32_t largest_packet = 2 * 1024 * 1024; ///< bytes; not a key: see packet_bound()
    bool operator==(const BrokerConfig&) const = default;

    /// How many nodes the cluster has.
    [[nodiscard]] std::size_t nodes() const { return 1 + more_nodes.size(); }

    /// The configuration of one of them alone, from 0.
    [[nodiscard]] BrokerConfig node(std::size_t index) const;
};

/// Maximum size of a packet from the broker, in bytes: 2 MiB, and more only if `inline_limit` (bytes of
/// content in one command, in base64 there) requires it.
[[nodiscard]] std::uint32_t packet_bound(std::uint64_t inline_limit) noexcept;

struct HomeAssistantConfig {
    bool enabled = true;
    std::string discovery_prefix = "homeassistant";
    std::string status_topic = "homeassistant/status";
    DiscoveryForm discovery = DiscoveryForm::device;
    std::filesystem::path templates{}; ///< folder whose files override the built-in ones; empty: none
    bool operator==(const HomeAssistantConfig&) const = default;
};

struct ControlConfig {
    ControlLevel allow = ControlLevel::full;
    bool raw_commands = false;
    bool raw_topics = false;
    bool trust_commands = false;  ///< enables the command trust_certificate
    bool manage_printers = false; ///< enables bridge/request/printers, and state_directory/printers.toml
    bool operator==(const ControlConfig&) const = default;
};

struct FilesConfig {
    std::filesystem::path directory = "/var/lib/bambu2mqtt/files";
    bool allow_urls = false;
    std::uint64_t inline_limit = 1048576; ///< bytes
    std::uint64_t url_limit = 536870912;  ///< bytes of one upload from a URL
    bool operator==(const FilesConfig&) const = default;
};

struct TextsConfig {
    Language language = Language::en; ///< of names, display words and error texts
    bool operator==(const TextsConfig&) const = default;
};

struct LogConfig {
    std::string level = "info"; ///< one of log_level_words
    LogFormat format = LogFormat::text;
    bool operator==(const LogConfig&) const = default;
};

struct MetricsConfig {
    std::string listen{}; ///< as read_listen_address() takes it; empty: no metrics
    bool operator==(const MetricsConfig&) const = default;
};

struct PrinterConfig {
    std::string serial{}; ///< trimmed, upper case
    std::string host{};   ///< name or address; empty: from its announcements
    Secret access_code{};
    std::string id{};   ///< the topic level; default: see default_printer_id()
    std::string name{}; ///< empty: the product's name and the last four characters of the serial
    std::string area{}; ///< suggested area in Home Assistant, at most 64 characters; empty: none
    std::vector<std::string> groups{};   ///< is_group_name() of each
    std::optional<ControlLevel> allow{}; ///< instead of control.allow; nothing: that one
    std::optional<Model> model{};
    TlsMode tls = TlsMode::pin;
    std::filesystem::path ca_file{};
    std::string username = "bblp";
    std::uint16_t mqtt_port = 8883;
    std::uint16_t ftps_port = 990;
    std::string url_scheme{}; ///< "ftp", "sdcard" or empty for the model's default
    double usage_hours = 0;   ///< initial value of total_usage
    bool managed = false;     ///< from managed_printers_file(), not from the configuration file
    bool operator==(const PrinterConfig&) const = default;
};

/// What may be sent to this printer: its own `allow`, else that of `control`.
[[nodiscard]] inline ControlLevel control_level(const PrinterConfig& printer, const ControlConfig& control) {
    return printer.allow.value_or(control.allow);
}

/// True if announced addresses of the printer may be used. Not in mode insecure: any host that announced its
/// serial would get its access code.
[[nodiscard]] inline bool follows_announcements(const PrinterConfig& printer) {
    return printer.tls != TlsMode::insecure;
}

struct Config {
    std::filesystem::path state_directory = "/var/lib/bambu2mqtt";
    BrokerConfig broker{};
    HomeAssistantConfig home_assistant{};
    ControlConfig control{};
    FilesConfig files{};
    TextsConfig texts{};
    LogConfig log{};
    MetricsConfig metrics{};
    std::vector<PrinterConfig> printers{};
    bool operator==(const Config&) const = default;
};

/// Where printers added by bridge/request/printers are kept: state_directory/printers.toml. It is read after
/// the configuration file, with control.manage_printers only; a printer of the configuration file is left
/// out.
[[nodiscard]] inline std::filesystem::path managed_printers_file(const Config& config) {
    return config.state_directory / "printers.toml";
}

/// One problem of the configuration. `line` is 1-based, 0 if there is none (the file itself).
struct ConfigProblem {
    std::filesystem::path file{};
    unsigned line = 0;
    std::string key{};  ///< dotted, printers counted from 1: "printer[1].serial"; empty for the file itself
    std::string text{}; ///< the problem and what was expected

    /// "FILE:LINE: KEY: TEXT", without missing parts.
    [[nodiscard]] std::string to_string() const;
};

/// Result of reading: the configuration is usable only without problems.
struct LoadedConfig {
    Config config{};
    std::vector<ConfigProblem> problems{};
    std::vector<ConfigProblem> warnings{}; ///< for example files with secrets that others can read
};

/// Reads and checks a file; finds all problems and never throws. Secrets are read from KEY, KEY_file or
/// ${NAME} in the environment.
[[nodiscard]] LoadedConfig load_config(const std::filesystem::path& file);

/// The same with `managed` in place of what managed_printers_file() holds.
[[nodiscard]] LoadedConfig load_config(const std::filesystem::path& file, const std::string& managed);

/// The same for a text already read; `file` is for messages, for relative paths, and whether others may read
/// it.
[[nodiscard]] LoadedConfig parse_config(std::string_view text, const std::filesystem::path& file);

} // namespace bambu2mqtt
