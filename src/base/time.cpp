#include <bambu2mqtt/base/time.hpp>

#include <charconv>

namespace bambu2mqtt {

namespace {

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) {
        return std::nullopt;
    }
    const auto part = text.substr(at, count);
    if (part.find_first_not_of("0123456789") != std::string_view::npos) {
        return std::nullopt;
    }
    int result = 0;
    std::from_chars(part.data(), part.data() + part.size(), result);
    return result;
}

/// Two digits from `at` on.
template <typename Number>
void put_two(std::string& text, std::size_t at, Number number) {
    text[at] = static_cast<char>('0' + number / 10);
    text[at + 1] = static_cast<char>('0' + number % 10);
}

std::optional<std::chrono::minutes> offset(std::string_view text) {
    if (text == "Z" || text == "z") {
        return std::chrono::minutes{0};
    }
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
        return std::nullopt;
    }
    const auto hours = digits(text, 1, 2);
    const auto minutes = digits(text, 4, 2);
    if (!hours || !minutes || *hours > 23 || *minutes > 59) {
        return std::nullopt;
    }
    const auto result = std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
    return text[0] == '-' ? -result : result;
}

} // namespace

std::string rfc3339(WallTime time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    const auto year = static_cast<int>(date.year());
    std::string text = "0000-00-00T00:00:00Z"; // called with every report, so without a formatter
    put_two(text, 0, year / 100);
    put_two(text, 2, year % 100);
    put_two(text, 5, static_cast<unsigned>(date.month()));
    put_two(text, 8, static_cast<unsigned>(date.day()));
    put_two(text, 11, clock.hours().count());
    put_two(text, 14, clock.minutes().count());
    put_two(text, 17, clock.seconds().count());
    return text;
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
    const auto year = digits(text, 0, 4);
    const auto month = digits(text, 5, 2);
    const auto day = digits(text, 8, 2);
    const auto hour = digits(text, 11, 2);
    const auto minute = digits(text, 14, 2);
    const auto second = digits(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second) {
        return std::nullopt;
    }
    const bool separators = text[4] == '-' && text[7] == '-' &&
                            (text[10] == 'T' || text[10] == 't' || text[10] == ' ') && text[13] == ':' &&
                            text[16] == ':';
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!separators || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) {
        return std::nullopt;
    }
    auto rest = text.substr(19);
    if (rest.starts_with('.')) {
        const auto end = rest.find_first_not_of("0123456789", 1);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
    }
    const auto shift = offset(rest);
    if (!shift) {
        return std::nullopt;
    }
    return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
           std::chrono::seconds{*second} - *shift;
}

} // namespace bambu2mqtt
