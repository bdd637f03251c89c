// Reads the state saved by an earlier run: missing and invalid content gives defaults.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/json_access.hpp>

#include <nlohmann/json.hpp>

#include <set>
#include <string>

namespace bambu2mqtt {

/// The member of an object; nullptr otherwise.
[[nodiscard]] inline const Json* saved_member(const Json& saved, const char* key) {
    const auto found = saved.is_object() ? saved.find(key) : saved.end();
    return saved.is_object() && found != saved.end() ? &*found : nullptr;
}

[[nodiscard]] inline std::string saved_text(const Json& saved, const char* key) {
    const Json* const member = saved_member(saved, key);
    return member != nullptr && member->is_string() ? member->get<std::string>() : std::string{};
}

[[nodiscard]] inline bool saved_flag(const Json& saved, const char* key) {
    return read::flag(saved_member(saved, key)).value_or(false);
}

[[nodiscard]] inline std::set<std::string> saved_texts(const Json& saved, const char* key) {
    std::set<std::string> texts;
    if (const Json* const list = saved_member(saved, key); list != nullptr && list->is_array()) {
        for (const auto& text : *list) {
            texts.insert(text.is_string() ? text.get<std::string>() : std::string{});
        }
    }
    return texts;
}

} // namespace bambu2mqtt
