#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/base/overloaded.hpp>
#include <bambu2mqtt/feature/files/file_transfers.hpp>

#include <fmt/format.h>

#include <utility>
#include <variant>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

constexpr auto listing_saved_within = 5s;

/// The path of a file job, for transfer_file.
std::string path_of(const FileJob& job) {
    const Overloaded path{
        [](const UploadFile& upload) { return upload.dest; },
        [](const RenameFile& rename) { return rename.from; },
        [](const auto& other) { return other.path; },
    };
    return std::visit(path, job);
}

/// The listing of an earlier run; null if there is none or it is invalid.
OrderedJson remembered_listing(const Json& saved) {
    const auto* const listing = read::member(&saved, "files");
    const bool whole =
        read::member(listing, "listed_at") != nullptr && read::member(listing, "files") != nullptr;
    return whole ? OrderedJson(*listing) : OrderedJson();
}

} // namespace

FileTransfers::FileTransfers(const Json& saved) : listing_(remembered_listing(saved)) {}

void FileTransfers::start(FeaturePorts& ports) {
    show(ports);
}

Handled FileTransfers::on_command(Ticket ticket, const std::any& what, FeaturePorts& ports) {
    if (const auto* const job = std::any_cast<FileJob>(&what)) {
        return begin(ticket, *job, ports);
    }
    return cancel(ports);
}

/// Printers support one transfer at a time.
Handled FileTransfers::begin(Ticket ticket, const FileJob& job, FeaturePorts& ports) {
    if (running_) {
        return refused(
            {}, Refusal{Code::busy,
                        fmt::format("{} is being transferred; one file action at a time", running_->path)});
    }
    running_ = Transfer{
        .ticket = ticket, .path = path_of(job), .is_listing = std::holds_alternative<ListFiles>(job)};
    ports.start_work(ticket, job);
    show(ports);
    return WaitsFor::printer;
}

Handled FileTransfers::cancel(FeaturePorts& ports) const {
    if (!running_) {
        return refused({}, Refusal{Code::conflict, "no transfer is running"});
    }
    ports.cancel_work();
    return Outcome{.status = Status::done, .data = {{"path", running_->path}}};
}

void FileTransfers::on_progress(const WorkProgress& event, FeaturePorts& ports) {
    if (!running_ || running_->ticket != event.job) {
        return;
    }
    running_->bytes = event.bytes;
    running_->total = event.total;
    ports.report_progress(event.job, event.bytes, event.total);
    show(ports);
}

void FileTransfers::on_done(const WorkDone& event, FeaturePorts& ports) {
    if (!running_ || running_->ticket != event.job) {
        return;
    }
    const FileEnd failed{.status = Status::failed, .message = event.problem};
    const auto* const result = std::any_cast<FileEnd>(&event.result);
    const auto* const end = result != nullptr ? result : &failed;
    const bool is_listing = running_->is_listing;
    running_.reset();
    if (is_listing && end->status == Status::done) {
        listing_ = {{"listed_at", rfc3339(ports.now().wall)}, {"files", end->data}};
        ports.save_within(listing_saved_within);
    }
    ports.finish(
        event.job,
        Outcome{.status = end->status, .code = end->code, .message = end->message, .data = end->data});
    show(ports);
}

void FileTransfers::stop(FeaturePorts& ports) {
    if (running_) {
        ports.cancel_work();
    }
}

void FileTransfers::save(Json& content) const {
    if (listing_.is_null()) {
        return;
    }
    const auto length = json_text(listing_).size();
    if (length <= longest_kept_listing) {
        content["files"] = listing_;
    }
}

void FileTransfers::add_state(OrderedJson& state) const {
    state["files"] = listing_;
}

void FileTransfers::show(FeaturePorts& ports) const {
    TransferStatus status;
    if (running_) {
        status.percent =
            running_->total == 0 ? 0 : static_cast<std::int64_t>(running_->bytes * 100 / running_->total);
        status.file = running_->path;
    }
    ports.changed(ports.printer().set_transfer(std::move(status)));
}

} // namespace bambu2mqtt
