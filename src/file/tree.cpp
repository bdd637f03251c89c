#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/file/path.hpp>
#include <bambu2mqtt/file/tree.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <limits>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace bambu2mqtt {

namespace {

[[nodiscard]] bool is_3mf(std::string_view name) {
    return ends_in_any_case(name, ".3mf");
}

/// Without a zone: the printer's is unknown.
[[nodiscard]] OrderedJson time_json(const FileRow& row) {
    if (!row.time) {
        return nullptr;
    }
    std::string text = rfc3339(WallTime{row.time->time_since_epoch()});
    text.pop_back();
    return text;
}

/// About the size of an entry in the JSON text: `id` and `path` have the path, and the keys, a size and a
/// time take some 100 bytes.
[[nodiscard]] std::size_t json_bytes(const FileRow& row, std::string_view path) {
    constexpr std::size_t beside_names = 100;
    return 2 * path.size() + row.name.size() + beside_names;
}

} // namespace

FileTree::FileTree(std::string root, TreeLimits limits) : limits_(limits) {
    std::string name{root == "/" ? std::string_view{"/"} : name_in(root)};
    nodes_.push_back({.row = {.kind = FileKind::folder, .name = std::move(name)}, .path = std::move(root)});
    waiting_.push_back(0);
}

std::optional<std::string> FileTree::next() const {
    return waiting_.empty() ? std::nullopt : std::optional(nodes_[waiting_.front()].path);
}

void FileTree::take(const Listing& listing) {
    const std::size_t folder = waiting_.front();
    waiting_.pop_front();
    dropped_ += listing.dropped;
    if (listing.cut) {
        incomplete_.push_back(nodes_[folder].path);
    }
    std::unordered_set<std::string_view> names;
    for (const FileRow& row : listing.rows) {
        if (nodes_.size() > limits_.entries || bytes_ >= limits_.bytes) {
            truncated_ = true;
            return;
        }
        if (names.insert(row.name).second) {
            add(row, folder);
        } else {
            ++dropped_;
        }
    }
}

void FileTree::add(const FileRow& row, std::size_t parent) {
    const std::size_t place = nodes_.size();
    const std::size_t depth = nodes_[parent].depth + 1;
    std::string path = path_in_folder(nodes_[parent].path, row.name);
    if (row.kind == FileKind::folder) {
        // A folder whose path is too long for an FTP command is listed, but cannot be entered.
        if (depth <= limits_.depth && printer_path(path)) {
            waiting_.push_back(place);
        } else {
            truncated_ = true;
        }
    }
    bytes_ += json_bytes(row, path);
    nodes_.push_back({.row = row, .path = std::move(path), .depth = depth});
    nodes_[parent].children.push_back(place);
}

void FileTree::cannot_read() {
    unreadable_.push_back(nodes_[waiting_.front()].path);
    waiting_.pop_front();
}

void FileTree::give_up() {
    truncated_ = truncated_ || !waiting_.empty();
    waiting_.clear();
}

OrderedJson FileTree::to_json(TreeView view) const {
    OrderedJson tree = json_of(0, view);
    if (truncated_ || !waiting_.empty()) {
        tree["truncated"] = true;
    }
    if (!unreadable_.empty()) {
        tree["unreadable"] = unreadable_;
    }
    if (!incomplete_.empty()) {
        tree["incomplete"] = incomplete_;
    }
    if (dropped_ > 0) {
        tree["dropped"] = dropped_;
    }
    return tree;
}

OrderedJson FileTree::json_of(std::size_t node, TreeView view) const {
    const Node& self = nodes_[node];
    const bool folder = self.row.kind == FileKind::folder;
    OrderedJson json{{"id", folder && self.path != "/" ? self.path + "/" : self.path},
                     {"name", self.row.name},
                     {"path", self.path},
                     {"size", self.row.size},
                     {"time", time_json(self.row)}};
    if (!folder) {
        return json;
    }
    auto order = self.children;
    std::ranges::sort(order, [this](std::size_t a, std::size_t b) { return comes_before(a, b); });
    auto children = OrderedJson::array();
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t size = 0;
    for (const std::size_t place : order) {
        auto child = json_of(place, view);
        if (is_shown(child, place, view)) {
            const auto of_child = child["size"].get<std::uint64_t>();
            size = of_child > most - size ? most : size + of_child;
            children.push_back(std::move(child));
        }
    }
    json["size"] = size;
    json["children"] = std::move(children);
    return json;
}

bool FileTree::comes_before(std::size_t left, std::size_t right) const {
    const FileRow& a = nodes_[left].row;
    const FileRow& b = nodes_[right].row;
    if ((a.kind == FileKind::folder) != (b.kind == FileKind::folder)) {
        return a.kind == FileKind::folder;
    }
    const auto shorter = std::min(a.name.size(), b.name.size());
    for (std::size_t i = 0; i < shorter; ++i) {
        const auto x = static_cast<unsigned char>(lower(a.name[i]));
        const auto y = static_cast<unsigned char>(lower(b.name[i]));
        if (x != y) {
            return x < y;
        }
    }
    return a.name.size() != b.name.size() ? a.name.size() < b.name.size() : a.name < b.name;
}

bool FileTree::is_shown(const OrderedJson& node, std::size_t place, TreeView view) const {
    if (view == TreeView::everything) {
        return true;
    }
    const FileRow& row = nodes_[place].row;
    return row.kind == FileKind::folder ? !node["children"].empty() : is_3mf(row.name);
}

} // namespace bambu2mqtt
