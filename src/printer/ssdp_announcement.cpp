#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/printer/serial.hpp>
#include <bambu2mqtt/printer/ssdp_announcement.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace bambu2mqtt {

namespace {

constexpr std::size_t longest_announced_name = 64;
constexpr std::size_t longest_word = 32;
constexpr std::size_t most_headers = 64;

struct ModelCode {
    std::string_view code;
    Model model;
};

/// The vendor's model codes, and the one of early firmware.
constexpr std::array model_codes{
    ModelCode{"BL-P001", Model::x1c},
    ModelCode{"BL-P002", Model::x1},
    ModelCode{"C13", Model::x1e},
    ModelCode{"C11", Model::p1p},
    ModelCode{"C12", Model::p1s},
    ModelCode{"N1", Model::a1mini},
    ModelCode{"N2S", Model::a1},
    ModelCode{"N7", Model::p2s},
    ModelCode{"O1S", Model::h2s},
    ModelCode{"O1D", Model::h2d},
    ModelCode{"O1E", Model::h2dpro},
    ModelCode{"O2D", Model::h2dpro},
    ModelCode{"O1C", Model::h2c},
    ModelCode{"O1C2", Model::h2c},
    ModelCode{"N6", Model::x2d},
    ModelCode{"N9", Model::a2l},
    ModelCode{"3DPrinter-X1-Carbon", Model::x1c},
};

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Removes the first line.
std::string_view next_line(std::string_view& text) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return trimmed(line);
}

/// A word of letters, digits and -._ ; empty otherwise.
std::string word(std::string_view text) {
    const bool fine =
        text.size() <= longest_word && std::ranges::all_of(text, [](char c) {
            return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '.' || c == '_';
        });
    return fine ? std::string{text} : std::string{};
}

/// The values of the relevant headers, the first of each.
struct Headers {
    std::string_view nt{};
    std::string_view nts{};
    std::string_view usn{};
    std::string_view location{};
    std::string_view model{};
    std::string_view name{};
    std::string_view firmware{};
    std::string_view connect{};
    std::string_view bind{};
};

struct HeaderName {
    std::string_view name;
    std::string_view Headers::*value;
};

constexpr std::array header_names{
    HeaderName{"NT", &Headers::nt},
    HeaderName{"NTS", &Headers::nts},
    HeaderName{"USN", &Headers::usn},
    HeaderName{"Location", &Headers::location},
    HeaderName{"DevModel.bambu.com", &Headers::model},
    HeaderName{"DevName.bambu.com", &Headers::name},
    HeaderName{"DevVersion.bambu.com", &Headers::firmware},
    HeaderName{"DevConnect.bambu.com", &Headers::connect},
    HeaderName{"DevBind.bambu.com", &Headers::bind},
};

Headers read_headers(std::string_view text) {
    Headers headers;
    for (std::size_t count = 0; !text.empty() && count < most_headers; ++count) {
        const auto line = next_line(text);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) {
            continue;
        }
        const auto name = trimmed(line.substr(0, colon));
        const auto known = std::ranges::find_if(
            header_names, [name](const HeaderName& row) { return same_in_any_case(row.name, name); });
        if (known != header_names.end() && (headers.*known->value).empty()) {
            headers.*known->value = trimmed(line.substr(colon + 1));
        }
    }
    return headers;
}

/// Other devices use SSDP too, and a device announces its departure.
bool is_living_printer(const Headers& headers) {
    const bool printer = headers.nt.empty()
                             ? !headers.model.empty()
                             : starts_in_any_case(headers.nt, "urn:bambulab-com:device:3dprinter");
    return printer && !same_in_any_case(headers.nts, "ssdp:byebye");
}

} // namespace

std::optional<std::string> host_address(std::string_view text) {
    std::array<unsigned, 4> parts{};
    const char* at = text.data();
    const char* const end = text.data() + text.size();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0 && (at == end || *at++ != '.')) {
            return std::nullopt;
        }
        const char* const begin = at;
        const auto [rest, problem] = std::from_chars(at, end, parts[i]);
        const bool leading_zero = rest - begin > 1 && *begin == '0';
        if (problem != std::errc{} || parts[i] > 255 || leading_zero) {
            return std::nullopt;
        }
        at = rest;
    }
    if (at != end || parts[0] == 0 || parts[0] >= 224) {
        return std::nullopt;
    }
    return std::string{text};
}

Model model_of_code(std::string_view code) {
    const auto row = std::ranges::find_if(
        model_codes, [code](const ModelCode& known) { return same_in_any_case(known.code, code); });
    return row == model_codes.end() ? Model::unknown : row->model;
}

std::optional<PrinterNotice> parse_announcement(std::string_view datagram) {
    if (datagram.size() > longest_announcement) {
        return std::nullopt;
    }
    const auto start = next_line(datagram);
    if (!starts_in_any_case(start, "NOTIFY ")) {
        return std::nullopt;
    }
    const auto headers = read_headers(datagram);
    auto serial = read_serial(headers.usn);
    if (!serial || !is_living_printer(headers)) {
        return std::nullopt;
    }
    PrinterNotice result{.serial = *std::move(serial),
                         .address = host_address(headers.location).value_or(std::string{}),
                         .model_code = word(headers.model),
                         .name = printable(headers.name, longest_announced_name, {.ellipsis = false}),
                         .firmware = word(headers.firmware),
                         .connect = word(headers.connect),
                         .bind = word(headers.bind)};
    result.model = model_of_code(result.model_code);
    if (result.model == Model::unknown) {
        result.model = model_of_serial(result.serial);
    }
    return result;
}

} // namespace bambu2mqtt
