// Uploading a file: it is completely on the printer under its name, or not at all, and the result says which.
#include "io/disk/printer_storage.hpp"
#include "io/ftps/file_ends.hpp"
#include "io/ftps/file_jobs.hpp"
#include <bambu2mqtt/file/path.hpp>
#include <bambu2mqtt/file/plates.hpp>
#include <bambu2mqtt/io/disk/local_files.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>
#include <variant>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;

/// In the folder of the destination, so that renaming moves no data. Always the same: the leftover of an
/// upload that could not be cleaned up is replaced by the next one.
constexpr std::string_view temporary_name = "bambu2mqtt-upload.part";
constexpr std::string_view trial_name = "bambu2mqtt-trial.part"; // never a file of the user's

/// For cleaning up: a printer that is gone delays nothing.
constexpr FtpsTimes quick{.connect = 5s, .answer = 10s, .stall = 10s, .base = 20s};

constexpr int looks_at_unconfirmed = 3;

/// The largest allocation unit of cards' file systems.
constexpr std::size_t unit_of_space = 64UL * 1024;

[[nodiscard]] UploadContent content_of(const LocalFile& file) {
    return {.size = file.size(),
            .read = [&file](std::uint64_t offset, std::span<char> into) { return file.read(offset, into); }};
}

[[nodiscard]] UploadContent content_of(const std::string& bytes) {
    return {.size = bytes.size(), .read = [&bytes](std::uint64_t offset, std::span<char> into) {
                return std::optional(bytes.copy(into.data(), into.size(), static_cast<std::size_t>(offset)));
            }};
}

/// Owner of the content while it is sent.
struct Source {
    std::optional<LocalFile> file{};
    const std::string* bytes = nullptr;

    [[nodiscard]] UploadContent content() const { return file ? content_of(*file) : content_of(*bytes); }
};

/// Gets the content, or the reason why not.
class OpenSource {
  public:
    explicit OpenSource(FileWork& work)
        : work_(work), folder_(work.files.directory, PathWalk::by_kernel, work.limits.keep_free) {}

    expected<Source, FileEnd> operator()(const LocalSource& local) const {
        return opened(folder_.open(local.path));
    }

    expected<Source, FileEnd> operator()(const UrlSource& url) const {
        if (!work_.files.allow_urls) {
            return unexpected(
                file_refused(Code::not_allowed, "uploads from URLs are not allowed (files.allow_urls)"));
        }
        auto limits = work_.limits.url;
        limits.size = std::min(limits.size, work_.files.url_limit);
        auto file = fetch_url(url.url, folder_, work_.stop, limits);
        if (work_.stop.raised() != Stop::none) {
            return unexpected(file_failed("cancelled; nothing was sent"));
        }
        return opened(std::move(file));
    }

    expected<Source, FileEnd> operator()(const InlineSource& content) const {
        if (content.bytes.size() > work_.files.inline_limit) {
            return unexpected(file_refused(
                Code::invalid_argument,
                fmt::format("the content has {} bytes, at most {} are expected (files.inline_limit)",
                            content.bytes.size(), work_.files.inline_limit)));
        }
        return Source{.bytes = &content.bytes};
    }

  private:
    [[nodiscard]] static expected<Source, FileEnd> opened(expected<LocalFile, Error> file) {
        if (!file) {
            return unexpected(end_of(file.error()));
        }
        Source source;
        source.file = std::move(*file);
        return source;
    }

    FileWork& work_;
    LocalFolder folder_;
};

[[nodiscard]] expected<void, Refusal> check_plate(const UploadContent& content, int plate) {
    const auto read = [&content](std::uint64_t offset, std::span<char> into) {
        while (!into.empty()) {
            const auto count = content.read(offset, into);
            if (!count || *count == 0) {
                return false;
            }
            offset += *count;
            into = into.subspan(*count);
        }
        return true;
    };
    return bambu2mqtt::check_plate(Archive{.size = content.size, .read = read}, plate);
}

class Upload {
  public:
    Upload(FileWork& work, Begun begun, UploadContent content)
        : work_(work), session_(std::move(begun.session)), dest_(std::move(begun.path)),
          content_(std::move(content)) {}

    [[nodiscard]] FileEnd run() {
        if (auto prepared = prepare(); !prepared) {
            return std::move(prepared).error();
        }
        work_.progress(0, content_.size);
        if (auto sent = work_.renames ? send_and_rename() : send(dest_); !sent) {
            return std::move(sent).error();
        }
        work_.progress(content_.size, content_.size);
        return file_done({{"path", dest_}, {"size", content_.size}});
    }

  private:
    /// Ensures that the folder exists and that only a file has the name.
    [[nodiscard]] expected<void, FileEnd> prepare() {
        const auto info = path_info(*session_, dest_);
        if (info.found == Found::folder) {
            return unexpected(
                file_refused(Code::conflict, fmt::format("'{}' is a folder on the printer", dest_)));
        }
        if (info.found == Found::unclear && info.answer.end != FtpsEnd::refused) {
            return unexpected(end_of(info.answer));
        }
        replaces_ = info.found == Found::file;
        return make_folders(*session_, folder_of(dest_));
    }

    [[nodiscard]] expected<void, FileEnd> send_and_rename() {
        const auto temporary = path_in_folder(folder_of(dest_), temporary_name);
        if (auto sent = send(temporary); !sent) {
            return sent;
        }
        auto answer = session_->rename(temporary, dest_);
        if (answer.end == FtpsEnd::refused && replaces_) { // some do not replace an existing file
            static_cast<void>(session_->remove_file(dest_));
            answer = session_->rename(temporary, dest_);
        }
        if (answer.end == FtpsEnd::refused) {
            work_.renames = false;
            static_cast<void>(session_->remove_file(temporary));
            return send(dest_);
        }
        const auto info = path_info(*session_, dest_);
        const bool whole = info.found == Found::file && info.size == content_.size;
        // It was complete under its temporary name: after a confirmed renaming only a clear answer means
        // otherwise.
        if (whole || (answer.done() && info.found == Found::unclear)) {
            return {};
        }
        return unexpected(clean_up(temporary, answer.done()
                                                  ? file_failed("the printer lost the file when renaming it")
                                                  : end_of(answer)));
    }

    /// Sends everything to a path, and verifies that it has arrived.
    [[nodiscard]] expected<void, FileEnd> send(const std::string& path) {
        const auto answer = session_->upload(
            path, content_, [this](std::uint64_t bytes) { work_.progress(bytes, content_.size); });
        if (!answer.done() && answer.bytes == 0 && path == dest_) {
            return unexpected(untouched(answer)); // the present file may be an older one
        }
        const bool may_be_there = answer.done() || answer.end == FtpsEnd::broken ||
                                  (answer.end == FtpsEnd::refused && answer.bytes > 0);
        if (!may_be_there) {
            return unexpected(clean_up(path, answer.end == FtpsEnd::gave_up
                                                 ? file_failed("the file could not be read to its end")
                                                 : end_of(answer)));
        }
        const auto stored = look_until_whole(path, answer);
        if (stored.found == Found::file && stored.size == content_.size) {
            return {};
        }
        auto end = why_not_whole(stored, answer);
        if (answer.end == FtpsEnd::broken && stored.found == Found::file) {
            note_if_full(end);
        }
        return unexpected(clean_up(path, std::move(end)));
    }

    /// A server without space closes the data connection, and its reply about that is lost with the
    /// connection. Before the partial file is removed, one more write finds out.
    void note_if_full(FileEnd& end) {
        const auto trial = path_in_folder(folder_of(dest_), trial_name);
        const std::string bytes(unit_of_space, '\0');
        const auto answer = session_->upload(trial, content_of(bytes));
        const auto why = end_of(answer);
        if (answer.end == FtpsEnd::refused && why.status == Status::failed) {
            end.message = fmt::format("{}; {}", why.message, end.message);
        } else if (answer.end == FtpsEnd::broken) {
            const auto info = path_info(*session_, trial);
            if (info.found != Found::unclear && info.size < bytes.size()) {
                end.message = "the printer's storage seems to be full; " + end.message;
            }
        }
        static_cast<void>(session_->remove_file(trial));
    }

    /// Once if the printer has confirmed everything; else it may still be writing.
    [[nodiscard]] PathInfo look_until_whole(const std::string& path, const FtpsAnswer& answer) {
        PathInfo info;
        for (int looks = answer.done() || answer.bytes < content_.size ? 1 : looks_at_unconfirmed; looks > 0;
             --looks) {
            info = path_info(*session_, path);
            const bool whole = info.found == Found::file && info.size == content_.size;
            if (whole || looks == 1 || !pause(work_.limits.late_answer)) {
                break;
            }
        }
        return info;
    }

    [[nodiscard]] FileEnd why_not_whole(const PathInfo& stored, const FtpsAnswer& answer) const {
        if (stored.found == Found::unclear && stored.answer.end == FtpsEnd::stopped) {
            return end_of(stored.answer);
        }
        auto end = answer.done() ? file_failed("") : end_of(answer);
        end.status = Status::failed;
        end.code = Code::none;
        if (stored.found == Found::unclear) {
            end.message += fmt::format("{}the received size could not be checked: {}",
                                       end.message.empty() ? "" : "; ", stored.answer.text);
        } else {
            end.message += fmt::format("{}{} of {} bytes have arrived", end.message.empty() ? "" : "; ",
                                       stored.found == Found::file ? stored.size : 0, content_.size);
        }
        return end;
    }

    [[nodiscard]] FileEnd untouched(const FtpsAnswer& answer) const {
        auto end = end_of(answer);
        const bool sure = answer.end == FtpsEnd::refused || answer.end == FtpsEnd::unreachable;
        end.message +=
            sure ? "; nothing was sent" : fmt::format("; nothing was sent, '{}' may be empty", dest_);
        return end;
    }

    /// Removes the partial file and adds the result to the end. Also after a stop, but with a short time
    /// limit.
    [[nodiscard]] FileEnd clean_up(const std::string& path, FileEnd end) {
        const FtpsServer server = session_->server();
        session_.reset(); // its connection may be in any state
        FtpsSession session(server, work_.stop, quick, Stop::soon);
        switch (remove(session, path)) {
        case Removed::gone:
            end.message += "; the partial file is removed";
            break;
        case Removed::was_not_there:
            end.message += "; nothing is left behind";
            break;
        case Removed::still_there:
            end.message += fmt::format("; '{}' is left behind", path);
            break;
        case Removed::unknown:
            end.message += fmt::format("; '{}' may be left behind", path);
            break;
        }
        if (path == dest_ && replaces_ && end.status == Status::failed) {
            end.message += "; the older file of that name is lost";
        }
        return end;
    }

    /// False when stopped meanwhile.
    [[nodiscard]] bool pause(std::chrono::milliseconds time) const {
        const auto end = std::chrono::steady_clock::now() + time;
        while (work_.stop.raised() == Stop::none && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(10ms);
        }
        return work_.stop.raised() == Stop::none;
    }

    FileWork& work_;
    std::unique_ptr<FtpsSession> session_;
    std::string dest_;
    UploadContent content_;
    bool replaces_ = false; // there is an older file with that name
};

} // namespace

FileEnd run(const UploadFile& job, FileWork& work) {
    auto dest = check_path(job.dest, PathFor::file);
    if (!dest) {
        return std::move(dest).error();
    }
    const auto source = std::visit(OpenSource(work), job.source);
    if (!source) {
        return source.error();
    }
    const auto content = source->content();
    if (job.plate) {
        if (auto checked = check_plate(content, *job.plate); !checked) {
            return file_refused(checked.error().code, std::move(checked.error().message));
        }
    }
    auto session = log_in(work);
    if (!session) {
        return std::move(session).error();
    }
    return Upload(work, {std::move(*dest), std::move(*session)}, content).run();
}

} // namespace bambu2mqtt
