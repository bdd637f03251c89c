// All files below docs/ that are made from the code, wholly or in part.
#pragma once

#include <bambu2mqtt/base/result.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace bambu2mqtt::reference {

/// A file as it should be.
struct Page {
    std::filesystem::path path{}; ///< below docs/
    std::string text{};
};

/// All pages. Of those that people write too, `docs` holds what they wrote: a line `<!-- commands: THEME -->`
/// is followed by the tables of a theme up to `<!-- end -->`, and the table of entities.md is replaced as a
/// whole. Fails when a place for a table is missing, by name.
[[nodiscard]] Result<std::vector<Page>> pages(const std::filesystem::path& docs);

/// Files below docs/schemas that are no longer made.
[[nodiscard]] std::vector<std::filesystem::path> retained_cleanup(const std::filesystem::path& docs,
                                                                  const std::vector<Page>& pages);

} // namespace bambu2mqtt::reference
