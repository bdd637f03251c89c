#include <bambu2mqtt/base/base64.hpp>

#include <array>
#include <cstdint>

namespace bambu2mqtt {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint8_t no_digit = 0xFF;

constexpr auto digit_values = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return table;
}();

} // namespace

std::string to_base64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            const auto byte = at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U;
            group = (group << 8) | byte;
        }
        for (std::size_t i = 0; i < 4; ++i) {
            const bool filled = at + i <= bytes.size();
            text.push_back(filled ? alphabet[(group >> (18 - 6 * i)) & 0x3FU] : '=');
        }
    }
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::uint32_t group = 0;
    unsigned bits = 0;
    std::size_t count = 0;
    std::size_t padding = 0;
    for (const char c : text) {
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
            continue;
        }
        if (c == '=') {
            ++padding;
            continue;
        }
        const auto digit = digit_values[static_cast<unsigned char>(c)];
        if (digit == no_digit || padding > 0) {
            return std::nullopt;
        }
        group = (group << 6) | digit;
        bits += 6;
        ++count;
        if (bits >= 8) {
            bits -= 8;
            bytes.push_back(static_cast<char>((group >> bits) & 0xFFU));
        }
    }
    const bool whole = count % 4 != 1 && padding <= 2 && (padding == 0 || (count + padding) % 4 == 0);
    return whole ? std::optional{std::move(bytes)} : std::nullopt;
}

} // namespace bambu2mqtt
