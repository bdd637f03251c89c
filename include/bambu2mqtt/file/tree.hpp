// A folder on the printer with all that is below it, as a tree. Says which folder to list next and what came
// of it all; knows neither the clock nor the connection.
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
    std::size_t depth = 16;       ///< folders within folders that are still listed
    std::size_t entries = 20'000; ///< files and folders in all
};

enum class TreeView : std::uint8_t {
    everything,
    only_3mf, ///< .3mf files, in any case of letters, and the folders that lead to one
};

/// Grows folder by folder, those near the root first, so that bounds cut off what is deepest. Links are shown
/// as files and not followed.
class FileTree {
  public:
    /// `root`: a path in its one form, see file/path.hpp.
    explicit FileTree(std::string root, TreeLimits limits = {});

    /// The folder whose rows are wanted now, in its one form; nothing when the tree is whole. Stays the same
    /// until take() or cannot_read().
    [[nodiscard]] std::optional<std::string> next() const;

    /// The rows of the folder next() named.
    void take(const Listing& listing);

    /// The folder next() named does not let itself be listed.
    void cannot_read();

    /// No more folders are listed: time is up.
    void give_up();

    /// {"id", "name", "path", "size", "time", "children"}: folders before files, each by name without regard
    /// to the case of ASCII letters. `id` of a folder ends in "/", `path` does not. `size` of a folder is
    /// what the files shown below it have together. `time` is what the printer's clock showed
    /// ("2026-01-31T18:00:00"), null for the root and where it is not known. Only folders have `children`.
    /// The root has besides, where there is something to say: "truncated": true when a bound or time left
    /// something out; "unreadable": the folders that could not be listed; "incomplete": those whose listing
    /// ended in the middle of a row; "dropped": how many rows made no sense. A listing that was cut between
    /// two rows cannot be told from a whole one.
    [[nodiscard]] OrderedJson to_json(TreeView view) const;

  private:
    struct Node {
        FileRow row{};
        std::string path{};
        std::size_t depth = 0;
        std::vector<std::size_t> children{}; // places in nodes_
    };

    void add(const FileRow& row, std::size_t parent);
    [[nodiscard]] OrderedJson json_of(std::size_t node, TreeView view) const;
    [[nodiscard]] bool comes_before(std::size_t left, std::size_t right) const;
    [[nodiscard]] bool is_shown(const OrderedJson& node, std::size_t place, TreeView view) const;

    TreeLimits limits_;
    std::vector<Node> nodes_;
    std::deque<std::size_t> waiting_; // folders that are not listed yet
    bool truncated_ = false;
    std::size_t dropped_ = 0;
    std::vector<std::string> unreadable_;
    std::vector<std::string> incomplete_;
};

} // namespace bambu2mqtt
