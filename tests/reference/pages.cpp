#include "pages.hpp"

#include "asyncapi.hpp"
#include "cli/offline.hpp"
#include "command_tables.hpp"
#include "completions.hpp"
#include "config_pages.hpp"
#include "man_pages.hpp"
#include "program_texts.hpp"
#include "schema.hpp"
#include <bambu2mqtt/command/catalogue.hpp>
#include <bambu2mqtt/doctor/finding.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace bambu2mqtt::reference {

namespace {

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

std::string pretty(const OrderedJson& json) {
    return json.dump(2) + "\n";
}

/// Replaces the text from `begin` up to, not including, `end`. False where one of them is missing.
bool replace_between(std::string& text, std::string_view begin, std::string_view end,
                     std::string_view content) {
    const auto from = text.find(begin);
    const auto to = from == std::string::npos ? from : text.find(end, from);
    if (to == std::string::npos) {
        return false;
    }
    text.replace(from, to - from, content);
    return true;
}

expected<Page, Error> commands_page(const std::filesystem::path& docs) {
    Page page{"commands.md", text_of(docs / "commands.md")};
    for (const auto& theme : themes()) {
        const auto mark = fmt::format("<!-- commands: {} -->\n", theme.name);
        if (!replace_between(page.text, mark, "<!-- end -->", mark + tables_of(theme))) {
            return failure(Problem::malformed, fmt::format("commands.md has no section \"{}\"", mark));
        }
    }
    return page;
}

expected<Page, Error> entities_page(const std::filesystem::path& docs) {
    std::ostringstream table;
    run_entities(Options{.task = Task::entities, .markdown = true}, table);
    const auto rows = table.str();
    Page page{"entities.md", text_of(docs / "entities.md")};
    const auto head = rows.substr(0, rows.find('\n') + 1);
    if (!replace_between(page.text, head, "\n\n", rows.substr(0, rows.size() - 1))) {
        return failure(Problem::malformed, "entities.md has no table");
    }
    return page;
}

/// The table of findings of the command doctor.
expected<Page, Error> troubleshooting_page(const std::filesystem::path& docs) {
    constexpr std::string_view mark = "<!-- findings -->\n";
    std::string table{"| finding | meaning | what to do |\n|---|---|---|\n"};
    for (const auto& row : findings()) {
        table += fmt::format("| `{}` | {} | {} |\n", row.id, row.text, row.advice);
    }
    Page page{"troubleshooting.md", text_of(docs / "troubleshooting.md")};
    if (!replace_between(page.text, mark, "<!-- end -->", std::string{mark} + table)) {
        return failure(Problem::malformed, "troubleshooting.md has no section \"<!-- findings -->\"");
    }
    return page;
}

} // namespace

expected<std::vector<Page>, Error> pages(const std::filesystem::path& docs) {
    std::vector<Page> result;
    for (const auto& command : commands()) {
        result.push_back(
            Page{fmt::format("schemas/command/{}.json", command.name), pretty(schema_of(command))});
    }
    result.push_back(Page{"schemas/outcome.json", pretty(outcome_schema())});
    result.push_back(Page{"schemas/event.json", pretty(event_schema())});
    result.push_back(Page{"asyncapi.json", pretty(asyncapi())});
    result.push_back(Page{"schemas/config.json", pretty(config_schema())});
    result.push_back(Page{"configuration.md", config_page()});
    result.push_back(Page{"../config/bambu2mqtt.toml", config_example()});
    result.push_back(Page{"man/bambu2mqtt.1", program_manual()});
    result.push_back(Page{"man/bambu2mqtt.toml.5", configuration_manual()});
    result.push_back(Page{"../packaging/completion/bambu2mqtt.bash", bash_completion()});
    result.push_back(Page{"../packaging/completion/bambu2mqtt.zsh", zsh_completion()});
    result.push_back(Page{"../packaging/completion/bambu2mqtt.fish", fish_completion()});
    result.push_back(Page{"../tests/golden/texts.txt", program_texts(docs / ".." / "src")});
    for (auto& page : {commands_page(docs), entities_page(docs), troubleshooting_page(docs)}) {
        if (!page) {
            return unexpected(page.error());
        }
        result.push_back(*page);
    }
    return result;
}

std::vector<std::filesystem::path> retained_cleanup(const std::filesystem::path& docs,
                                                    const std::vector<Page>& pages) {
    std::vector<std::filesystem::path> result;
    std::error_code missing;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator{docs / "schemas" / "command", missing}) {
        const auto path = entry.path().lexically_relative(docs);
        if (entry.is_regular_file() && std::ranges::find(pages, path, &Page::path) == pages.end()) {
            result.push_back(path);
        }
    }
    return result;
}

} // namespace bambu2mqtt::reference
