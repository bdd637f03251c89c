#include "config/config_readers.hpp"
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/config/config_table.hpp>

#include <fmt/format.h>

#include <vector>

namespace bambu2mqtt {

namespace {

/// Stores into a member of one of the fixed sections.
template <auto Section, auto Member, auto Read>
bool in_section(const ConfigValue& value, Config& config) {
    auto found = Read(value);
    if (found) {
        config.*Section.*Member = std::move(*found);
    }
    return found.has_value();
}

/// Stores into a member of the printer that is being read.
template <auto Member, auto Read>
bool in_printer(const ConfigValue& value, Config& config) {
    auto found = Read(value);
    if (found) {
        config.printers.back().*Member = std::move(*found);
    }
    return found.has_value();
}

/// Stores into a member of the configuration itself.
template <auto Member, auto Read>
bool in_top(const ConfigValue& value, Config& config) {
    auto found = Read(value);
    if (found) {
        config.*Member = std::move(*found);
    }
    return found.has_value();
}

bool store_broker_url(const ConfigValue& value, Config& config) {
    auto found = readers::broker_address(value);
    if (found) {
        config.broker.tls = found->tls;
        config.broker.host = std::move(found->host);
        config.broker.port = found->port;
    }
    return found.has_value();
}

constexpr auto level_texts = readers::texts(readers::level_words);

template <const auto& Words>
std::string words_of() {
    const auto words = readers::texts(Words);
    return one_of(words);
}

template <const auto& Words>
std::vector<std::string_view> word_list() {
    const auto words = readers::texts(Words);
    return {words.begin(), words.end()};
}

std::vector<ConfigKey> make_keys() {
    using enum ConfigSection;
    using enum KeyRole;
    namespace r = readers;
    constexpr auto b = &Config::broker;
    constexpr auto h = &Config::home_assistant;
    constexpr auto c = &Config::control;
    constexpr auto f = &Config::files;
    constexpr auto l = &Config::log;
    using B = BrokerConfig;
    using H = HomeAssistantConfig;
    using C = ControlConfig;
    using F = FilesConfig;
    using L = LogConfig;
    using P = PrinterConfig;
    const std::string a_switch = "true or false";
    const std::string a_topic =
        "a topic without \"+\" and \"#\", without \"/\" at its ends and \"$\" in front";
    const std::string filters =
        "a list of MQTT topic filters: \"+\" stands alone in its level, \"#\" alone in the "
        "last one, none begins with \"$\"";
    const std::string a_text = "a text without control characters";
    const std::string a_file = "the path of a file that can be read";
    const std::string a_folder = "the path of a folder";
    const std::string a_port = "a whole number from 1 to 65535";
    const std::string a_url =
        "mqtt://HOST[:PORT] or mqtts://HOST[:PORT] with a port from 1 to 65535 and without a login "
        "(that is username and password)";
    const std::string an_id =
        "small letters, digits, \"_\" and \"-\", and not \"bridge\", \"group\" or \"response\"";
    const std::string a_serial =
        "the printer's serial number, mostly 15 letters and digits (8 to 24 are taken); the "
        "printer's device information shows it, and the label on the printer";
    const std::string a_host =
        "the printer's address or name in your network, without scheme and port; without the key it is found "
        "by its announcements";
    const std::string a_code =
        "the access code that the printer shows in its network (LAN) settings, in quotes";
    const std::string a_model = fmt::format("one of {}, or \"\" to find out", model_list());
    const std::string which_model =
        fmt::format("One of {}. Default: what the printer says it is.", model_list());
    // clang-format off
    return {
        {top, "state_directory", path, false, a_folder, in_top<&Config::state_directory, r::some_path>,
         R"("/var/lib/bambu2mqtt")", "Where the gateway remembers pinned certificates, what each printer is and has, and "
         "counters."},

        {broker, "url",       plain,         false, a_url,   store_broker_url,
         R"("mqtt://127.0.0.1:1883")", "Your MQTT broker: mqtt://HOST[:PORT], or mqtts://HOST[:PORT] for TLS. The ports default "
         "to 1883 and 8883."},
        {broker, "username",  expanded,      false, a_text,  in_section<b, &B::username, r::text>,
         R"("")", "User name at the broker; empty: no login. ${NAME} is taken from the environment here "
         "too."},
        {broker, "password",  secret,        false, "a text, or ${NAME} for an environment variable",
                                                             in_section<b, &B::password, r::secret>,
         R"("")", "Password at the broker; empty: none."},
        {broker, "password_file", secret_file, false, a_file, nullptr,
         R"("")", "A file that holds the password, instead of password."},
        {broker, "client_id", plain,         false, "a text that is not empty", in_section<b, &B::client_id, r::some_text>,
         R"("bambu2mqtt")", "What the gateway calls itself at the broker; two gateways at one broker need two names."},
        {broker, "base_topic", plain,        false, a_topic, in_section<b, &B::base_topic, r::topic>,
         R"("bambu2mqtt")", "The first levels of all topics of the gateway."},
        {broker, "response_topics", plain,   false, filters, in_section<b, &B::response_topics, r::topic_filters>,
         R"([])", "Where outcomes of commands may be published besides <base_topic>/<printer>/response, "
         "when a sender names a response topic (MQTT 5): MQTT filters. Empty: "
         "\"<base_topic>/response/#\" alone. Other topics of the gateway's and of Home Assistant's "
         "discovery are never among them."},
        {broker, "ca_file",   readable_file, false, a_file,  in_section<b, &B::ca_file, r::path>,
         R"("")", "mqtts:// only: the certificate authority to trust; empty: those of the system."},
        {broker, "cert_file", readable_file, false, a_file,  in_section<b, &B::cert_file, r::path>,
         R"("")", "mqtts:// only: a client certificate, for brokers that ask for one; needs key_file."},
        {broker, "key_file",  readable_file, false, a_file,  in_section<b, &B::key_file, r::path>,
         R"("")", "mqtts:// only: the key of the client certificate; needs cert_file."},

        {home_assistant, "enabled",          plain,  false, a_switch, in_section<h, &H::enabled, r::boolean>,
         R"(true)", "Announce devices and entities to Home Assistant."},
        {home_assistant, "discovery_prefix", plain,  false, a_topic,  in_section<h, &H::discovery_prefix, r::topic>,
         R"("homeassistant")", "The discovery prefix of Home Assistant's MQTT integration."},
        {home_assistant, "status_topic",     plain,  false, a_topic,  in_section<h, &H::status_topic, r::topic>,
         R"("homeassistant/status")", "Where Home Assistant says that it has started."},
        {home_assistant, "discovery",        plain,  false, words_of<r::discovery_words>(),
                                                            in_section<h, &H::discovery, r::word<r::discovery_words>>,
         R"("device")", "\"device\": one message per device; \"component\": one per entity, for Home Assistant before "
         "2024.11.", word_list<r::discovery_words>()},
        {home_assistant, "templates",        folder, false, "the path of a folder that exists",
                                                            in_section<h, &H::templates, r::path>,
         R"("")", "A folder whose files override the built-in discovery-templates/; empty: none."},

        {control, "allow",        plain, false, words_of<r::control_words>(),
                                                in_section<c, &C::allow, r::word<r::control_words>>,
         R"("full")", "What may be sent to printers: \"full\", \"safe\" (only the commands the documentation marks "
         "as safe) or \"none\".", word_list<r::control_words>()},
        {control, "raw_commands", plain, false, a_switch, in_section<c, &C::raw_commands, r::boolean>,
         R"(false)", "Allow send_gcode and send_anything."},
        {control, "raw_topics",   plain, false, a_switch, in_section<c, &C::raw_topics, r::boolean>,
         R"(false)", "Pass the printer's own messages through on the raw/ topics."},
        {control, "trust_commands", plain, false, a_switch, in_section<c, &C::trust_commands, r::boolean>,
         R"(false)", "Allow the command trust_certificate: who may send commands may then also say which "
         "certificate is the printer's."},

        {files, "directory",    path,  false, a_folder, in_section<f, &F::directory, r::some_path>,
         R"("/var/lib/bambu2mqtt/files")", "The only folder uploads are read from and downloads are written to. It lies apart from "
         "state_directory (but for the folder \"files\" in it) and from the folder of this file, and "
         "holds no file that this file names."},
        {files, "allow_urls",   plain, false, a_switch, in_section<f, &F::allow_urls, r::boolean>,
         R"(false)", "Allow uploads from http:// and https:// addresses."},
        {files, "inline_limit", plain, false, "a whole number of bytes from 0 to 134217728",
                                              in_section<f, &F::inline_limit, r::byte_count>,
         R"(1048576)", "The most bytes of file content in one message, counted after base64 decoding.", {}, KeyRange{0, 134217728}},
        {files, "url_limit",    plain, false, "a whole number of bytes from 1 to 4294967295",
                                              in_section<f, &F::url_limit, r::file_size>,
         R"(536870912)", "The most bytes of one upload from an address, 1 to 4294967295. 64 MiB of the disk stay "
         "free in any case.", {}, KeyRange{1, 4294967295}},

        {log, "level",  plain, false, words_of<r::level_words>(),  in_section<l, &L::level, r::word<r::level_words>>,
         R"("info")", "\"trace\", \"debug\", \"info\", \"warn\", \"error\" or \"off\".", word_list<r::level_words>()},
        {log, "format", plain, false, words_of<r::format_words>(), in_section<l, &L::format, r::word<r::format_words>>,
         R"("text")", "\"text\" or \"json\".", word_list<r::format_words>()},

        {printer, "serial",      plain,         true,  a_serial, in_printer<&P::serial, r::serial>,
         R"("01S00C000000000")", "The serial number, from the device information on the printer's screen or the label on "
         "the printer."},
        {printer, "host",        plain,         false, a_host,   in_printer<&P::host, r::host>,
         R"("192.168.1.50")", "The printer's address or name in your network. Default: where the printer announces "
         "itself (SSDP), which is received only in the same network segment. tls = \"insecure\" "
         "needs it."},
        {printer, "access_code", secret,        true,  a_code,   in_printer<&P::access_code, r::some_secret>,
         R"("${BAMBU_ACCESS_CODE}")", "The access code, from the network (LAN) settings on the printer's screen."},
        {printer, "access_code_file", secret_file, false, a_file, nullptr,
         R"("")", "A file that holds the access code, instead of access_code."},
        {printer, "id",          plain,         false, an_id,    in_printer<&P::id, r::printer_id>,
         R"("p1p_0000")", "The printer's topic level: small letters, digits, \"_\" and \"-\", and not \"bridge\", \"group\" "
         "or \"response\". Default: the model and the last four of the serial, both by the serial "
         "alone; all of the serial in small letters where its first three characters are those of "
         "no known model."},
        {printer, "name",        plain,         false, a_text,   in_printer<&P::name, r::text>,
         R"("")", "Default: the product and the last four of the serial, \"P1P 0000\". Home Assistant's "
         "entity ids begin with the name where one is given (\"sensor.workshop_bed_temperature\"), "
         "else with the id; topics follow the id alone."},
        {printer, "area",        plain,         false, "a text of at most 64 characters, without control characters",
                                                       in_printer<&P::area, r::short_text>,
         R"("")", "The area Home Assistant suggests for it, at most 64 characters."},
        {printer, "model",       plain,         false, a_model,  in_printer<&P::model, r::model>,
         R"("")", which_model},
        {printer, "tls",         plain,         false, words_of<r::tls_words>(), in_printer<&P::tls, r::word<r::tls_words>>,
         R"("pin")", "\"pin\": trust the first certificate that names the serial (with host: at that host "
         "alone), then only that one; \"ca\": trust what ca_file signed; \"insecure\": trust anything.", word_list<r::tls_words>()},
        {printer, "ca_file",     readable_file, false, a_file,   in_printer<&P::ca_file, r::path>,
         R"("")", "The certificate authority for tls = \"ca\"."},
        {printer, "username",    plain,         false, "a text that is not empty", in_printer<&P::username, r::some_text>,
         R"("bblp")", "The user name at the printer; all printers have this one."},
        {printer, "mqtt_port",   plain,         false, a_port,   in_printer<&P::mqtt_port, r::port>,
         R"(8883)", "The printer's MQTT port.", {}, KeyRange{1, 65535}},
        {printer, "ftps_port",   plain,         false, a_port,   in_printer<&P::ftps_port, r::port>,
         R"(990)", "The printer's FTPS port.", {}, KeyRange{1, 65535}},
        {printer, "url_scheme",  plain,         false, words_of<r::scheme_words>(),
                                                       in_printer<&P::url_scheme, r::word<r::scheme_words>>,
         R"("")", "What file addresses begin with in print commands: \"ftp\" or \"sdcard\". Default: what the "
         "model needs.", word_list<r::scheme_words>()},
        {printer, "usage_hours", plain,         false, "a number of hours from 0 to 1000000",
                                                       in_printer<&P::usage_hours, r::hours>,
         R"(0)", "The hours the printer had run when the gateway began to count.", {}, KeyRange{0, 1000000}},
    };
    // clang-format on
}

} // namespace

std::span<const ConfigSection> config_sections() {
    using enum ConfigSection;
    static constexpr std::array all{top, broker, home_assistant, control, files, log, printer};
    return all;
}

std::string_view section_name(ConfigSection section) {
    static constexpr std::array<std::string_view, 7> names{"",      "broker", "home_assistant", "control",
                                                           "files", "log",    "printer"};
    return names[static_cast<std::size_t>(section)];
}

std::span<const ConfigKey> config_keys() {
    static const std::vector<ConfigKey> keys = make_keys();
    return keys;
}

std::span<const std::string_view> log_levels() {
    return level_texts;
}

std::string model_list() {
    std::string list;
    for (const auto& row : models()) {
        list += list.empty() ? "" : ", ";
        list += row.code;
    }
    return list;
}

} // namespace bambu2mqtt
