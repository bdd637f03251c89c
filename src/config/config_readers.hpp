// One reader per kind of value: turns what the file holds into what the structs hold, or into nothing when it
// is of the wrong type or outside of what is allowed. Readers know no key names and make no messages.
#pragma once

#include <bambu2mqtt/config/config_table.hpp>

#include <array>
#include <limits>
#include <utility>
#include <vector>

namespace bambu2mqtt::readers {

/// The parts of a broker URL.
struct BrokerAddress {
    bool tls = false;
    std::string host{}; ///< an IPv6 address has no brackets here
    std::uint16_t port = 0;
};

/// mqtt://HOST[:PORT] or mqtts://HOST[:PORT]; the ports default to 1883 and 8883. A login in it is refused.
[[nodiscard]] std::optional<BrokerAddress> broker_address(const ConfigValue& value);

[[nodiscard]] std::optional<bool> boolean(const ConfigValue& value);

/// 1 to 65535.
[[nodiscard]] std::optional<std::uint16_t> port(const ConfigValue& value);

/// 0 to 128 MiB.
[[nodiscard]] std::optional<std::uint64_t> byte_count(const ConfigValue& value);

/// 1 to 4 GiB less one byte.
[[nodiscard]] std::optional<std::uint64_t> file_size(const ConfigValue& value);

/// 0 to 1,000,000, with or without a fraction.
[[nodiscard]] std::optional<double> hours(const ConfigValue& value);

/// Any text without control characters.
[[nodiscard]] std::optional<std::string> text(const ConfigValue& value);

/// The same, but not empty.
[[nodiscard]] std::optional<std::string> some_text(const ConfigValue& value);

/// A text of at most 64 characters.
[[nodiscard]] std::optional<std::string> short_text(const ConfigValue& value);

/// A topic to publish on: levels without "+" and "#", no "/" at either end, no "$" in front.
[[nodiscard]] std::optional<std::string> topic(const ConfigValue& value);

/// MQTT topic filters; none of them begins with "$", as nothing is published there.
[[nodiscard]] std::optional<std::vector<std::string>> topic_filters(const ConfigValue& value);

/// A host name or an address without scheme and port.
[[nodiscard]] std::optional<std::string> host(const ConfigValue& value);

[[nodiscard]] std::optional<std::string> serial(const ConfigValue& value);

[[nodiscard]] std::optional<std::string> printer_id(const ConfigValue& value);

/// Empty text: no model is set.
[[nodiscard]] std::optional<std::optional<Model>> model(const ConfigValue& value);

[[nodiscard]] std::optional<std::filesystem::path> path(const ConfigValue& value);

[[nodiscard]] std::optional<std::filesystem::path> some_path(const ConfigValue& value);

[[nodiscard]] std::optional<Secret> secret(const ConfigValue& value);

[[nodiscard]] std::optional<Secret> some_secret(const ConfigValue& value);

/// A word of the file and what it stands for.
template <typename T>
struct Word {
    std::string_view text{};
    T value{};
};

inline constexpr std::array<Word<TlsMode>, 3> tls_words{
    {{"pin", TlsMode::pin}, {"ca", TlsMode::ca}, {"insecure", TlsMode::insecure}}};
inline constexpr std::array<Word<DiscoveryForm>, 2> discovery_words{
    {{"device", DiscoveryForm::device}, {"component", DiscoveryForm::component}}};
inline constexpr std::array<Word<ControlLevel>, 3> control_words{
    {{"full", ControlLevel::full}, {"safe", ControlLevel::safe}, {"none", ControlLevel::none}}};
inline constexpr std::array<Word<LogFormat>, 2> format_words{
    {{"text", LogFormat::text}, {"json", LogFormat::json}}};
inline constexpr std::array<Word<std::string_view>, 6> level_words{{{"trace", "trace"},
                                                                    {"debug", "debug"},
                                                                    {"info", "info"},
                                                                    {"warn", "warn"},
                                                                    {"error", "error"},
                                                                    {"off", "off"}}};
inline constexpr std::array<Word<std::string_view>, 3> scheme_words{
    {{"", ""}, {"ftp", "ftp"}, {"sdcard", "sdcard"}}};

/// The texts of a word table.
template <typename T, std::size_t Count>
[[nodiscard]] constexpr std::array<std::string_view, Count> texts(const std::array<Word<T>, Count>& words) {
    std::array<std::string_view, Count> result{};
    for (std::size_t index = 0; index < Count; ++index) {
        result[index] = words[index].text;
    }
    return result;
}

/// The value of one of the words of a table, which are written exactly as they stand there.
template <const auto& Words>
[[nodiscard]] auto word(const ConfigValue& value) {
    using Value = decltype(Words[0].value);
    std::optional<std::remove_const_t<Value>> result;
    const auto* const found = std::get_if<std::string>(&value);
    for (const auto& candidate : Words) {
        if (found != nullptr && candidate.text == *found) {
            result = candidate.value;
        }
    }
    return result;
}

} // namespace bambu2mqtt::readers
