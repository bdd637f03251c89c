#include "config/config_readers.hpp"

#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/printer/model.hpp>
#include <bambu2mqtt/printer/serial.hpp>
#include <bambu2mqtt/topic/printer_id.hpp>
#include <bambu2mqtt/topic/topic_text.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace bambu2mqtt {

namespace {

constexpr std::int64_t largest_inline_limit = 134217728;
constexpr std::int64_t largest_file = 4294967295; // of FAT32, as printers' cards have it
constexpr double largest_hours = 1'000'000;

constexpr bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

constexpr bool is_lower(char letter) {
    return letter >= 'a' && letter <= 'z';
}

constexpr bool is_upper(char letter) {
    return letter >= 'A' && letter <= 'Z';
}

constexpr bool is_control(char letter) {
    return static_cast<unsigned char>(letter) < 0x20U || letter == 0x7F;
}

constexpr bool is_name_letter(char letter) {
    return is_digit(letter) || is_lower(letter) || is_upper(letter) || letter == '.' || letter == '-' ||
           letter == '_';
}

/// Letters of an IPv6 address with an optional zone: fe80::1%eth0.
constexpr bool is_address_letter(char letter) {
    return is_name_letter(letter) || letter == ':' || letter == '%';
}

bool is_host_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_name_letter);
}

bool is_ipv6_address(std::string_view text) {
    return std::ranges::count(text, ':') >= 2 && std::ranges::all_of(text, is_address_letter);
}

std::optional<std::uint16_t> port_in_text(std::string_view text) {
    std::uint16_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || number == 0) {
        return std::nullopt;
    }
    return number;
}

/// "HOST", "HOST:PORT", "[IPV6]" or "[IPV6]:PORT".
std::optional<readers::BrokerAddress> host_and_port(std::string_view text, readers::BrokerAddress address) {
    std::string_view rest{};
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos || !is_ipv6_address(text.substr(1, end - 1))) {
            return std::nullopt;
        }
        address.host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
    } else {
        const auto end = std::min(text.find(':'), text.size());
        address.host = text.substr(0, end);
        rest = text.substr(end);
        if (!is_host_name(address.host)) {
            return std::nullopt;
        }
    }
    if (rest.empty()) {
        return address;
    }
    const auto number = rest[0] == ':' ? port_in_text(rest.substr(1)) : std::nullopt;
    if (!number) {
        return std::nullopt;
    }
    address.port = *number;
    return address;
}

} // namespace

std::optional<std::string> read_printer_id(std::string_view text) {
    return is_printer_id(text) ? std::optional{std::string{text}} : std::nullopt;
}

namespace readers {

std::optional<BrokerAddress> broker_address(const ConfigValue& value) {
    const auto* const found = std::get_if<std::string>(&value);
    if (found == nullptr) {
        return std::nullopt;
    }
    std::string_view rest{*found};
    const bool tls = rest.starts_with("mqtts://");
    if (!tls && !rest.starts_with("mqtt://")) {
        return std::nullopt;
    }
    rest.remove_prefix(rest.find("://") + 3);
    if (rest.ends_with('/')) {
        rest.remove_suffix(1);
    }
    return host_and_port(rest,
                         {.tls = tls, .host = {}, .port = tls ? std::uint16_t{8883} : std::uint16_t{1883}});
}

std::optional<bool> boolean(const ConfigValue& value) {
    const auto* const found = std::get_if<bool>(&value);
    return found == nullptr ? std::nullopt : std::optional{*found};
}

std::optional<std::uint16_t> port(const ConfigValue& value) {
    const auto* const found = std::get_if<std::int64_t>(&value);
    if (found == nullptr || *found < 1 || *found > std::numeric_limits<std::uint16_t>::max()) {
        return std::nullopt;
    }
    return static_cast<std::uint16_t>(*found);
}

std::optional<std::uint64_t> byte_count(const ConfigValue& value) {
    const auto* const found = std::get_if<std::int64_t>(&value);
    if (found == nullptr || *found < 0 || *found > largest_inline_limit) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(*found);
}

std::optional<std::uint64_t> file_size(const ConfigValue& value) {
    const auto* const found = std::get_if<std::int64_t>(&value);
    if (found == nullptr || *found < 1 || *found > largest_file) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(*found);
}

std::optional<double> hours(const ConfigValue& value) {
    const auto* const whole = std::get_if<std::int64_t>(&value);
    const auto* const fraction = std::get_if<double>(&value);
    if (whole == nullptr && fraction == nullptr) {
        return std::nullopt;
    }
    const double found = whole != nullptr ? static_cast<double>(*whole) : *fraction;
    if (!std::isfinite(found) || found < 0 || found > largest_hours) {
        return std::nullopt;
    }
    return found;
}

std::optional<std::string> text(const ConfigValue& value) {
    const auto* const found = std::get_if<std::string>(&value);
    if (found == nullptr || std::ranges::any_of(*found, is_control)) {
        return std::nullopt;
    }
    return *found;
}

std::optional<std::string> some_text(const ConfigValue& value) {
    auto found = text(value);
    return found && !found->empty() ? found : std::nullopt;
}

std::optional<std::string> short_text(const ConfigValue& value) {
    constexpr std::ptrdiff_t most_characters = 64;
    auto found = text(value);
    const auto begins_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
    return found && std::ranges::count_if(*found, begins_character) <= most_characters ? found : std::nullopt;
}

std::optional<std::string> topic(const ConfigValue& value) {
    auto found = some_text(value);
    if (!found || found->find_first_of("+#") != std::string::npos || found->front() == '$' ||
        found->front() == '/' || found->back() == '/') {
        return std::nullopt;
    }
    return found;
}

std::optional<std::vector<std::string>> topic_filters(const ConfigValue& value) {
    const auto* const found = std::get_if<std::vector<std::string>>(&value);
    const auto usable = [](const std::string& filter) {
        return is_topic_filter(filter) && !filter.starts_with('$');
    };
    return found != nullptr && std::ranges::all_of(*found, usable) ? std::optional{*found} : std::nullopt;
}

std::optional<std::string> host(const ConfigValue& value) {
    const auto* const found = std::get_if<std::string>(&value);
    if (found == nullptr) {
        return std::nullopt;
    }
    const auto name = trimmed(*found);
    if (!is_host_name(name) && !is_ipv6_address(name)) {
        return std::nullopt;
    }
    return std::string{name};
}

std::optional<std::string> serial(const ConfigValue& value) {
    const auto* const found = std::get_if<std::string>(&value);
    return found == nullptr ? std::nullopt : read_serial(*found);
}

std::optional<std::string> printer_id(const ConfigValue& value) {
    const auto* const found = std::get_if<std::string>(&value);
    return found == nullptr ? std::nullopt : read_printer_id(*found);
}

std::optional<std::optional<Model>> model(const ConfigValue& value) {
    const auto* const found = std::get_if<std::string>(&value);
    if (found == nullptr) {
        return std::nullopt;
    }
    if (trimmed(*found).empty()) {
        return std::optional<Model>{};
    }
    const auto parsed = parse_model(*found);
    if (!parsed || *parsed == Model::unknown) {
        return std::nullopt;
    }
    return parsed;
}

std::optional<std::filesystem::path> path(const ConfigValue& value) {
    const auto found = text(value);
    return found ? std::optional<std::filesystem::path>{*found} : std::nullopt;
}

std::optional<std::filesystem::path> some_path(const ConfigValue& value) {
    const auto found = some_text(value);
    return found ? std::optional<std::filesystem::path>{*found} : std::nullopt;
}

std::optional<Secret> secret(const ConfigValue& value) {
    const auto* const found = std::get_if<std::string>(&value);
    return found == nullptr ? std::nullopt : std::optional{Secret{*found}};
}

std::optional<Secret> some_secret(const ConfigValue& value) {
    auto found = secret(value);
    return found && !found->empty() ? found : std::nullopt;
}

} // namespace readers

} // namespace bambu2mqtt
