#include "config/config_store.hpp"

#include "config/config_readers.hpp"
#include "config/config_sources.hpp"
#include <bambu2mqtt/base/read_file.hpp>
#include <bambu2mqtt/base/text_util.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

namespace bambu2mqtt {

namespace {

std::string seen(const FoundValue& found) {
    if (!found.value) {
        return std::string{found.type};
    }
    if (const auto* const text = std::get_if<std::string>(&*found.value)) {
        return text->empty() ? "an empty text" : fmt::format("\"{}\"", sanitize_for_log(*text));
    }
    if (const auto* const truth = std::get_if<bool>(&*found.value)) {
        return *truth ? "true" : "false";
    }
    if (const auto* const whole = std::get_if<std::int64_t>(&*found.value)) {
        return fmt::format("{}", *whole);
    }
    if (const auto* const fraction = std::get_if<double>(&*found.value)) {
        return fmt::format("{}", *fraction);
    }
    std::string list;
    for (const auto& text : std::get<std::vector<std::string>>(*found.value)) {
        list += fmt::format("{}\"{}\"", list.empty() ? "" : ", ", sanitize_for_log(text));
    }
    return fmt::format("[{}]", printable(list, 300));
}

bool may_be_seen(const ConfigKey& row) {
    return row.role != KeyRole::secret && row.role != KeyRole::secret_file;
}

/// Why the file or folder a path names cannot be used; empty when it can, or when the role does not ask.
std::string why_unusable(KeyRole role, const std::filesystem::path& path) {
    if (role == KeyRole::readable_file) {
        return why_unreadable(path);
    }
    std::error_code error;
    if (role == KeyRole::folder && !std::filesystem::is_directory(path, error)) {
        return error ? "does not exist or cannot be reached" : "is not a folder";
    }
    return {};
}

} // namespace

const ConfigKey* find_config_key(ConfigSection section, std::string_view name) {
    const auto keys = config_keys();
    const auto row = std::ranges::find_if(keys, [section, name](const ConfigKey& candidate) {
        return candidate.section == section && candidate.name == name;
    });
    return row == keys.end() ? nullptr : &*row;
}

void ConfigStore::begin_printer() {
    result_.loaded.config.printers.emplace_back();
}

void ConfigStore::put(const ConfigKey& row, const FoundValue& found) {
    const auto* const text = found.value ? std::get_if<std::string>(&*found.value) : nullptr;
    if (text == nullptr || !text->empty()) {
        lines_[found.key] = found.line;
    }
    if (!found.value || (text == nullptr && row.role != KeyRole::plain)) {
        wrong(row, found, may_be_seen(row) ? seen(found) : std::string{found.type});
        return;
    }
    switch (row.role) {
    case KeyRole::plain:
        put_plain(row, found, *found.value);
        return;
    case KeyRole::path:
    case KeyRole::readable_file:
    case KeyRole::folder:
        put_path(row, found, *text);
        return;
    case KeyRole::expanded:
    case KeyRole::secret:
        put_expanded(row, found, *text);
        return;
    case KeyRole::secret_file:
        put_secret_file(row, found, *text);
        return;
    }
}

void ConfigStore::problem(unsigned line, std::string key, std::string text) {
    result_.loaded.problems.push_back(
        {.file = file_, .line = line, .key = std::move(key), .text = std::move(text)});
}

ReadConfig ConfigStore::finish() {
    auto& loaded = result_.loaded;
    check_together(loaded, lines_, file_, named_);
    // Line 0 is no line: the unsigned subtraction puts it last.
    const auto position = [](const ConfigProblem& problem) { return problem.line - 1; };
    std::ranges::stable_sort(loaded.problems, {}, position);
    std::ranges::stable_sort(loaded.warnings, {}, position);
    lines_.clear();
    named_.clear();
    return std::exchange(result_, ReadConfig{});
}

void ConfigStore::wrong(const ConfigKey& row, const FoundValue& found, std::string_view what) {
    problem(found.line, found.key, fmt::format("found {}, expected {}", what, row.expected));
}

void ConfigStore::put_plain(const ConfigKey& row, const FoundValue& found, const ConfigValue& value) {
    if (!row.store(value, result_.loaded.config)) {
        wrong(row, found, seen(found));
    }
}

std::filesystem::path ConfigStore::resolved(const std::string& text) const {
    return text.empty() ? std::filesystem::path{} : file_.parent_path() / text;
}

void ConfigStore::put_path(const ConfigKey& row, const FoundValue& found, const std::string& text) {
    if (!readers::text(*found.value)) {
        wrong(row, found, seen(found));
        return;
    }
    const auto path = resolved(text);
    const auto why = text.empty() ? std::string{} : why_unusable(row.role, path);
    if (!why.empty()) {
        wrong(row, found, fmt::format("\"{}\": {}", sanitize_for_log(path.string()), why));
        return;
    }
    if (row.role != KeyRole::path && !text.empty()) {
        named_.push_back({found.key, path});
    }
    put_plain(row, found, path.string());
}

void ConfigStore::put_expanded(const ConfigKey& row, const FoundValue& found, const std::string& text) {
    const auto expanded = expand_environment(text);
    if (!expanded) {
        problem(found.line, found.key, fmt::format("{}, expected {}", expanded.error().detail, row.expected));
        return;
    }
    const bool is_secret = row.role == KeyRole::secret;
    result_.literal_secret = result_.literal_secret || (is_secret && expanded->has_literal);
    if (row.store(expanded->text, result_.loaded.config)) {
        return;
    }
    const std::string_view hidden = expanded->text.empty() ? "an empty text" : "a text that cannot be used";
    wrong(row, found, is_secret ? std::string{hidden} : seen(found));
}

void ConfigStore::put_secret_file(const ConfigKey& row, const FoundValue& found, const std::string& text) {
    const std::string_view suffix = secret_file_suffix;
    const std::string secret_key = found.key.substr(0, found.key.size() - suffix.size());
    if (text.empty()) {
        return;
    }
    if (lines_.contains(secret_key)) {
        problem(found.line, found.key,
                fmt::format("found beside {}, expected only one of the two", secret_key));
        return;
    }
    if (!readers::text(*found.value)) {
        wrong(row, found, seen(found));
        return;
    }
    const auto path = resolved(text);
    named_.push_back({found.key, path});
    auto content = read_file(path, largest_secret_file);
    if (!content) {
        wrong(row, found, fmt::format("\"{}\": {}", sanitize_for_log(path.string()), content.error().detail));
        return;
    }
    content->erase(content->find_last_not_of("\r\n") + 1);
    const auto* const secret =
        find_config_key(row.section, row.name.substr(0, row.name.size() - suffix.size()));
    if (!secret->store(*content, result_.loaded.config)) {
        problem(found.line, found.key, fmt::format("found an empty file, expected {}", secret->expected));
    }
    if (const auto mode = mode_open_to_others(path); !mode.empty()) {
        constexpr auto form =
            "the file \"{}\" holds a secret and has mode {}, expected 0600 so that only its owner "
            "can read it";
        result_.loaded.warnings.push_back({.file = file_,
                                           .line = found.line,
                                           .key = found.key,
                                           .text = fmt::format(form, sanitize_for_log(path.string()), mode)});
    }
}

} // namespace bambu2mqtt
