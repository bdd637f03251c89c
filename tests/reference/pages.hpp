// All files that are generated from the code, completely or in part.
#pragma once

#include <bambu2mqtt/base/expected.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace bambu2mqtt::reference {

/// A file with its generated content.
struct Page {
    std::filesystem::path path{}; ///< below docs/
    std::string text{};
};

/// All pages. Of those with hand-written text, `docs` holds the present content: a line `<!-- commands: THEME
/// -->` is followed by the tables of a section up to `<!-- end -->`, the table of entities.md is replaced
/// completely, and `<!-- findings -->` in troubleshooting.md is followed by that table up to `<!-- end -->`.
/// Fails with the name when a marker is missing.
[[nodiscard]] expected<std::vector<Page>, Error> pages(const std::filesystem::path& docs);

/// Files below docs/schemas that are no longer generated.
[[nodiscard]] std::vector<std::filesystem::path> retained_cleanup(const std::filesystem::path& docs,
                                                                  const std::vector<Page>& pages);

} // namespace bambu2mqtt::reference
