#include "recording/scrub_rules.hpp"
#include "recording/text_shape.hpp"
#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/recording/scrubber.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

namespace {

constexpr std::size_t shortest_secret = 4;

/// Deeper values are dropped; messages have up to eight levels.
constexpr int deepest_value = 64;

/// Texts that are known; afterwards all new ones get the same stand-in.
constexpr std::size_t most_stand_ins = 100'000;

/// Numbers below are positions and counts, not ids.
constexpr std::int64_t least_id_number = 1'000'000;

bool is_preset_of_vendor(std::string_view text) {
    constexpr std::size_t longest = 12;
    return text.starts_with("GF") && text.size() <= longest && is_harmless(text);
}

/// An address of the documentation network 192.0.2.0/24, then of 198.18.0.0/15, which is for measurements.
std::string documentation_address(std::uint64_t number) {
    constexpr std::uint64_t hosts = 254;
    if (number <= hosts) {
        return fmt::format("192.0.2.{}", number);
    }
    return fmt::format("198.{}.{}.{}", 18 + (number >> 16U) % 2, (number >> 8U) & 0xFFU, number & 0xFFU);
}

/// IPv4 as printers write it: the first byte is the lowest.
std::string dotted(std::uint64_t address) {
    return fmt::format("{}.{}.{}.{}", address & 0xFFU, (address >> 8U) & 0xFFU, (address >> 16U) & 0xFFU,
                       (address >> 24U) & 0xFFU);
}

std::uint32_t as_number(std::string_view address) {
    std::uint32_t result = 0;
    std::uint32_t byte = 0;
    unsigned shift = 0;
    for (const char c : address) {
        if (c == '.') {
            result |= byte << shift;
            byte = 0;
            shift += 8;
        } else {
            byte = byte * 10 + static_cast<std::uint32_t>(c - '0');
        }
    }
    return result | byte << shift;
}

} // namespace

Scrubber::Scrubber(const std::vector<std::string>& secrets) {
    for (const auto& secret : secrets) {
        if (secret.size() >= shortest_secret) {
            secrets_.push_back(lower(secret));
        }
    }
}

void Scrubber::scrub(OrderedJson& message) {
    scrub_value(message, "", "", 0);
}

std::string Scrubber::serial(std::string_view original) {
    constexpr std::size_t model_prefix = 3;
    if (original.empty() || is_common_word(original)) {
        return std::string{original};
    }
    const auto kept = original.size() > 2 * model_prefix ? model_prefix : 0;
    return stand_in(original, [&](std::uint64_t number) {
        return std::string{original.substr(0, kept)} + shaped(original.substr(kept), number);
    });
}

void Scrubber::scrub_object(OrderedJson& object, std::string_view name, int depth) {
    constexpr std::size_t shortest_tag = 8;
    OrderedJson::object_t result;
    result.reserve(object.size());
    for (auto& [key, value] : object.get_ref<OrderedJson::object_t&>()) {
        scrub_value(value, key, name, depth + 1);
        const bool stays =
            (is_harmless(key) || (is_bits(key) && key.size() < shortest_tag)) && !has_secret(key);
        result.push_back({stays ? key : by_shape(key), std::move(value)});
    }
    object = std::move(result);
}

void Scrubber::scrub_value(OrderedJson& value, std::string_view key, std::string_view parent, int depth) {
    if (depth > deepest_value) {
        value = nullptr;
    } else if (value.is_object()) {
        scrub_object(value, key, depth);
    } else if (value.is_array()) {
        for (auto& item : value) {
            scrub_value(item, key, parent, depth + 1);
        }
    } else if (value.is_string()) {
        value = text(value.get_ref<const std::string&>(), key, parent);
    } else if (value.is_number_integer()) {
        scrub_number(value, key);
    }
}

void Scrubber::scrub_number(OrderedJson& value, std::string_view key) {
    const auto content = content_of(key, "");
    const auto number = value.get<std::int64_t>();
    if (content == Content::address && number != 0) {
        constexpr std::uint64_t four_bytes = 0xFFFFFFFF;
        value = as_number(address(dotted(static_cast<std::uint64_t>(number) & four_bytes)));
    } else if ((content == Content::id && number >= least_id_number) || has_secret(value.dump())) {
        value = OrderedJson::parse(id(value.dump()), nullptr, false);
    }
}

std::string Scrubber::text(const std::string& original, std::string_view key, std::string_view parent) {
    if (is_common_word(original)) {
        return original;
    }
    const bool secret = has_secret(original);
    switch (content_of(key, parent)) {
    case Content::words:
        return !secret && is_harmless(original) ? original : by_shape(original);
    case Content::bits:
        return !secret && is_bits(original) ? original : by_shape(original);
    case Content::count:
        return !secret && (is_count(original) || shape_of(original) == Shape::number) ? original
                                                                                      : by_shape(original);
    case Content::preset:
        return !secret && (is_preset_of_vendor(original) ||
                           (is_harmless(original) && shape_of(original) == Shape::other &&
                            original.find_first_of("0123456789") == std::string::npos))
                   ? original
                   : stand_in(original, [&](std::uint64_t number) {
                         return original.substr(0, 1) + shaped(original.substr(1), number);
                     });
    case Content::id:
        return id(original);
    case Content::serial:
        return serial(original);
    case Content::tag:
        return tag(original);
    case Content::name:
        return path(original);
    case Content::address:
        return address(original);
    case Content::unknown:
        break;
    }
    return by_shape(original);
}

std::string Scrubber::by_shape(const std::string& original) {
    switch (shape_of(original)) {
    case Shape::number:
    case Shape::version:
        if (!has_secret(original)) {
            return original;
        }
        break;
    case Shape::url:
        return url(original);
    case Shape::address:
        return address(original);
    case Shape::path:
        return path(original);
    case Shape::digits:
        return id(original);
    case Shape::tag:
        return tag(original);
    case Shape::serial:
        return serial(original);
    case Shape::other:
        break;
    }
    return stand_in(original, [](std::uint64_t number) { return fmt::format("text-{}", number); });
}

std::string Scrubber::id(const std::string& original) {
    if (is_zero(original)) {
        return original;
    }
    return stand_in(original, [&](std::uint64_t number) {
        const bool decimal = original.find_first_not_of("0123456789") == std::string::npos;
        // A number does not begin with zero.
        return decimal ? "1" + shaped(original.substr(1), number) : shaped(original, number);
    });
}

std::string Scrubber::tag(const std::string& original) {
    return is_zero(original)
               ? original
               : stand_in(original, [&](std::uint64_t number) { return shaped(original, number); });
}

std::string Scrubber::address(const std::string& original) {
    const auto colons = std::ranges::count(original, ':');
    return stand_in(original, [&](std::uint64_t number) {
        if (shape_of(original) != Shape::address) {
            return fmt::format("host-{}.invalid", number);
        }
        if (original.find('.') != std::string::npos) {
            return documentation_address(number);
        }
        constexpr std::ptrdiff_t colons_of_mac = 5;
        return colons == colons_of_mac && original.size() == 17 ? "02" + shaped(":00:00:00:00:00", number)
                                                                : fmt::format("2001:db8::{:x}", number);
    });
}

std::string Scrubber::url(const std::string& original) {
    const auto scheme = original.find("://");
    const auto begin = scheme + 3;
    const auto shown = original.substr(0, begin);
    if (shown == "ftp://" || shown == "file://" || shown == "brtc://") { // files of the printer itself
        return shown + path(std::string_view{original}.substr(begin));
    }
    const auto slash = original.find('/', begin);
    const auto host = original.substr(begin, slash == std::string::npos ? slash : slash - begin);
    const auto stand_in_host =
        stand_in(host, [](std::uint64_t number) { return fmt::format("host-{}.invalid", number); });
    const auto rest =
        slash == std::string::npos ? std::string_view{} : std::string_view{original}.substr(slash);
    return (is_harmless(original.substr(0, scheme)) ? shown : "scheme://") + stand_in_host +
           path(rest.substr(0, rest.find_first_of("?#")));
}

std::string Scrubber::path(std::string_view original) {
    std::string result;
    for (;;) {
        const auto slash = original.find('/');
        result += name(original.substr(0, slash));
        if (slash == std::string_view::npos) {
            return result;
        }
        result += '/';
        original.remove_prefix(slash + 1);
    }
}

/// One part of a path. A usual extension stays, and equal names with other extensions become equal names.
std::string Scrubber::name(std::string_view original) {
    if (is_common_path_part(original)) {
        return std::string{original};
    }
    const auto extension = usual_extension(original);
    const auto stem = original.substr(0, original.size() - extension.size());
    return stand_in(stem, [](std::uint64_t number) { return fmt::format("name-{}", number); }) +
           std::string{extension};
}

std::string Scrubber::stand_in(std::string_view original, const Make& make) {
    if (const auto known = stand_ins_.find(original); known != stand_ins_.end()) {
        return known->second;
    }
    if (stand_ins_.size() >= most_stand_ins) {
        return make(last_);
    }
    std::string result;
    do {
        result = make(++last_);
    } while (result == original || used_.contains(result));
    used_.insert(result);
    stand_ins_.emplace(original, result);
    return result;
}

bool Scrubber::has_secret(std::string_view text) const {
    const auto searched = lower(text);
    return std::ranges::any_of(
        secrets_, [&](const std::string& secret) { return searched.find(secret) != std::string::npos; });
}

} // namespace bambu2mqtt
