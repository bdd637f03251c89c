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
    // clang-format off
    return {
        {top, "state_directory", path, false, a_folder, in_top<&Config::state_directory, r::some_path>},

        {broker, "url",       plain,         false, a_url,   store_broker_url},
        {broker, "username",  expanded,      false, a_text,  in_section<b, &B::username, r::text>},
        {broker, "password",  secret,        false, "a text, or ${NAME} for an environment variable",
                                                             in_section<b, &B::password, r::secret>},
        {broker, "password_file", secret_file, false, a_file, nullptr},
        {broker, "client_id", plain,         false, "a text that is not empty", in_section<b, &B::client_id, r::some_text>},
        {broker, "base_topic", plain,        false, a_topic, in_section<b, &B::base_topic, r::topic>},
        {broker, "response_topics", plain,   false, filters, in_section<b, &B::response_topics, r::topic_filters>},
        {broker, "ca_file",   readable_file, false, a_file,  in_section<b, &B::ca_file, r::path>},
        {broker, "cert_file", readable_file, false, a_file,  in_section<b, &B::cert_file, r::path>},
        {broker, "key_file",  readable_file, false, a_file,  in_section<b, &B::key_file, r::path>},

        {home_assistant, "enabled",          plain,  false, a_switch, in_section<h, &H::enabled, r::boolean>},
        {home_assistant, "discovery_prefix", plain,  false, a_topic,  in_section<h, &H::discovery_prefix, r::topic>},
        {home_assistant, "status_topic",     plain,  false, a_topic,  in_section<h, &H::status_topic, r::topic>},
        {home_assistant, "discovery",        plain,  false, words_of<r::discovery_words>(),
                                                            in_section<h, &H::discovery, r::word<r::discovery_words>>},
        {home_assistant, "templates",        folder, false, "the path of a folder that exists",
                                                            in_section<h, &H::templates, r::path>},

        {control, "allow",        plain, false, words_of<r::control_words>(),
                                                in_section<c, &C::allow, r::word<r::control_words>>},
        {control, "raw_commands", plain, false, a_switch, in_section<c, &C::raw_commands, r::boolean>},
        {control, "raw_topics",   plain, false, a_switch, in_section<c, &C::raw_topics, r::boolean>},
        {control, "trust_commands", plain, false, a_switch, in_section<c, &C::trust_commands, r::boolean>},

        {files, "directory",    path,  false, a_folder, in_section<f, &F::directory, r::some_path>},
        {files, "allow_urls",   plain, false, a_switch, in_section<f, &F::allow_urls, r::boolean>},
        {files, "inline_limit", plain, false, "a whole number of bytes from 0 to 134217728",
                                              in_section<f, &F::inline_limit, r::byte_count>},
        {files, "url_limit",    plain, false, "a whole number of bytes from 1 to 4294967295",
                                              in_section<f, &F::url_limit, r::file_size>},

        {log, "level",  plain, false, words_of<r::level_words>(),  in_section<l, &L::level, r::word<r::level_words>>},
        {log, "format", plain, false, words_of<r::format_words>(), in_section<l, &L::format, r::word<r::format_words>>},

        {printer, "serial",      plain,         true,  a_serial, in_printer<&P::serial, r::serial>},
        {printer, "host",        plain,         false, a_host,   in_printer<&P::host, r::host>},
        {printer, "access_code", secret,        true,  a_code,   in_printer<&P::access_code, r::some_secret>},
        {printer, "access_code_file", secret_file, false, a_file, nullptr},
        {printer, "id",          plain,         false, an_id,    in_printer<&P::id, r::printer_id>},
        {printer, "name",        plain,         false, a_text,   in_printer<&P::name, r::text>},
        {printer, "area",        plain,         false, "a text of at most 64 characters, without control characters",
                                                       in_printer<&P::area, r::short_text>},
        {printer, "model",       plain,         false, a_model,  in_printer<&P::model, r::model>},
        {printer, "tls",         plain,         false, words_of<r::tls_words>(), in_printer<&P::tls, r::word<r::tls_words>>},
        {printer, "ca_file",     readable_file, false, a_file,   in_printer<&P::ca_file, r::path>},
        {printer, "username",    plain,         false, "a text that is not empty", in_printer<&P::username, r::some_text>},
        {printer, "mqtt_port",   plain,         false, a_port,   in_printer<&P::mqtt_port, r::port>},
        {printer, "ftps_port",   plain,         false, a_port,   in_printer<&P::ftps_port, r::port>},
        {printer, "url_scheme",  plain,         false, words_of<r::scheme_words>(),
                                                       in_printer<&P::url_scheme, r::word<r::scheme_words>>},
        {printer, "usage_hours", plain,         false, "a number of hours from 0 to 1000000",
                                                       in_printer<&P::usage_hours, r::hours>},
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
