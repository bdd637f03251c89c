#include <bambu2mqtt/base/overloaded.hpp>
#include <bambu2mqtt/command/file_transfers.hpp>

#include <fmt/format.h>

#include <variant>

namespace bambu2mqtt {

namespace {

/// The path a file job is about, as transfer_file shows it.
std::string path_of(const FileJob& job) {
    const Overloaded path{
        [](const UploadFile& upload) { return upload.dest; },
        [](const RenameFile& rename) { return rename.from; },
        [](const auto& other) { return other.path; },
    };
    return std::visit(path, job);
}

} // namespace

std::optional<Refusal> FileTransfers::start(Ticket ticket, const FileJob& job, std::string_view host,
                                            Effects& effects) {
    if (running_) {
        return Refusal{Code::busy,
                       fmt::format("{} is being transferred; one file action at a time", running_->path)};
    }
    running_ = Transfer{.ticket = ticket, .path = path_of(job)};
    effects.push_back(StartFileJob{printer_, ticket, job, std::string{host}});
    return std::nullopt;
}

std::optional<std::string> FileTransfers::cancel(Effects& effects) const {
    if (!running_) {
        return std::nullopt;
    }
    effects.push_back(CancelFileJob{printer_});
    return running_->path;
}

bool FileTransfers::progress(const FileProgress& event) {
    if (!is_running(event.job)) {
        return false;
    }
    running_->bytes = event.bytes;
    running_->total = event.total;
    return true;
}

bool FileTransfers::finish(const FileDone& event) {
    if (!is_running(event.job)) {
        return false;
    }
    running_.reset();
    return true;
}

} // namespace bambu2mqtt
