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

/// On the cards' file system names that differ in case are the same file.
[[nodiscard]] bool differ_in_case_only(const std::string& a, const std::string& b) {
    return a != b && same_in_any_case(a, b);
}

[[nodiscard]] FileEnd end_of_renaming(FtpsSession& session, const std::string& from, const std::string& to) {
    const auto answer = session.rename(from, to);
    // The reply may get lost although everything is done.
    const bool done =
        answer.done() || (answer.end == FtpsEnd::broken && path_info(session, from).found == Found::nothing &&
                          path_info(session, to).found != Found::nothing);
    return done ? file_done({{"path", to}, {"from", from}}) : end_of(answer);
}

} // namespace

expected<std::string, FileEnd> check_path(const std::string& path, PathFor what) {
    auto form = printer_path(path);
    if (!form) {
        return unexpected(file_refused(Code::invalid_argument, form.error().detail));
    }
    if (what == PathFor::file && (*form == "/" || path.ends_with('/'))) {
        return unexpected(file_refused(Code::invalid_argument,
                                       fmt::format("'{}' is a folder, expected the path of a file", *form)));
    }
    return std::move(*form);
}

expected<SessionOwner, FileEnd> log_in(FileWork& work) {
    auto login = log_in_at_printer(work.config, work.host, work.services, work.stop, work.limits.ftps);
    if (login.session == nullptr) {
        return unexpected(end_of(login.answer));
    }
    return std::move(login.session);
}

expected<Begun, FileEnd> begin(const std::string& path, PathFor what, FileWork& work) {
    auto checked = check_path(path, what);
    if (!checked) {
        return unexpected(std::move(checked).error());
    }
    auto session = log_in(work);
    if (!session) {
        return unexpected(std::move(session).error());
    }
    return Begun{std::move(*checked), std::move(*session)};
}

FileEnd no_such_file(const std::string& path) {
    return file_refused(Code::not_found, fmt::format("there is no '{}' on the printer", path));
}

FileEnd run(const FileExists& job, FileWork& work) {
    const auto path = check_path(job.path, PathFor::folder);
    if (!path) {
        return path.error();
    }
    OrderedJson data{{"path", *path}, {"exists", nullptr}, {"size", nullptr}};
    const auto session = log_in(work);
    if (!session) {
        auto end = session.error();
        end.data = std::move(data);
        return end;
    }
    const auto info = path_info(**session, *path);
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
    const auto begun = begin(job.path, PathFor::file, work);
    if (!begun) {
        return begun.error();
    }
    const auto answer = begun->session->remove_file(begun->path);
    if (answer.done()) {
        return file_done({{"path", begun->path}});
    }
    if (answer.end == FtpsEnd::refused) {
        const auto found = path_info(*begun->session, begun->path).found;
        if (found == Found::nothing) {
            return no_such_file(begun->path);
        }
        if (found == Found::folder) {
            return file_refused(Code::conflict,
                                fmt::format("'{}' is a folder, expected a file", begun->path));
        }
    }
    return end_of(answer);
}

FileEnd run(const MakeFolder& job, FileWork& work) {
    const auto begun = begin(job.path, PathFor::folder, work);
    if (!begun) {
        return begun.error();
    }
    if (auto made = make_folders(*begun->session, begun->path); !made) {
        return std::move(made).error();
    }
    return file_done({{"path", begun->path}});
}

FileEnd run(const RenameFile& job, FileWork& work) {
    const auto to = check_path(job.to, PathFor::folder);
    if (!to) {
        return to.error();
    }
    const auto from = check_path(job.from, PathFor::folder);
    if (!from) {
        return from.error();
    }
    if (is_printers_own(*from) || *to == "/") {
        return file_refused(Code::not_allowed, fmt::format("'{}' is one of the printer's own folders",
                                                           *to == "/" ? *to : *from));
    }
    const auto session = log_in(work);
    if (!session) {
        return session.error();
    }
    const auto source = path_info(**session, *from);
    if (source.found == Found::nothing) {
        return no_such_file(*from);
    }
    const auto target = path_info(**session, *to);
    const bool taken = target.found == Found::file || target.found == Found::folder;
    if (taken && !differ_in_case_only(*from, *to)) {
        return file_refused(Code::conflict, fmt::format("'{}' already exists", *to));
    }
    const std::string folder(folder_of(*to));
    if (path_info(**session, folder).found == Found::nothing) {
        return no_such_file(folder);
    }
    return end_of_renaming(**session, *from, *to);
}

FileEnd carry_out(const FileJob& job, FileWork& work) {
    return std::visit([&work](const auto& what) { return run(what, work); }, job);
}

} // namespace bambu2mqtt
