// Arbitrary bytes as a path and as a printer's answer to LIST: every accepted path or name can be sent in an
// FTP command, and every tree can be written as JSON.
#include <bambu2mqtt/file/listing.hpp>
#include <bambu2mqtt/file/path.hpp>
#include <bambu2mqtt/file/tree.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace bambu2mqtt;

constexpr WallTime now{std::chrono::seconds{1767600000}};

void expect(bool fine) {
    if (!fine) {
        std::abort();
    }
}

void check_path(std::string_view text) {
    const auto path = printer_path(text);
    if (!path) {
        return;
    }
    expect(path->starts_with('/') && path->find_first_of("\r\n") == std::string::npos);
    expect(path->find('\0') == std::string::npos && path->find("//") == std::string::npos);
    const auto again = printer_path(*path);
    expect(again && *again == *path);
    expect(*path == "/" || path_in_folder(folder_of(*path), name_in(*path)) == *path);
    static_cast<void>(is_printers_own(*path));
}

/// Every folder has the same rows: the tree ends at its limits.
void check_tree(const Listing& listing) {
    FileTree tree("/", {.depth = 3, .entries = 200});
    while (tree.next()) {
        tree.take(listing);
    }
    for (const auto view : {TreeView::everything, TreeView::only_3mf}) {
        expect(!tree.to_json(view).dump().empty());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The bytes are only read as characters, which may alias anything.
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    check_path(text.substr(0, 600));
    const Listing listing = parse_listing(text, now);
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n'));
    expect(listing.rows.size() + listing.dropped <= lines);
    expect(std::ranges::all_of(listing.rows, [](const FileRow& row) { return is_file_name(row.name); }));
    check_tree(listing);
    return 0;
}
