// discovery-templates/: JSON templates with placeholders, and their overrides. Knows their structure and
// where they come from, not their values.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/homeassistant/placeholders.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

/// The checked set of templates. Immutable.
class Templates {
  public:
    /// The built-in set.
    [[nodiscard]] static Templates built_in();

    /// The built-in set with the files of `folder` replacing those of the same name. Adds every problem to
    /// `problems` (unreadable or unknown file, entity that no printer has, invalid JSON with line and column,
    /// unknown placeholder with JSON pointer, invalid structure), each with the file name; the set is only
    /// usable without problems. Files that do not end in ".json" are ignored.
    [[nodiscard]] static Templates load(const std::filesystem::path& folder, std::vector<Error>& problems);

    /// Fills the template `name` ("sensor", "device") with values; an empty object if there is no such
    /// template.
    [[nodiscard]] OrderedJson fill(std::string_view name, const Placeholders& values) const;

    /// Applies entities/<entity_id>.json, if it exists, as a JSON merge patch (RFC 7386). Placeholders in it
    /// are filled first; one without value leaves its key unchanged.
    void patch(std::string_view entity_id, const Placeholders& values, OrderedJson& message) const;

  private:
    void take(std::string_view path, std::string_view text, std::vector<Error>& problems);

    std::map<std::string, OrderedJson, std::less<>> forms_;
    std::map<std::string, OrderedJson, std::less<>> patches_;
};

/// Checks one template text and returns its JSON. `file` is its path below discovery-templates/: it
/// determines the required and forbidden keys, and is named in the messages. `is_patch`: an override of one
/// entity. Objects and lists may be nested ten deep.
[[nodiscard]] expected<OrderedJson, Error> parse_template(std::string_view text, std::string_view file,
                                                          bool is_patch);

/// The same, with every problem of the file added to `problems`; null if there is one.
[[nodiscard]] OrderedJson check_template(std::string_view text, std::string_view file, bool is_patch,
                                         std::vector<Error>& problems);

} // namespace bambu2mqtt
