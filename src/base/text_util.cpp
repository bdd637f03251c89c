#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/base/utf8.hpp>

#include <algorithm>
#include <vector>

namespace bambu2mqtt {

namespace {

constexpr std::size_t longest_compared = 64;

std::string folded(std::string_view name) {
    std::string result{name.substr(0, longest_compared)};
    for (char& letter : result) {
        letter = letter == '-' ? '_' : lower(letter);
    }
    return result;
}

bool one_contains_other(const std::string& left, const std::string& right) {
    const auto& shorter = left.size() < right.size() ? left : right;
    const auto& longer = left.size() < right.size() ? right : left;
    return shorter.size() >= 4 && longer.find(shorter) != std::string::npos;
}

/// The end of the first "scheme://" that begins a word; 0 if there is none.
std::size_t end_of_scheme(std::string_view text) {
    const auto separator = text.find("://");
    if (separator == std::string_view::npos) {
        return 0;
    }
    const auto scheme = text.substr(0, separator);
    const auto before =
        scheme.find_last_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
    const bool begins_word =
        before == std::string_view::npos || scheme[before] == ' ' || (before == 0 && scheme[0] == '"');
    return begins_word ? separator + 3 : 0;
}

/// Any text before "@" may be a login, also where the scheme of the URL was forgotten.
std::string without_login(std::string_view text) {
    const auto login_end = text.rfind('@');
    if (login_end == std::string_view::npos) {
        return std::string{text};
    }
    const auto begin = end_of_scheme(text.substr(0, login_end));
    return std::string{text.substr(0, begin)} + "***" + std::string{text.substr(login_end)};
}

} // namespace

std::size_t edit_distance(std::string_view left, std::string_view right) {
    const std::string a = folded(left);
    const std::string b = folded(right);
    const std::size_t width = b.size() + 1;
    std::vector<std::size_t> cells((a.size() + 1) * width);
    for (std::size_t row = 0; row <= a.size(); ++row) {
        for (std::size_t column = 0; column <= b.size(); ++column) {
            auto& cell = cells[row * width + column];
            if (row == 0 || column == 0) {
                cell = row + column;
                continue;
            }
            const std::size_t replaced =
                cells[(row - 1) * width + column - 1] + (a[row - 1] == b[column - 1] ? 0U : 1U);
            cell = std::min(
                {cells[(row - 1) * width + column] + 1, cells[row * width + column - 1] + 1, replaced});
            if (row > 1 && column > 1 && a[row - 1] == b[column - 2] && a[row - 2] == b[column - 1]) {
                cell = std::min(cell, cells[(row - 2) * width + column - 2] + 1);
            }
        }
    }
    return cells.back();
}

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known) {
    std::string_view best{};
    std::size_t best_distance = std::clamp<std::size_t>(name.size() / 3, 1, 3) + 1;
    for (const auto candidate : known) {
        const std::size_t distance = edit_distance(name, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    if (!best.empty()) {
        return best;
    }
    const auto related = std::ranges::find_if(known, [name](std::string_view candidate) {
        return one_contains_other(folded(name), folded(candidate));
    });
    return related == known.end() ? std::string_view{} : *related;
}

std::string printable(std::string_view text, std::size_t longest, PrintableForm form) {
    std::string result;
    result.reserve(std::min(text.size(), longest + 3));
    while (!text.empty()) {
        const bool foreign = form.ascii_only && static_cast<unsigned char>(text.front()) >= 0x80;
        const auto length = foreign ? 0 : utf8_length(text);
        auto letter = text.substr(0, std::max<std::size_t>(length, 1));
        text.remove_prefix(letter.size());
        if (length == 0 || has_control_character(letter)) {
            letter = "?";
        }
        if (result.size() + letter.size() > longest) {
            return form.ellipsis ? result + "..." : result;
        }
        result += letter;
    }
    return result;
}

std::string sanitize_for_log(std::string_view text, std::size_t longest, PrintableForm form) {
    return printable(without_login(text), longest, form);
}

std::string one_of(std::span<const std::string_view> words) {
    std::string result;
    for (std::size_t index = 0; index < words.size(); ++index) {
        if (index > 0) {
            result += index + 1 == words.size() ? " or " : ", ";
        }
        result += '"';
        result += words[index];
        result += '"';
    }
    return result;
}

} // namespace bambu2mqtt
