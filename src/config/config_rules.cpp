#include "config/config_reading.hpp"
#include <bambu2mqtt/base/address.hpp>
#include <bambu2mqtt/base/path_relation.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/topic/printer_id.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

namespace bambu2mqtt {

namespace {

namespace fs = std::filesystem;

/// The one folder inside state_directory that may be files.directory, the default. The gateway stores nothing
/// in it and reads nothing of its own from it.
constexpr const char* files_in_state_directory = "files";

bool is_wrong(const ReadState& state, std::string_view key) {
    return std::ranges::any_of(state.loaded.problems,
                               [key](const ConfigProblem& problem) { return problem.key == key; });
}

/// Warns of a host that consists of digits and dots and is no address: "192.168.1.500".
void warn_of_address(ReadState& state, std::string_view key, std::string_view host) {
    const bool numeric = !host.empty() && host.find_first_not_of("0123456789.") == std::string_view::npos;
    if (numeric && !is_wrong(state, key) && !read_listen_address(fmt::format("{}:1", host))) {
        state.add(
            &LoadedConfig::warnings, key,
            fmt::format("found \"{}\", which is no address: expected four numbers from 0 to 255", host));
    }
}

/// Warns of values that are allowed, but as good as certainly mistyped.
void warn_of_printer(ReadState& state, const PrinterConfig& printer, const std::string& prefix) {
    constexpr std::size_t access_code_size = 8; // of all models so far
    constexpr std::size_t prefix_size = 3;
    warn_of_address(state, prefix + "host", printer.host);
    for (const auto& key : {prefix + "access_code", prefix + "access_code_file"}) {
        if (state.is_given(key) && !is_wrong(state, key) && !printer.access_code.empty() &&
            printer.access_code.reveal().size() != access_code_size) {
            state.add(&LoadedConfig::warnings, key,
                      "is not as long as an access code, expected the 8 characters that the printer shows");
        }
    }
    if (!printer.serial.empty() && !printer.model && model_of_serial(printer.serial) == Model::unknown) {
        state.add(
            &LoadedConfig::warnings, prefix + "serial",
            fmt::format("begins with \"{}\" as no known model does: check the digits 0 and 1 (no prefix "
                        "has the letters O or I), or set model for a new one",
                        printer.serial.substr(0, prefix_size)));
    }
}

void check_broker(ReadState& state) {
    constexpr std::string_view certificate = "broker.cert_file";
    constexpr std::string_view its_key = "broker.key_file";
    for (const auto& [key, other] : {std::pair{certificate, its_key}, std::pair{its_key, certificate}}) {
        if (state.is_given(key) && !state.is_given(other)) {
            state.add(&LoadedConfig::problems, key,
                      fmt::format("found without {}, expected both or none", other));
        }
    }
    const auto& broker = state.loaded.config.broker;
    if (!std::ranges::all_of(broker.more_nodes,
                             [&](const BrokerAddress& node) { return node.tls == broker.tls; })) {
        state.add(&LoadedConfig::problems, "broker.url",
                  "found mqtt:// beside mqtts://, expected all nodes of a cluster with TLS or none");
    }
    for (const auto key : {std::string_view{"broker.password"}, std::string_view{"broker.password_file"}}) {
        if (state.is_given(key) && state.loaded.config.broker.username.empty() &&
            !is_wrong(state, "broker.username")) {
            state.add(&LoadedConfig::warnings, key, "has no effect, expected broker.username too");
        }
    }
    warn_of_address(state, "broker.url", broker.host);
    for (const auto& node : broker.more_nodes) {
        warn_of_address(state, "broker.url", node.host);
    }
    for (const auto key : {std::string_view{"broker.ca_file"}, certificate, its_key}) {
        if (state.is_given(key) && !state.loaded.config.broker.tls && !is_wrong(state, "broker.url")) {
            state.add(&LoadedConfig::warnings, key,
                      "has no effect with mqtt://, expected broker.url to begin with mqtts://");
        }
    }
}

/// "'/a'", or "'/a' (that is '/b')".
std::string path_in_words(const fs::path& path, const fs::path& real) {
    constexpr std::size_t longest_shown = 512;
    const auto written = sanitize_for_log(path.string(), longest_shown);
    return path == real
               ? fmt::format("'{}'", written)
               : fmt::format("'{}' (that is '{}')", written, sanitize_for_log(real.string(), longest_shown));
}

/// Others have files read from files.directory and written into it: neither what the gateway remembers nor
/// what it is configured with may be within their reach. So it may not be, contain or lie inside
/// state_directory (but for its folder `files_in_state_directory`), the folder of the configuration file, or
/// what a key names.
void check_files_directory(ReadState& state) {
    if (is_wrong(state, "files.directory") || is_wrong(state, "state_directory")) {
        return;
    }
    const auto& config = state.loaded.config;
    const auto files = real_path(config.files.directory);
    const bool is_exception = files == real_path(config.state_directory) / files_in_state_directory;
    const auto is_apart_from = [&](std::string_view what, const fs::path& path, bool may_lie_inside) {
        const auto real = real_path(path);
        const auto relation = path_relation(files, real);
        const bool apart = relation.empty() || (relation == "lies inside" && may_lie_inside);
        if (!apart) {
            state.add(&LoadedConfig::problems, "files.directory",
                      fmt::format("found {}, which {} {} {}, expected a separate folder: other users have "
                                  "files read from files.directory and written into it",
                                  path_in_words(config.files.directory, files), relation, what,
                                  path_in_words(path, real)));
        }
        return apart;
    };
    const auto home = state.file.has_parent_path() ? state.file.parent_path() : fs::path{"."};
    const auto is_apart_from_named = [&](const NamedPath& named) {
        std::error_code problem;
        return is_apart_from(named.key, named.path, !fs::is_directory(named.path, problem));
    };
    if (is_apart_from("state_directory", config.state_directory, is_exception) &&
        is_apart_from("the folder of the configuration file", home, is_exception)) {
        (void)std::ranges::all_of(state.named, is_apart_from_named); // stops at the first problem
    }
}

/// For a printer whose default id is already used: six digits of the serial instead of four, or all of it if
/// that is used, too.
std::string proposed_id(const std::vector<PrinterConfig>& printers, const std::string& serial) {
    constexpr std::size_t more_digits = 6;
    const auto id = default_printer_id(serial, more_digits);
    return std::ranges::find(printers, id, &PrinterConfig::id) == printers.end()
               ? id
               : default_printer_id(serial, serial.size());
}

/// Whether no earlier printer has this value too; else that is a problem of `key`. `expected` ends its text.
bool check_occurs_once(ReadState& state, std::size_t index, std::string PrinterConfig::*member,
                       std::string_view what, std::string_view key, std::string_view expected) {
    const auto& printers = state.loaded.config.printers;
    const auto& own = printers[index].*member;
    const auto same = std::ranges::find(printers, own, member);
    const auto earlier = static_cast<std::size_t>(same - printers.begin());
    if (own.empty() || earlier == index) {
        return true;
    }
    state.add(&LoadedConfig::problems, fmt::format("printer[{}].{}", index + 1, key),
              fmt::format("found the {} \"{}\", which is the {} of printer[{}] too, expected {} printer",
                          what, own, what, earlier + 1, expected));
    return false;
}

void check_printer(ReadState& state, std::size_t index) {
    auto& printers = state.loaded.config.printers;
    auto& printer = printers[index];
    const auto prefix = fmt::format("printer[{}].", index + 1);
    const bool has_ca_file = state.is_given(prefix + "ca_file");
    if (printer.tls == TlsMode::ca && !has_ca_file) {
        state.add(&LoadedConfig::problems, prefix + "tls",
                  fmt::format("found \"ca\" without a certificate, expected {}ca_file too", prefix));
    }
    if (printer.tls != TlsMode::ca && has_ca_file && !is_wrong(state, prefix + "tls")) {
        state.add(&LoadedConfig::warnings, prefix + "ca_file",
                  fmt::format("has no effect, expected {}tls = \"ca\" too", prefix));
    }
    if (printer.host.empty() && !follows_announcements(printer) && !is_wrong(state, prefix + "host")) {
        state.add(&LoadedConfig::problems, prefix + "tls",
                  fmt::format("found \"insecure\" without {}host, expected both: nothing else would "
                              "distinguish the printer from a host that announces its serial",
                              prefix));
    }
    warn_of_printer(state, printer, prefix);
    const bool own_id = state.is_given(prefix + "id");
    if (!own_id) {
        printer.id = default_printer_id(printer.serial);
    }
    constexpr std::string_view different = "a different one for each";
    if (!check_occurs_once(state, index, &PrinterConfig::serial, "serial", "serial", different)) {
        return;
    }
    if (own_id) {
        check_occurs_once(state, index, &PrinterConfig::id, "id", "id", different);
    } else {
        check_occurs_once(
            state, index, &PrinterConfig::id, "id", "serial",
            fmt::format("a key such as id = \"{}\" for this", proposed_id(printers, printer.serial)));
    }
}

} // namespace

BrokerConfig BrokerConfig::node(std::size_t index) const {
    auto one = *this;
    one.more_nodes.clear();
    if (index > 0) {
        const auto& address = more_nodes.at(index - 1);
        one.tls = address.tls;
        one.host = address.host;
        one.port = address.port;
    }
    return one;
}

std::uint32_t packet_bound(std::uint64_t inline_limit) noexcept {
    constexpr std::uint64_t least = 2UL * 1024 * 1024;
    constexpr std::uint64_t beside_content = 64UL * 1024; // topic, properties and the other arguments
    constexpr std::uint64_t most = 268'435'455;           // of MQTT
    const std::uint64_t in_base64 = (inline_limit / 3 + 1) * 4;
    return static_cast<std::uint32_t>(std::clamp(in_base64 + beside_content, least, most));
}

void check_rules(ReadState& state) {
    auto& config = state.loaded.config;
    config.broker.largest_packet = packet_bound(config.files.inline_limit);
    check_broker(state);
    check_files_directory(state);
    for (std::size_t index = 0; index < config.printers.size(); ++index) {
        check_printer(state, index);
    }
}

} // namespace bambu2mqtt
