#include "io/disk/printer_storage.hpp"
#include "io/ftps/file_ends.hpp"
#include "io/ftps/file_jobs.hpp"
#include "io/ftps/ftps_login.hpp"
#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/file/path.hpp>
#include <bambu2mqtt/io/ftps/file_work.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>
#include <variant>

namespace bambu2mqtt {

namespace {

/// On the cards' file system such names mean the same file.
[[nodiscard]] bool differ_in_case_only(const std::string& a, const std::string& b) {
    return a != b && same_in_any_case(a, b);
}

[[nodiscard]] FileEnd end_of_renaming(FtpsSession& session, const std::string& from, const std::string& to) {
    const auto answer = session.rename(from, to);
    // The answer may get lost when everything is done.
    const bool done =
        answer.done() || (answer.end == FtpsEnd::broken && path_info(session, from).found == Found::nothing &&
                          path_info(session, to).found != Found::nothing);
    return done ? file_done({{"path", to}, {"from", from}}) : end_of(answer);
}

} // namespace

Begun check(const std::string& path, PathFor what) {
    auto form = printer_path(path);
    if (!form) {
        return {.end = file_refused(Code::invalid_argument, form.error().detail)};
    }
    if (what == PathFor::file && (*form == "/" || path.ends_with('/'))) {
        return {.end = file_refused(Code::invalid_argument,
                                    fmt::format("'{}' is a folder, expected the path of a file", *form))};
    }
    return {.path = std::move(*form)};
}

std::optional<FileEnd> log_in(Begun& begun, FileWork& work) {
    auto login = log_in_at_printer(work.config, work.host, work.services, work.stop, work.limits.ftps);
    begun.session = std::move(login.session);
    return begun.session == nullptr ? std::optional(end_of(login.answer)) : std::nullopt;
}

Begun begin(const std::string& path, PathFor what, FileWork& work) {
    auto begun = check(path, what);
    if (!begun.end) {
        begun.end = log_in(begun, work);
    }
    return begun;
}

FileEnd no_such_file(const std::string& path) {
    return file_refused(Code::not_found, fmt::format("there is no '{}' on the printer", path));
}

FileEnd run(const FileExists& job, FileWork& work) {
    auto begun = begin(job.path, PathFor::folder, work);
    OrderedJson data{{"path", begun.path}, {"exists", nullptr}, {"size", nullptr}};
    if (begun.end) {
        begun.end->data = begun.path.empty() ? OrderedJson() : std::move(data);
        return *std::move(begun.end);
    }
    const auto info = path_info(*begun.session, begun.path);
    if (info.found == Found::file) {
        data["size"] = info.size;
    }
    if (info.found == Found::folder) {
        data["folder"] = true;
    }
    if (info.found != Found::unclear) {
        data["exists"] = info.found == Found::file;
    } else if (info.answer.end != FtpsEnd::refused) {
        auto end = end_of(info.answer);
        end.data = std::move(data);
        return end;
    }
    return file_done(std::move(data));
}

FileEnd run(const DeleteFile& job, FileWork& work) {
    auto begun = begin(job.path, PathFor::file, work);
    if (begun.end) {
        return *std::move(begun.end);
    }
    const auto answer = begun.session->remove_file(begun.path);
    if (answer.done()) {
        return file_done({{"path", begun.path}});
    }
    if (answer.end == FtpsEnd::refused) {
        const auto found = path_info(*begun.session, begun.path).found;
        if (found == Found::nothing) {
            return no_such_file(begun.path);
        }
        if (found == Found::folder) {
            return file_refused(Code::conflict, fmt::format("'{}' is a folder, expected a file", begun.path));
        }
    }
    return end_of(answer);
}

FileEnd run(const MakeFolder& job, FileWork& work) {
    auto begun = begin(job.path, PathFor::folder, work);
    if (begun.end) {
        return *std::move(begun.end);
    }
    if (auto end = make_folders(*begun.session, begun.path)) {
        return *std::move(end);
    }
    return file_done({{"path", begun.path}});
}

FileEnd run(const RenameFile& job, FileWork& work) {
    const auto to = check(job.to, PathFor::folder);
    auto begun = to.end ? Begun{.end = to.end} : check(job.from, PathFor::folder);
    if (begun.end) {
        return *std::move(begun.end);
    }
    if (is_printers_own(begun.path) || to.path == "/") {
        return file_refused(Code::not_allowed, fmt::format("'{}' is one of the printer's own folders",
                                                           to.path == "/" ? to.path : begun.path));
    }
    if (auto end = log_in(begun, work)) {
        return *std::move(end);
    }
    const auto source = path_info(*begun.session, begun.path);
    if (source.found == Found::nothing) {
        return no_such_file(begun.path);
    }
    const auto target = path_info(*begun.session, to.path);
    const bool taken = target.found == Found::file || target.found == Found::folder;
    if (taken && !differ_in_case_only(begun.path, to.path)) {
        return file_refused(Code::conflict, fmt::format("there is a '{}' already", to.path));
    }
    const std::string folder(folder_of(to.path));
    if (path_info(*begun.session, folder).found == Found::nothing) {
        return no_such_file(folder);
    }
    return end_of_renaming(*begun.session, begun.path, to.path);
}

FileEnd carry_out(const FileJob& job, FileWork& work) {
    return std::visit([&work](const auto& what) { return run(what, work); }, job);
}

} // namespace bambu2mqtt
