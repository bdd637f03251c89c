// Recursive jobs: listing and deleting a folder.
#include "io/disk/printer_storage.hpp"
#include "io/ftps/file_ends.hpp"
#include "io/ftps/file_jobs.hpp"
#include <bambu2mqtt/file/listing.hpp>
#include <bambu2mqtt/file/path.hpp>
#include <bambu2mqtt/file/tree.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <utility>
#include <vector>

namespace bambu2mqtt {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int most_breaks = 3; // consecutive broken connections
constexpr std::size_t deepest = 16;
constexpr std::size_t most_left = 1000;

[[nodiscard]] Listing parsed(std::string_view rows) {
    return parse_listing(rows, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

/// Fails with the end of the job when the path is no folder, or it is not known.
[[nodiscard]] expected<void, FileEnd> check_folder(FtpsSession& session, const std::string& path) {
    const auto info = path_info(session, path);
    switch (info.found) {
    case Found::folder:
        return {};
    case Found::file:
        return unexpected(
            file_refused(Code::conflict, fmt::format("'{}' is a file, expected a folder", path)));
    case Found::nothing:
        return unexpected(no_such_file(path));
    default:
        return unexpected(end_of(info.answer));
    }
}

/// Lists what the tree asks for; fails with the end of the job when the printer cannot be asked any more.
[[nodiscard]] expected<void, FileEnd> grow(FileTree& tree, FtpsSession& session, const std::string& root,
                                           Clock::time_point deadline) {
    std::string rows;
    int breaks = 0;
    while (const auto path = tree.next()) {
        if (Clock::now() > deadline) {
            tree.give_up();
            return {};
        }
        const auto answer = session.list(*path, rows);
        const bool too_long = answer.end == FtpsEnd::gave_up;
        if (answer.done() || too_long) {
            tree.take(parsed(rows));
            if (too_long) {
                tree.mark_truncated();
            }
            breaks = 0;
            continue;
        }
        breaks += answer.end == FtpsEnd::broken ? 1 : 0;
        const bool of_this_folder = answer.end == FtpsEnd::refused || answer.end == FtpsEnd::broken;
        if (*path == root || !of_this_folder || breaks >= most_breaks) {
            return unexpected(end_of(answer));
        }
        tree.cannot_read();
    }
    return {};
}

/// Deletes a folder from the bottom up.
class Sweep {
  public:
    Sweep(FtpsSession& session, Clock::time_point deadline) : session_(session), deadline_(deadline) {}

    /// True if the folder is gone; known remaining paths are in `left`.
    bool remove_folder(const std::string& path, std::size_t depth = 0) {
        const bool emptied = depth < deepest && remove_content(path, Hidden::left_out, depth);
        if (!emptied || broken) {
            if (depth >= deepest) {
                leave(path);
            }
            return false;
        }
        answer_ = session_.remove_folder(path);
        if (answer_.end == FtpsEnd::refused && remove_content(path, Hidden::shown, depth)) {
            answer_ = session_.remove_folder(path); // names that begin with a dot were left
        }
        if (!answer_.done()) {
            leave(path);
            return false;
        }
        ++deleted;
        return true;
    }

    std::size_t deleted = 0;
    std::vector<std::string> left{};
    FtpsAnswer why{};         ///< the first answer for a remaining file
    bool broken = false;      ///< the printer no longer answers, or must not be asked
    bool out_of_time = false; ///< the deadline has passed

  private:
    /// True if all entries of the folder are gone.
    bool remove_content(const std::string& path, Hidden hidden, std::size_t depth) {
        std::string rows;
        if (Clock::now() > deadline_) {
            out_of_time = broken = true;
            leave(path);
            return false;
        }
        answer_ = session_.list(path, rows, hidden);
        if (!answer_.done()) {
            leave(path);
            return false;
        }
        bool emptied = true;
        for (const auto& row : parsed(rows).rows) {
            if (broken) {
                return false;
            }
            const auto child = path_in_folder(path, row.name);
            const bool gone =
                row.kind == FileKind::folder ? remove_folder(child, depth + 1) : remove_file(child);
            emptied = emptied && gone;
        }
        return emptied;
    }

    bool remove_file(const std::string& path) {
        answer_ = session_.remove_file(path);
        if (!answer_.done()) {
            leave(path);
            return false;
        }
        ++deleted;
        return true;
    }

    void leave(const std::string& path) {
        broken = broken || (!answer_.done() && answer_.end != FtpsEnd::refused);
        if (left.empty()) {
            why = answer_;
        }
        if (left.size() < most_left && (left.empty() || left.back() != path)) {
            left.push_back(path);
        }
    }

    FtpsSession& session_;
    Clock::time_point deadline_;
    FtpsAnswer answer_{}; // the last one
};

} // namespace

FileEnd run(const ListFiles& job, FileWork& work) {
    const auto begun = begin(job.path, PathFor::folder, work);
    if (!begun) {
        return begun.error();
    }
    if (auto folder = check_folder(*begun->session, begun->path); !folder) {
        return std::move(folder).error();
    }
    FileTree tree(begun->path, work.limits.tree);
    if (auto grown = grow(tree, *begun->session, begun->path, Clock::now() + work.limits.listing); !grown) {
        return std::move(grown).error();
    }
    return file_done(tree.to_json(job.only_3mf ? TreeView::only_3mf : TreeView::everything));
}

FileEnd run(const DeleteFolder& job, FileWork& work) {
    const auto path = check_path(job.path, PathFor::folder);
    if (!path) {
        return path.error();
    }
    if (is_printers_own(*path)) {
        return file_refused(Code::not_allowed,
                            fmt::format("'{}' is one of the printer's own folders", *path));
    }
    const auto session = log_in(work);
    if (!session) {
        return session.error();
    }
    if (auto folder = check_folder(**session, *path); !folder) {
        return std::move(folder).error();
    }
    Sweep sweep(**session, Clock::now() + work.limits.deletion);
    if (sweep.remove_folder(*path)) {
        return file_done({{"path", *path}, {"deleted", sweep.deleted}});
    }
    auto end = sweep.out_of_time  ? file_failed("timed out")
               : sweep.why.done() ? file_failed(fmt::format("deeper than {} folders", deepest))
                                  : end_of(sweep.why);
    if (sweep.deleted > 0 || sweep.broken) {
        end.status = Status::failed;
        end.code = Code::none;
    }
    const auto more = sweep.left.size() > 1 ? fmt::format(" and {} more", sweep.left.size() - 1) : "";
    end.message =
        fmt::format("{} deleted, '{}'{} not: {}", sweep.deleted, sweep.left.front(), more, end.message);
    end.data = {{"path", *path}, {"deleted", sweep.deleted}, {"left", sweep.left}};
    return end;
}

} // namespace bambu2mqtt
