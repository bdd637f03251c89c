// A folder on the printer with its content as a tree. Determines which folder to list next and collects the
// results; knows neither the clock nor the connection.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/file/listing.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

struct TreeLimits {
    std::size_t depth = 16;                ///< depth of nested folders that are listed
    std::size_t entries = 20'000;          ///< files and folders in total
    std::size_t bytes = 2UL * 1024 * 1024; ///< of the JSON text, about
};

enum class TreeView : std::uint8_t {
    everything,
    only_3mf, ///< .3mf files, in any case, and the folders that contain one
};

/// Built folder by folder, those near the root first, so that the limits cut off the deepest ones. Symbolic
/// links are listed as files and not followed.
class FileTree {
  public:
    /// `root`: a canonical path, see file/path.hpp.
    explicit FileTree(std::string root, TreeLimits limits = {});

    /// The canonical path of the folder to list next; nothing when the tree is complete. Stays the same until
    /// take() or cannot_read().
    [[nodiscard]] std::optional<std::string> next() const;

    /// The rows of the folder next() named.
    void take(const Listing& listing);

    /// The folder returned by next() cannot be listed.
    void cannot_read();

    /// Stops listing: the time is up.
    void give_up();

    /// Not all rows of a folder could be taken.
    void mark_truncated() noexcept { truncated_ = true; }

    /// {"id", "name", "path", "size", "time", "children"}: folders before files, each by name, ignoring the
    /// case of ASCII letters. `id` of a folder ends in "/", `path` does not. `size` of a folder is the sum of
    /// the files shown below it. `time` is in the printer's local time ("2026-01-31T18:00:00"), null for the
    /// root and if unknown. Only folders have `children`. The root also has, where needed: "truncated": true
    /// when a limit or the time left something out; "unreadable": the folders that could not be listed;
    /// "incomplete": those whose listing ended within a row; "dropped": number of invalid rows. A listing
    /// that was cut between two rows cannot be detected.
    [[nodiscard]] OrderedJson to_json(TreeView view) const;

  private:
    struct Node {
        FileRow row{};
        std::string path{};
        std::size_t depth = 0;
        std::vector<std::size_t> children{}; // indices of nodes_
    };

    void add(const FileRow& row, std::size_t parent);
    [[nodiscard]] OrderedJson json_of(std::size_t node, TreeView view) const;
    [[nodiscard]] bool comes_before(std::size_t left, std::size_t right) const;
    [[nodiscard]] bool is_shown(const OrderedJson& node, std::size_t place, TreeView view) const;

    TreeLimits limits_;
    std::vector<Node> nodes_;
    std::deque<std::size_t> waiting_; // folders that are not listed yet
    std::size_t bytes_ = 0;           // of the JSON text
    bool truncated_ = false;
    std::size_t dropped_ = 0;
    std::vector<std::string> unreadable_;
    std::vector<std::string> incomplete_;
};

} // namespace bambu2mqtt
