#include "homeassistant/message_parts.hpp"
#include <bambu2mqtt/base/embedded.hpp>
#include <bambu2mqtt/base/read_file.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/entity/catalogue.hpp>
#include <bambu2mqtt/homeassistant/templates.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <set>
#include <system_error>

namespace bambu2mqtt {

namespace {

constexpr std::string_view json_suffix = ".json";
constexpr std::string_view entities_folder = "entities/";
constexpr std::size_t largest_file = 1U << 18U;

bool is_entity_id(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

/// Every id to which patch() is ever applied.
std::set<std::string> patchable_ids() {
    std::set<std::string> ids{std::string{bridge_connection_id}, std::string{bridge_version_id},
                              std::string{bridge_memory_id}};
    for (auto& [entity, id] : possible_ids()) {
        const auto twin = read_only_component(entity->component);
        if (twin && twin != entity->component) {
            ids.insert(id + read_only_suffix);
        }
        if (!entity->statistics.empty()) {
            ids.emplace(entity->statistics);
        }
        ids.insert(std::move(id));
    }
    return ids;
}

/// An override that no entity ever gets is a mistyped one.
void check_entity_id(const std::string& id, std::string_view path, std::vector<Error>& problems) {
    static const auto known = patchable_ids();
    if (known.contains(id)) {
        return;
    }
    const std::vector<std::string_view> names{known.begin(), known.end()};
    const auto near = nearest_name(id, names);
    problems.push_back(
        {Problem::unknown, fmt::format("{}: no printer has an entity \"{}\"{}", path, id,
                                       near.empty() ? "" : fmt::format(", did you mean \"{}\"?", near))});
}

/// The paths of all ".json" files in `folder` and its subfolders, relative, with "/", sorted.
std::set<std::string> json_files(const std::filesystem::path& folder, std::vector<Error>& problems) {
    namespace fs = std::filesystem;
    std::set<std::string> found;
    std::error_code error;
    auto entry = fs::recursive_directory_iterator(folder, error);
    while (!error && entry != fs::recursive_directory_iterator()) {
        const bool regular = entry->is_regular_file(error);
        if (!error && regular && entry->path().extension() == json_suffix) {
            found.insert(entry->path().lexically_relative(folder).generic_string());
        }
        if (!error) {
            entry.increment(error);
        }
    }
    if (error) {
        problems.push_back(
            {Problem::unavailable, fmt::format("{}: expected a readable folder of templates: {}",
                                               folder.string(), error.message())});
    }
    return found;
}

} // namespace

Templates Templates::built_in() {
    Templates templates;
    std::vector<Error> problems;
    for (const auto& file : embedded::files()) {
        if (!file.path.ends_with(json_suffix)) {
            continue;
        }
        const bool is_form = file.path.find('/') == std::string_view::npos;
        if (is_form) {
            templates.forms_.try_emplace(
                std::string{file.path.substr(0, file.path.size() - json_suffix.size())});
        }
        templates.take(file.path, file.text, problems);
    }
    assert(problems.empty());
    return templates;
}

Templates Templates::load(const std::filesystem::path& folder, std::vector<Error>& problems) {
    Templates templates = built_in();
    for (const auto& path : json_files(folder, problems)) {
        const auto text = read_file(folder / path, largest_file);
        if (text) {
            templates.take(path, *text, problems);
        } else {
            problems.push_back(
                {text.error().problem, fmt::format("{}: {}", (folder / path).string(), text.error().detail)});
        }
    }
    return templates;
}

void Templates::take(std::string_view path, std::string_view text, std::vector<Error>& problems) {
    const std::string_view name = path.substr(0, path.size() - json_suffix.size());
    if (const auto form = forms_.find(name); form != forms_.end()) {
        form->second = check_template(text, path, false, problems);
        return;
    }
    if (name.starts_with(entities_folder) && is_entity_id(name.substr(entities_folder.size()))) {
        std::string id{name.substr(entities_folder.size())};
        check_entity_id(id, path, problems);
        patches_.insert_or_assign(std::move(id), check_template(text, path, true, problems));
        return;
    }
    std::string known;
    for (const auto& form : forms_) {
        known += fmt::format("{}.json, ", form.first);
    }
    problems.push_back(
        {Problem::unknown,
         fmt::format("{}: unknown template, expected {}or entities/<entity id>.json", path, known)});
}

OrderedJson Templates::fill(std::string_view name, const Placeholders& values) const {
    const auto form = forms_.find(name);
    return form == forms_.end() ? OrderedJson::object() : fill_template(form->second, values);
}

void Templates::patch(std::string_view entity_id, const Placeholders& values, OrderedJson& message) const {
    const auto patch = patches_.find(entity_id);
    if (patch != patches_.end()) {
        message.merge_patch(fill_template(patch->second, values));
    }
}

} // namespace bambu2mqtt
