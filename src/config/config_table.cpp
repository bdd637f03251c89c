#include <bambu2mqtt/base/address.hpp>
#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/base/log_level.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/base/utf8.hpp>
#include <bambu2mqtt/config/config_table.hpp>
#include <bambu2mqtt/printer/serial.hpp>
#include <bambu2mqtt/topic/printer_id.hpp>
#include <bambu2mqtt/topic/topic_text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

namespace bambu2mqtt {

namespace {

using Text = std::optional<std::string>;

/// The text, if it is allowed and has no control characters.
Text text_if(bool allowed, std::string_view text) {
    return allowed && !has_control_character(text) ? Text{text} : std::nullopt;
}

bool has_at_most(std::ptrdiff_t characters, std::string_view text) {
    const auto begins_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
    return std::ranges::count_if(text, begins_character) <= characters;
}

/// MQTT takes 65,535 bytes; the gateway adds levels of its own, and brokers have lower limits for levels.
bool is_plain_topic(std::string_view text) {
    constexpr std::size_t most_bytes = 256;
    constexpr std::ptrdiff_t most_levels = 16;
    return !text.empty() && text.size() <= most_bytes && std::ranges::count(text, '/') < most_levels &&
           text.find_first_of("+#") == std::string_view::npos && !text.starts_with('$') &&
           !text.starts_with('/') && !text.ends_with('/');
}

bool is_model(std::string_view text) {
    return trimmed(text).empty() || parse_model(text).value_or(Model::unknown) != Model::unknown;
}

Allowed whole(std::string_view what, std::int64_t least, std::int64_t most, KeyType type = KeyType::whole) {
    return {.type = type,
            .in_words = fmt::format("{} from {} to {}", what, least, most),
            .least = least,
            .most = most};
}

/// For an enumeration: its words, in the order of the enumerators.
Allowed words(std::vector<std::string_view> all) {
    return {.type = KeyType::word, .in_words = one_of(all), .words = std::move(all)};
}

template <typename T>
void assign(T& member, const ConfigValue& value, const Allowed& allowed) {
    if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::vector<std::string>>) {
        member = std::get<T>(value);
    } else if constexpr (std::is_enum_v<T>) {
        const auto word = std::ranges::find(allowed.words, std::get<std::string>(value));
        member = static_cast<T>(word - allowed.words.begin());
    } else if constexpr (std::is_arithmetic_v<T>) {
        const auto* const whole = std::get_if<std::int64_t>(&value);
        member = whole != nullptr ? static_cast<T>(*whole) : static_cast<T>(std::get<double>(value));
    } else if constexpr (std::is_same_v<T, std::optional<Model>>) {
        member = parse_model(std::get<std::string>(value));
    } else if constexpr (std::is_same_v<T, std::optional<ControlLevel>>) { // its first word is the empty one
        const auto word = std::ranges::find(allowed.words, std::get<std::string>(value));
        member.reset();
        if (word != allowed.words.begin()) {
            member = static_cast<ControlLevel>(word - allowed.words.begin() - 1);
        }
    } else {
        member = T{std::get<std::string>(value)};
    }
}

/// A default as TOML. Lists, secrets, and what is optional are empty by default.
template <typename T>
std::string toml_of(const T& value, const Allowed& allowed) {
    if constexpr (std::is_arithmetic_v<T>) {
        return fmt::format("{}", value);
    } else if constexpr (std::is_enum_v<T>) {
        return fmt::format("\"{}\"", allowed.words.at(static_cast<std::size_t>(value)));
    } else if constexpr (std::is_convertible_v<T, std::string>) {
        return fmt::format("\"{}\"", std::string{value});
    } else {
        return allowed.type == KeyType::list ? "[]" : R"("")";
    }
}

/// A section of the file and the struct that holds its values.
template <typename Struct>
struct Section {
    std::string_view name{};
    Struct& (*in)(Config&) = nullptr;
    KeyChange change = KeyChange::at_once; ///< of its keys

    /// One row. The default is the one in the struct.
    template <typename T>
    [[nodiscard]] ConfigKey key(std::string_view key, T Struct::*member, const Allowed& allowed,
                                std::string doc, KeyUse use = KeyUse::optional,
                                std::string_view sample = {}) const {
        return {.section = name,
                .name = key,
                .allowed = allowed,
                .doc = std::move(doc),
                .use = use,
                .change = change,
                .sample = sample,
                .default_value = toml_of(Struct{}.*member, allowed),
                .store = [in = in, member,
                          allowed](const ConfigValue& value,
                                   Config& config) { assign(in(config).*member, value, allowed); },
                .copy = [in = in, member](Config from,
                                          Config& to) { in(to).*member = std::move(in(from).*member); }};
    }
};

/// broker.url: the first node is stored in three members.
void store_broker_urls(const ConfigValue& value, Config& config) {
    std::vector<BrokerAddress> nodes;
    for (const auto& url : std::get<std::vector<std::string>>(value)) {
        nodes.push_back(read_broker_url(url).value_or(BrokerAddress{}));
    }
    config.broker.tls = nodes.front().tls;
    config.broker.host = nodes.front().host;
    config.broker.port = nodes.front().port;
    config.broker.more_nodes.assign(nodes.begin() + 1, nodes.end());
}

void copy_broker_urls(const Config& from, Config& to) {
    to.broker.tls = from.broker.tls;
    to.broker.host = from.broker.host;
    to.broker.port = from.broker.port;
    to.broker.more_nodes = from.broker.more_nodes;
}

std::vector<ConfigKey> make_keys() {
    using K = KeyType;
    using B = BrokerConfig;
    using H = HomeAssistantConfig;
    using C = ControlConfig;
    using F = FilesConfig;
    using T = TextsConfig;
    using L = LogConfig;
    using M = MetricsConfig;
    using P = PrinterConfig;
    using enum KeyChange;
    // clang-format off
    const Section<Config> top{"", [](Config& config) -> Config& { return config; }, restarts};
    const Section<B> broker{"broker", [](Config& config) -> B& { return config.broker; }, restarts};
    const Section<H> home_assistant{"home_assistant", [](Config& config) -> H& { return config.home_assistant; }, restarts};
    const Section<C> control{"control", [](Config& config) -> C& { return config.control; }};
    const Section<F> files{"files", [](Config& config) -> F& { return config.files; }};
    const Section<F> packets{"files", files.in, restarts}; // the session with the broker has begun with them
    const Section<T> texts{"texts", [](Config& config) -> T& { return config.texts; }};
    const Section<L> log{"log", [](Config& config) -> L& { return config.log; }};
    const Section<M> metrics{"metrics", [](Config& config) -> M& { return config.metrics; }};
    const Section<P> printer{printer_section, [](Config& config) -> P& { return config.printers.back(); }};
    const Section<P> link{printer_section, printer.in, reconnects};

    const Allowed a_flag{K::flag, "true or false"};
    const Allowed short_text{K::text, "a text of at most 64 characters, without control characters",
        [](std::string_view given) { return text_if(has_at_most(64, given), given); }};
    const Allowed long_text{K::text, "a text of at most 128 characters, without control characters",
        [](std::string_view given) { return text_if(has_at_most(128, given), given); }};
    const Allowed a_login{K::expanded, "a text of at most 256 characters, without control characters",
        [](std::string_view given) { return text_if(has_at_most(256, given), given); }};
    const Allowed some_text{K::text, "a text of 1 to 256 characters, without control characters",
        [](std::string_view given) { return text_if(!given.empty() && has_at_most(256, given), given); }};
    const Allowed a_topic{K::text, R"(a topic without "+" and "#", without "/" at its ends and "$" in front, of at most 256 )"
        "bytes and 16 levels",
        [](std::string_view given) { return text_if(is_plain_topic(given), given); }};
    const Allowed filters{K::list, "a list of MQTT topic filters: \"+\" is a whole level, \"#\" the whole last level, "
        "none begins with \"$\"",
        [](std::string_view given) { return text_if(is_topic_filter(given) && !given.starts_with('$'), given); }};
    const Allowed url{K::texts, "mqtt://HOST[:PORT] or mqtts://HOST[:PORT] with a port from 1 to 65535 and without a login "
        "(that is username and password), or a list of them",
        [](std::string_view given) { return text_if(read_broker_url(given).has_value(), given); }};
    const Allowed a_host{K::text, "the printer's address or name in your network, without scheme and port; without the key "
        "it is found by its announcements", read_host};
    const Allowed a_serial{K::text, "the printer's serial number, mostly 15 letters and digits (8 to 24 are taken); the "
        "printer's device information shows it, and the label on the printer", read_serial};
    const Allowed an_id{K::text, R"(small letters, digits, "_" and "-", at most 64, and not "bridge", "group" or "response")",
        [](std::string_view given) { return text_if(is_printer_id(given), given); }};
    const Allowed group_names{K::list, R"(a list of names, each of small letters, digits, "_" and "-", at most 64; "all" and )"
        R"("command" are reserved)",
        [](std::string_view given) { return text_if(is_group_name(given), given); }};
    const Allowed a_model{K::text, fmt::format("one of {}, or \"\" to find out", model_list()),
        [](std::string_view given) { return text_if(is_model(given), given); }};
    const Allowed a_folder{K::folder, "the path of a folder"};
    const Allowed a_file{K::readable_file, "the path of a file that can be read"};
    const Allowed file_of_secret{K::secret_file, a_file.in_words};
    const Allowed password{K::secret, "a text, or ${NAME} for an environment variable"};
    const Allowed access_code{K::secret, "the access code that the printer shows in its network (LAN) settings, in quotes",
        [](std::string_view given) { return text_if(given.size() <= 64, given); }};
    const Allowed listen_address{K::text, "ADDRESS:PORT with a numeric address, such as \"127.0.0.1:9464\" or \"[::1]:9464\", or "
        "\"\" for none",
        [](std::string_view given) { return text_if(given.empty() || read_listen_address(given).has_value(), given); }};
    const Allowed a_port = whole("a whole number", 1, 65535);

    return {
        top.key("state_directory", &Config::state_directory, a_folder,
            "Where the gateway remembers pinned certificates, what each printer is and has, and counters."),

        {.section = broker.name, .name = "url", .allowed = url,
         .doc = "Your MQTT broker: mqtt://HOST[:PORT], or mqtts://HOST[:PORT] for TLS. The ports default to 1883 and 8883. "
                "A list names the nodes of one cluster, which are tried in turn: [\"mqtt://a\", \"mqtt://b\"].",
         .use = KeyUse::suggested, .change = restarts, .default_value = R"("mqtt://127.0.0.1:1883")",
         .store = store_broker_urls, .copy = copy_broker_urls},
        broker.key("username", &B::username, a_login,
            "User name at the broker; empty: no login. ${NAME} is taken from the environment here too."),
        broker.key("password", &B::password, password, "Password at the broker; empty: none."),
        broker.key("password_file", &B::password, file_of_secret, "A file that holds the password, instead of password."),
        broker.key("client_id", &B::client_id, some_text,
            "What the gateway calls itself at the broker; two gateways at one broker need two names."),
        broker.key("base_topic", &B::base_topic, a_topic, "The first levels of all topics of the gateway."),
        broker.key("response_topics", &B::response_topics, filters,
            "Where outcomes of commands may be published besides <base_topic>/<printer>/response, when a sender names a "
            "response topic (MQTT 5): MQTT filters. Empty: \"<base_topic>/response/#\" alone. Other topics of the gateway's "
            "and of Home Assistant's discovery are never among them."),
        broker.key("ca_file", &B::ca_file, a_file,
            "mqtts:// only: the certificate authority to trust; empty: those of the system."),
        broker.key("cert_file", &B::cert_file, a_file,
            "mqtts:// only: a client certificate, for brokers that ask for one; needs key_file."),
        broker.key("key_file", &B::key_file, a_file,
            "mqtts:// only: the key of the client certificate; needs cert_file."),

        home_assistant.key("enabled", &H::enabled, a_flag, "Announce devices and entities to Home Assistant."),
        home_assistant.key("discovery_prefix", &H::discovery_prefix, a_topic,
            "The discovery prefix of Home Assistant's MQTT integration."),
        home_assistant.key("status_topic", &H::status_topic, a_topic, "Where Home Assistant says that it has started."),
        home_assistant.key("discovery", &H::discovery, words({"device", "component"}),
            "\"device\": one message per device; \"component\": one per entity, for Home Assistant before 2024.11."),
        home_assistant.key("templates", &H::templates, {K::existing_folder, "the path of a folder that exists"},
            "A folder whose files override the built-in discovery-templates/; empty: none."),

        control.key("allow", &C::allow, words({"full", "safe", "none"}),
            "What may be sent to printers: \"full\", \"safe\" (only the commands the documentation marks as safe) or \"none\"."),
        control.key("raw_commands", &C::raw_commands, a_flag, "Allow send_gcode and send_anything."),
        control.key("raw_topics", &C::raw_topics, a_flag, "Pass the printer's own messages through on the raw/ topics."),
        control.key("trust_commands", &C::trust_commands, a_flag,
            "Allow the command trust_certificate: who may send commands may then also say which certificate is the printer's."),
        control.key("manage_printers", &C::manage_printers, a_flag,
            "Allow bridge/request/printers: an administrator may add, change and remove printers by MQTT, with allow = \"full\" "
            "only. They are kept in state_directory/printers.toml; printers of this file cannot be changed so."),

        files.key("directory", &F::directory, a_folder,
            "The only folder uploads are read from and downloads are written to. It lies apart from state_directory (but "
            "for the folder \"files\" in it) and from the folder of this file, and holds no file that this file names."),
        files.key("allow_urls", &F::allow_urls, a_flag, "Allow uploads from http:// and https:// addresses."),
        packets.key("inline_limit", &F::inline_limit, whole("a whole number of bytes", 0, 134217728),
            "The most bytes of file content in one message, counted after base64 decoding."),
        files.key("url_limit", &F::url_limit, whole("a whole number of bytes", 1, 4294967295), // the largest file of FAT32
            "The most bytes of one upload from an address, 1 to 4294967295. 64 MiB of the disk stay free in any case."),

        texts.key("language", &T::language, words({language_words.begin(), language_words.end()}),
            "The language of names, display words and error texts: \"en\" or \"de\". Ids, enum values, event and trigger types "
            "never change."),

        log.key("level", &L::level, words({log_level_words.begin(), log_level_words.end()}),
            "\"trace\", \"debug\", \"info\", \"warn\", \"error\" or \"off\"."),
        log.key("format", &L::format, words({"text", "json"}), "\"text\" or \"json\"."),

        metrics.key("listen", &M::listen, listen_address,
            "Where metrics for Prometheus are served over HTTP: /metrics, and /livez and /readyz for health checks. There is "
            "no login: use an address that only the monitoring reaches, such as \"127.0.0.1:9464\". Empty: nowhere. Needs "
            "libmicrohttpd."),

        printer.key("serial", &P::serial, a_serial,
            "The serial number, from the device information on the printer's screen or the label on the printer.",
            KeyUse::required, R"("01S00C000000000")"),
        link.key("host", &P::host, a_host,
            "The printer's address or name in your network. Default: where the printer announces itself (SSDP), which is "
            "received only in the same network segment. tls = \"insecure\" needs it.", KeyUse::suggested, R"("192.168.1.50")"),
        link.key("access_code", &P::access_code, access_code,
            "The access code, from the network (LAN) settings on the printer's screen.",
            KeyUse::required, R"("${BAMBU_ACCESS_CODE}")"),
        link.key("access_code_file", &P::access_code, file_of_secret,
            "A file that holds the access code, instead of access_code."),
        link.key("id", &P::id, an_id,
            "The printer's topic level: small letters, digits, \"_\" and \"-\", and not \"bridge\", \"group\" or "
            "\"response\". Default: the model and the last four of the serial, both by the serial alone; all of the serial "
            "in small letters where its first three characters are those of no known model.", KeyUse::optional, R"("p1p_0000")"),
        printer.key("name", &P::name, long_text,
            "Default: the product and the last four of the serial, \"P1P 0000\". Home Assistant's entity ids begin with the "
            "name where one is given (\"sensor.workshop_bed_temperature\"), else with the id; topics follow the id alone."),
        printer.key("area", &P::area, short_text, "The area Home Assistant suggests for it, at most 64 characters."),
        printer.key("groups", &P::groups, group_names,
            "The groups it belongs to: a command on <base_topic>/group/<group>/command is for all printers of the group. Every "
            "printer also belongs to the group \"all\", which is never named here."),
        printer.key("allow", &P::allow, words({"", "full", "safe", "none"}),
            "What may be sent to this printer, instead of control.allow: \"full\", \"safe\" or \"none\"; empty: as there."),
        link.key("model", &P::model, a_model,
            fmt::format("One of {}. Default: what the printer says it is.", model_list())),
        link.key("tls", &P::tls, words({"pin", "ca", "insecure"}),
            "\"pin\": trust the first certificate that names the serial (with host: at that host alone), then only that "
            "one; \"ca\": trust what ca_file signed; \"insecure\": trust anything."),
        link.key("ca_file", &P::ca_file, a_file, "The certificate authority for tls = \"ca\"."),
        link.key("username", &P::username, some_text, "The user name at the printer; all printers have this one."),
        link.key("mqtt_port", &P::mqtt_port, a_port, "The printer's MQTT port."),
        printer.key("ftps_port", &P::ftps_port, a_port, "The printer's FTPS port."),
        printer.key("url_scheme", &P::url_scheme, words({"", "ftp", "sdcard"}),
            "What file addresses begin with in print commands: \"ftp\" or \"sdcard\". Default: what the model needs."),
        printer.key("usage_hours", &P::usage_hours, whole("a number of hours", 0, 1000000, K::number),
            "The hours the printer had run when the gateway began to count."),
    };
    // clang-format on
}

} // namespace

std::span<const ConfigKey> config_keys() {
    static const std::vector<ConfigKey> keys = make_keys();
    return keys;
}

const ConfigKey* find_config_key(std::string_view section, std::string_view name) {
    const auto keys = config_keys();
    const auto key = std::ranges::find_if(
        keys, [=](const ConfigKey& each) { return each.section == section && each.name == name; });
    return key == keys.end() ? nullptr : &*key;
}

std::vector<std::string_view> config_sections() {
    std::vector<std::string_view> names;
    for (const auto& key : config_keys()) {
        if (names.empty() || names.back() != key.section) {
            names.push_back(key.section);
        }
    }
    return names;
}

std::string header_of(std::string_view section) {
    return section == printer_section ? fmt::format("[[{}]]", section) : fmt::format("[{}]", section);
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
