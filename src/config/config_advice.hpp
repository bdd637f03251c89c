// Names of keys: which a section has, and what an unknown one may have been meant to be.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

/// Allowed content of a section: its keys, and at the top of the file the sections, too.
[[nodiscard]] std::vector<std::string_view> names_in(std::string_view section);

/// What says the same here, the section an unknown name belongs to, or the nearest known name.
[[nodiscard]] std::string advice(std::string_view section, std::string_view name,
                                 std::span<const std::string_view> known);

} // namespace bambu2mqtt
