#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/base/embedded.hpp>
#include <bambu2mqtt/texts/texts.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <optional>

namespace bambu2mqtt {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(TextGroup::count_)> group_names{
    "errors", "places", "words", "names"};

/// "[errors]" gives its group.
std::optional<std::size_t> group_in(std::string_view line) {
    if (!line.starts_with('[') || !line.ends_with(']')) {
        return std::nullopt;
    }
    const auto* const found = std::ranges::find(group_names, line.substr(1, line.size() - 2));
    return found == group_names.end() ? std::nullopt
                                      : std::optional{static_cast<std::size_t>(found - group_names.begin())};
}

std::string_view content_of(std::string_view language) {
    const auto files = embedded::languages();
    const auto found = std::ranges::find_if(files, [language](const embedded::File& file) {
        return file.path.starts_with(language) && file.path.substr(language.size()) == ".txt";
    });
    return found == files.end() ? std::string_view{} : found->text;
}

std::vector<Texts> all_languages() {
    std::vector<Texts> all;
    for (const auto language : language_words) {
        all.emplace_back(content_of(language));
        assert(all.back().problems().empty());
    }
    return all;
}

} // namespace

Texts::Texts(std::string_view content) {
    std::optional<std::size_t> group;
    for (std::size_t number = 1; !content.empty(); ++number) {
        const auto end = std::min(content.find('\n'), content.size());
        const auto line = trimmed(content.substr(0, end));
        content.remove_prefix(std::min(end + 1, content.size()));
        if (line.empty() || line.starts_with('#')) {
            continue;
        }
        if (const auto next = group_in(line)) {
            group = next;
            continue;
        }
        const auto equals = line.find('=');
        const auto key = trimmed(line.substr(0, std::min(equals, line.size())));
        const auto text = equals == std::string_view::npos ? "" : trimmed(line.substr(equals + 1));
        if (!group || key.empty() || text.empty()) {
            problems_.push_back(fmt::format("line {}: expected [SECTION] or KEY = TEXT", number));
            continue;
        }
        groups_[*group].emplace_back(key, text);
    }
    for (auto& lines : groups_) {
        std::ranges::sort(lines, {}, &Line::first);
        lines.shrink_to_fit();
        for (auto twice = lines.begin();
             (twice = std::ranges::adjacent_find(twice, lines.end(), {}, &Line::first)) != lines.end();
             ++twice) {
            problems_.push_back(fmt::format("{}: occurs twice", twice->first));
        }
    }
}

std::string_view Texts::find(TextGroup group, std::string_view key) const {
    const auto all = lines(group);
    const auto found = std::ranges::lower_bound(all, key, {}, &Line::first);
    return found == all.end() || found->first != key ? std::string_view{} : found->second;
}

const Texts& texts_in(Language language) {
    static const auto all = all_languages();
    return all.at(static_cast<std::size_t>(language));
}

std::string filled(std::string_view text,
                   std::initializer_list<std::pair<std::string_view, std::string>> values) {
    std::string out;
    while (!text.empty()) {
        const auto open = std::min(text.find('{'), text.size());
        out += text.substr(0, open);
        text.remove_prefix(open);
        const auto close = text.find('}');
        const auto name = close == std::string_view::npos ? "" : text.substr(1, close - 1);
        const auto value = std::ranges::find(values, name, [](const auto& entry) { return entry.first; });
        if (value != values.end()) {
            out += value->second;
            text.remove_prefix(close + 1);
        } else if (!text.empty()) {
            out += text.front();
            text.remove_prefix(1);
        }
    }
    return out;
}

} // namespace bambu2mqtt
