// discovery-templates/: JSON forms with placeholders, and their overrides. Knows how they must look and where
// they come from, not what is filled in.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/result.hpp>
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

    /// The built-in set with the files of `folder` in place of those of the same name. Puts every problem
    /// found into `problems` (unreadable or unknown file, invalid JSON with line and column, unknown
    /// placeholder with JSON pointer, wrong shape), each naming the file; the set is only usable when there
    /// are none. Files that do not end in ".json" are left alone.
    [[nodiscard]] static Templates load(const std::filesystem::path& folder, std::vector<Error>& problems);

    /// Fills the form `name` ("sensor", "device") with values; an empty object when there is no such form.
    [[nodiscard]] OrderedJson fill(std::string_view name, const Placeholders& values) const;

    /// Applies entities/<entity_id>.json, if there is one, as a JSON merge patch (RFC 7386). Placeholders in
    /// it are filled first; one without value leaves its key as it is.
    void patch(std::string_view entity_id, const Placeholders& values, OrderedJson& message) const;

  private:
    void take(std::string_view path, std::string_view text, std::vector<Error>& problems);

    std::map<std::string, OrderedJson, std::less<>> forms_;
    std::map<std::string, OrderedJson, std::less<>> patches_;
};

/// Checks one template text and gives its JSON. `file` is its path below discovery-templates/: it decides
/// which keys must and must not be there, and stands in the messages. `is_patch`: an override of one entity.
/// Objects and lists may be nested ten deep.
[[nodiscard]] Result<OrderedJson> parse_template(std::string_view text, std::string_view file, bool is_patch);

/// The same, with every problem of the file put into `problems`; null if there is one.
[[nodiscard]] OrderedJson check_template(std::string_view text, std::string_view file, bool is_patch,
                                         std::vector<Error>& problems);

} // namespace bambu2mqtt
