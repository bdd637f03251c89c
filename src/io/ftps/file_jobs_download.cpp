// Downloading a file: completely, or not at all.
#include "io/disk/printer_storage.hpp"
#include "io/ftps/file_ends.hpp"
#include "io/ftps/file_jobs.hpp"
#include <bambu2mqtt/base/base64.hpp>
#include <bambu2mqtt/io/disk/local_files.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace bambu2mqtt {

namespace {

/// Destination of a download: a file below files.directory, or the response.
class Target {
  public:
    explicit Target(std::optional<NewFile> file) : file_(std::move(file)) {}

    /// False, with the reason in `written`, when there is no room.
    bool take(std::string_view bytes) {
        if (!file_) {
            content_ += bytes;
            return true;
        }
        written = file_->append(bytes);
        return written.has_value();
    }

    /// Adds where it is now to the data; fails with the end of the job.
    [[nodiscard]] expected<void, FileEnd> finish(OrderedJson& data) {
        if (!file_) {
            data["content"] = to_base64(content_);
            return {};
        }
        const auto path = file_->keep();
        if (!path) {
            return unexpected(end_of(path.error()));
        }
        data["file"] = path->string();
        return {};
    }

    expected<void, Error> written{};

  private:
    std::optional<NewFile> file_;
    std::string content_{};
};

/// Fails with the end of the job when there is no such file, or it is too large.
[[nodiscard]] expected<void, FileEnd> check_source(const DownloadFile& job, const std::string& path,
                                                   const PathInfo& info, const FilesConfig& files) {
    switch (info.found) {
    case Found::nothing:
        return unexpected(no_such_file(path));
    case Found::folder:
        return unexpected(
            file_refused(Code::conflict, fmt::format("'{}' is a folder, expected a file", path)));
    case Found::unclear:
        return unexpected(end_of(info.answer));
    case Found::file:
        break;
    }
    if (!job.dest && info.size > files.inline_limit) {
        return unexpected(file_refused(Code::invalid_argument,
                                       fmt::format("'{}' has {} bytes, without dest at most {} are fetched "
                                                   "(files.inline_limit)",
                                                   path, info.size, files.inline_limit)));
    }
    return {};
}

[[nodiscard]] FileEnd fetch(FtpsSession& session, const std::string& path, std::uint64_t size, Target& target,
                            FileWork& work) {
    std::uint64_t received = 0;
    const auto sink = [&](std::string_view bytes) {
        received += bytes.size();
        return received <= size && target.take(bytes);
    };
    work.progress(0, size);
    const auto answer =
        session.download(path, size, sink, [&](std::uint64_t bytes) { work.progress(bytes, size); });
    if (!target.written) {
        return end_of(target.written.error());
    }
    if (received > size) {
        return file_failed(fmt::format("the printer sent more than the {} bytes '{}' had; is it still being "
                                       "written?",
                                       size, path));
    }
    if (received < size || !answer.done()) {
        auto end = answer.done() ? file_failed("the transfer was cut off") : end_of(answer);
        if (received > 0) {
            end.status = Status::failed;
            end.code = Code::none;
        }
        end.message += fmt::format("; {} of {} bytes have arrived, nothing is kept", received, size);
        return end;
    }
    OrderedJson data{{"path", path}, {"size", size}};
    if (auto finished = target.finish(data); !finished) {
        return std::move(finished).error();
    }
    work.progress(size, size);
    return file_done(std::move(data));
}

} // namespace

FileEnd run(const DownloadFile& job, FileWork& work) {
    const auto path = check_path(job.path, PathFor::file);
    if (!path) {
        return path.error();
    }
    const LocalFolder folder(work.files.directory, PathWalk::by_kernel, work.limits.keep_free);
    if (job.dest) {
        if (const auto allowed = folder.check(*job.dest); !allowed) {
            return end_of(allowed.error());
        }
    }
    const auto session = log_in(work);
    if (!session) {
        return session.error();
    }
    const auto info = path_info(**session, *path);
    if (auto source = check_source(job, *path, info, work.files); !source) {
        return std::move(source).error();
    }
    std::optional<NewFile> file;
    if (job.dest) {
        auto created = folder.create(*job.dest, work.config.id);
        if (!created) {
            return end_of(created.error());
        }
        if (info.size > created->room()) {
            return file_failed(fmt::format("the disk of files.directory has room for {} more bytes, and the "
                                           "file has {}",
                                           created->room(), info.size));
        }
        file.emplace(std::move(*created));
    }
    Target target(std::move(file));
    return fetch(**session, *path, info.size, target, work);
}

} // namespace bambu2mqtt
