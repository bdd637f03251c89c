#include <bambu2mqtt/file/listing.hpp>
#include <bambu2mqtt/file/path.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace bambu2mqtt {

namespace {

using namespace std::chrono;

/// Up to the group, size, date and the first word of the name; the rest is the name anyway.
constexpr std::size_t most_words = 10;

struct Words {
    std::array<std::string_view, most_words> text{};
    std::size_t count = 0;
    std::string_view row{};

    /// The text after a word and the single space after it: names may begin with spaces.
    [[nodiscard]] std::string_view after(std::size_t word) const {
        const auto end = static_cast<std::size_t>(text[word].data() - row.data()) + text[word].size();
        return end < row.size() ? row.substr(end + 1) : std::string_view{};
    }
};

[[nodiscard]] Words split(std::string_view row) {
    Words words{.row = row};
    std::size_t at = 0;
    while (words.count < most_words) {
        at = row.find_first_not_of(" \t", at);
        if (at == std::string_view::npos) {
            break;
        }
        const auto end = std::min(row.find_first_of(" \t", at), row.size());
        words.text[words.count++] = row.substr(at, end - at);
        at = end;
    }
    return words;
}

template <typename Number>
[[nodiscard]] std::optional<Number> whole_number(std::string_view text) {
    Number number{};
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || stopped != text.data() + text.size() || text.empty()) {
        return std::nullopt;
    }
    return number;
}

[[nodiscard]] std::optional<unsigned> month_of(std::string_view word) {
    constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
    const auto same = [word](std::string_view month) {
        return std::ranges::equal(word, month, {}, [](char c) { return c | 0x20; });
    };
    const auto found = std::ranges::find_if(months, same);
    return found == months.end() ? std::nullopt
                                 : std::optional(static_cast<unsigned>(found - months.begin()) + 1U);
}

/// "18:00" or "18:00:59".
[[nodiscard]] std::optional<seconds> time_of_day(std::string_view word) {
    const auto colon = word.find(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const auto hour = whole_number<unsigned>(word.substr(0, colon));
    const auto minute = whole_number<unsigned>(word.substr(colon + 1, 2));
    if (!hour || !minute || *hour > 23 || *minute > 59) {
        return std::nullopt;
    }
    return hours(*hour) + minutes(*minute);
}

[[nodiscard]] std::optional<local_seconds> moment(int year_number, unsigned month_number, unsigned day_number,
                                                  seconds clock) {
    const year_month_day date{year(year_number), month(month_number), day(day_number)};
    if (year_number < 1970 || year_number > 9999 || !date.ok()) {
        return std::nullopt;
    }
    return local_days(date) + clock;
}

/// The latest such day before now; rows of a printer whose clock is ahead by a time zone count as past.
[[nodiscard]] std::optional<local_seconds> latest_moment(unsigned month_number, unsigned day_number,
                                                         seconds clock, WallTime now) {
    const local_seconds limit{now.time_since_epoch() + days(1)};
    int year_number = static_cast<int>(year_month_day(floor<days>(limit)).year());
    for (const int last = year_number - 8; year_number > last; --year_number) { // 29 February
        const auto result = moment(year_number, month_number, day_number, clock);
        if (result && *result <= limit) {
            return result;
        }
    }
    return std::nullopt;
}

/// The position of a date among the words, and its value.
struct Date {
    std::size_t last_word = 0;
    std::optional<local_seconds> time{};
};

/// "Jan 31 18:00" or "Jan 31 2025", from word `at` on.
[[nodiscard]] std::optional<Date> month_first(const Words& words, std::size_t at, WallTime now) {
    if (at + 2 >= words.count) {
        return std::nullopt;
    }
    const auto month_number = month_of(words.text[at]);
    const auto day_number = whole_number<unsigned>(words.text[at + 1]);
    if (!month_number || !day_number || *day_number < 1 || *day_number > 31) {
        return std::nullopt;
    }
    if (const auto clock = time_of_day(words.text[at + 2])) {
        return Date{at + 2, latest_moment(*month_number, *day_number, *clock, now)};
    }
    if (const auto year_number = whole_number<int>(words.text[at + 2])) {
        return Date{at + 2, moment(*year_number, *month_number, *day_number, seconds(0))};
    }
    return std::nullopt;
}

/// "2025-01-31 18:00", from word `at` on.
[[nodiscard]] std::optional<Date> year_first(const Words& words, std::size_t at) {
    const std::string_view date = words.text[at];
    if (at + 1 >= words.count || date.size() != 10 || date[4] != '-' || date[7] != '-') {
        return std::nullopt;
    }
    const auto year_number = whole_number<int>(date.substr(0, 4));
    const auto month_number = whole_number<unsigned>(date.substr(5, 2));
    const auto day_number = whole_number<unsigned>(date.substr(8, 2));
    const auto clock = time_of_day(words.text[at + 1]);
    if (!year_number || !month_number || !day_number || !clock) {
        return std::nullopt;
    }
    return Date{at + 1, moment(*year_number, *month_number, *day_number, *clock)};
}

[[nodiscard]] std::optional<FileKind> kind_of(std::string_view permissions) {
    // Ten letters, possibly followed by a sign ("+", "."); the letters themselves are not needed here.
    if (permissions.size() < 10 || permissions.size() > 11) {
        return std::nullopt;
    }
    switch (permissions.front()) {
    case '-':
        return FileKind::file;
    case 'd':
        return FileKind::folder;
    case 'l':
        return FileKind::link;
    default:
        return std::nullopt;
    }
}

[[nodiscard]] std::string_view name_of(FileKind kind, std::string_view rest) {
    return kind == FileKind::link ? rest.substr(0, rest.find(" -> ")) : rest;
}

/// The size is the word before the date: links, owner and group before it are optional.
[[nodiscard]] std::optional<FileRow> parse_row(std::string_view row, WallTime now) {
    const Words words = split(row);
    const auto kind = words.count > 0 ? kind_of(words.text[0]) : std::nullopt;
    if (!kind) {
        return std::nullopt;
    }
    for (std::size_t at = 2; at < words.count; ++at) {
        const auto size = whole_number<std::uint64_t>(words.text[at - 1]);
        auto date = size ? month_first(words, at, now) : std::nullopt;
        if (size && !date) {
            date = year_first(words, at);
        }
        if (date) {
            return FileRow{*kind, std::string(name_of(*kind, words.after(date->last_word))), *size,
                           date->time};
        }
    }
    return std::nullopt;
}

/// "total 12", the first line of `ls`.
[[nodiscard]] bool is_total(std::string_view row) {
    return row.starts_with("total ") && whole_number<std::uint64_t>(row.substr(6)).has_value();
}

void take_row(std::string_view row, WallTime now, Listing& listing) {
    if (row.empty() || is_total(row)) {
        return;
    }
    auto parsed = parse_row(row, now);
    if (parsed && (parsed->name == "." || parsed->name == "..")) {
        return;
    }
    if (!parsed || !is_file_name(parsed->name)) {
        ++listing.dropped;
        return;
    }
    listing.rows.push_back(*std::move(parsed));
}

} // namespace

Listing parse_listing(std::string_view text, WallTime now) {
    Listing listing;
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) {
            listing.cut = true;
            break;
        }
        auto row = text.substr(0, end);
        text.remove_prefix(end + 1);
        if (row.ends_with('\r')) {
            row.remove_suffix(1);
        }
        take_row(row, now, listing);
    }
    return listing;
}

} // namespace bambu2mqtt
