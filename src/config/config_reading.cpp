#include "config/config_reading.hpp"

#include <bambu2mqtt/base/environment.hpp>
#include <bambu2mqtt/base/overloaded.hpp>
#include <bambu2mqtt/base/read_file.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/base/utf8.hpp>

#include <fmt/format.h>

#include <grp.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

namespace bambu2mqtt {

namespace {

namespace fs = std::filesystem;

using Read = expected<ConfigValue, std::string>; // or the text of the problem

constexpr std::size_t largest_secret_file = 65536; // bytes

std::string in_quotes(std::string_view text) {
    return fmt::format("\"{}\"", sanitize_for_log(text));
}

/// Nothing when the system has no such group.
std::optional<unsigned> group_number(const char* name) {
    group entry{};
    group* found_entry = nullptr;
    std::array<char, 4096> names{}; // of its members
    if (::getgrnam_r(name, &entry, names.data(), names.size(), &found_entry) != 0 || found_entry == nullptr) {
        return std::nullopt;
    }
    return entry.gr_gid;
}

/// `found "x"`, `found 5`, `found a list`.
std::string found(const ConfigValue& value) {
    const auto in_words = Overloaded{
        [](OtherValue other) { return std::string{other.what}; },
        [](const std::string& text) { return text.empty() ? "an empty text" : in_quotes(text); },
        [](const std::vector<std::string>& list) {
            std::string texts;
            for (const auto& text : list) {
                texts += (texts.empty() ? "" : ", ") + in_quotes(text);
            }
            return fmt::format("[{}]", printable(texts, 300));
        },
        [](auto number) { return fmt::format("{}", number); },
    };
    return "found " + std::visit(in_words, value);
}

Read wrong(const ConfigKey& row, std::string_view found) {
    return unexpected(fmt::format("{}, expected {}", found, row.allowed.in_words));
}

std::string found_path(const fs::path& path, std::string_view why) {
    return fmt::format("found \"{}\": {}", sanitize_for_log(path.string()), why);
}

bool is_in_range(const Allowed& allowed, double number) {
    return number >= static_cast<double>(allowed.least) && number <= static_cast<double>(allowed.most);
}

/// Why the file or folder that a key names cannot be used; empty when it can.
std::string why_unusable(KeyType type, const fs::path& path) {
    if (type == KeyType::readable_file) {
        const auto opened = open_regular_file(path);
        return opened ? std::string{} : opened.error().detail;
    }
    std::error_code error;
    if (type == KeyType::existing_folder && !fs::is_directory(path, error)) {
        return error ? "does not exist or cannot be reached" : "is not a folder";
    }
    return {};
}

Read read_path(const ConfigKey& row, const std::string& key, const std::string& text, ReadState& state) {
    const auto type = row.allowed.type;
    if (has_control_character(text) || (text.empty() && type == KeyType::folder)) {
        return wrong(row, found(text));
    }
    if (text.empty()) {
        return text;
    }
    const auto path = state.file.parent_path() / text;
    if (const auto why = why_unusable(type, path); !why.empty()) {
        return wrong(row, found_path(path, why));
    }
    if (type != KeyType::folder) {
        state.named.push_back({key, path});
    }
    return path.string();
}

/// The secret that `row` describes; `nothing` in words where it is empty.
Read read_secret(const ConfigKey& row, const std::string& text, std::string_view nothing) {
    if (text.empty() && row.use == KeyUse::required) {
        return wrong(row, fmt::format("found {}", nothing));
    }
    if (row.allowed.read != nullptr && !row.allowed.read(text)) {
        return wrong(row, "found a text that is too long or has control characters");
    }
    return text;
}

/// Messages show neither the text of a secret nor what the environment holds.
Read read_expanded(const ConfigKey& row, const std::string& text, ReadState& state) {
    const auto expanded = expand_environment(text);
    if (!expanded) {
        return wrong(row, expanded.error().detail);
    }
    if (row.allowed.type == KeyType::expanded) {
        return row.allowed.read(expanded->text) ? Read{expanded->text} : wrong(row, found(text));
    }
    state.literal_secret = state.literal_secret || expanded->has_literal;
    return read_secret(row, expanded->text, "an empty text");
}

/// The content of the file that `text` names, without the end of its last line.
Read read_secret_file(const ConfigKey& row, const std::string& key, const std::string& text,
                      ReadState& state) {
    const auto named = read_path(row, key, text, state);
    if (!named) {
        return named;
    }
    const fs::path path{std::get<std::string>(*named)};
    auto content = read_file(path, largest_secret_file);
    if (!content) {
        return wrong(row, found_path(path, content.error().detail));
    }
    if (const auto why = open_to_others(path); !why.empty()) {
        state.add(&LoadedConfig::warnings, key,
                  fmt::format("the file \"{}\" {}", sanitize_for_log(path.string()), why));
    }
    content->erase(content->find_last_not_of("\r\n") + 1);
    const auto* const secret = find_config_key(row.section, without_suffix(row.name));
    return read_secret(*secret, *content, "an empty file");
}

} // namespace

const fs::path& ReadState::file_of(std::string_view key) const {
    constexpr std::string_view list = "printer[";
    std::size_t number = 0;
    if (key.starts_with(list)) {
        const auto digits = key.substr(list.size());
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    }
    return number > configured ? managed_file : file;
}

void ReadState::add(std::vector<ConfigProblem> LoadedConfig::*list, std::string_view key, std::string text) {
    const auto line = lines.find(key);
    (loaded.*list)
        .push_back({.file = file_of(key),
                    .line = line == lines.end() ? 0 : line->second,
                    .key = std::string{key},
                    .text = std::move(text)});
}

std::string found_type(const ConfigValue& value) {
    constexpr std::array<std::string_view, std::variant_size_v<ConfigValue>> names{
        "", "true or false", "a whole number", "a number with a fraction", "a text", "a list"};
    const auto* const other = std::get_if<OtherValue>(&value);
    return fmt::format("found {}", other == nullptr ? names.at(value.index()) : other->what);
}

Read read_value(const ConfigKey& row, const std::string& key, const ConfigValue& value, ReadState& state) {
    const auto& allowed = row.allowed;
    const auto* const text = std::get_if<std::string>(&value);
    const auto* const list = std::get_if<std::vector<std::string>>(&value);
    const auto* const whole = std::get_if<std::int64_t>(&value);
    const auto* const fraction = std::get_if<double>(&value);
    const bool whole_in_range = whole != nullptr && is_in_range(allowed, static_cast<double>(*whole));
    const auto is_read = [&](const std::string& each) { return allowed.read(each).has_value(); };
    bool is_allowed = false;
    switch (allowed.type) {
    case KeyType::flag:
        is_allowed = std::holds_alternative<bool>(value);
        break;
    case KeyType::whole:
        is_allowed = whole_in_range;
        break;
    case KeyType::number:
        is_allowed = whole_in_range || (fraction != nullptr && is_in_range(allowed, *fraction));
        break;
    case KeyType::word:
        is_allowed = text != nullptr && std::ranges::find(allowed.words, *text) != allowed.words.end();
        break;
    case KeyType::list:
        is_allowed = list != nullptr && std::ranges::all_of(*list, is_read);
        break;
    case KeyType::texts:
        if (text != nullptr && is_read(*text)) {
            return std::vector{*text};
        }
        is_allowed = list != nullptr && !list->empty() && std::ranges::all_of(*list, is_read);
        break;
    case KeyType::text:
        if (text != nullptr && is_read(*text)) {
            return *allowed.read(*text);
        }
        break;
    case KeyType::expanded:
        if (text != nullptr) {
            return read_expanded(row, *text, state);
        }
        break;
    case KeyType::secret:
        return text != nullptr ? read_expanded(row, *text, state) : wrong(row, found_type(value));
    case KeyType::secret_file:
        return text != nullptr ? read_secret_file(row, key, *text, state) : wrong(row, found_type(value));
    case KeyType::folder:
    case KeyType::existing_folder:
    case KeyType::readable_file:
        if (text != nullptr) {
            return read_path(row, key, *text, state);
        }
        break;
    }
    return is_allowed ? Read{value} : wrong(row, found(value));
}

std::string open_to_others(const fs::path& file) {
    struct stat status {};

    // The group is looked up only where it matters: the system may ask a server for it.
    if (::stat(file.c_str(), &status) != 0 || (status.st_mode & 077U) == 0 ||
        is_private_file(status.st_mode, status.st_uid, status.st_gid, group_number(service_group))) {
        return {};
    }
    return fmt::format("holds a secret and has mode {:04o}, expected 0600 so that only its owner can read it",
                       status.st_mode & 07777U);
}

} // namespace bambu2mqtt
