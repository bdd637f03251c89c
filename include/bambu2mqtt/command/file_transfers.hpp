// The file jobs of one printer, one at a time, and the last listing of its files. Pure.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/status.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/command/command.hpp>
#include <bambu2mqtt/file/job.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace bambu2mqtt {

/// The file job that runs.
struct Transfer {
    Ticket ticket = 0;
    std::string path{}; ///< on the printer
    std::uint64_t bytes = 0;
    std::uint64_t total = 0; ///< 0: not known
};

class FileTransfers {
  public:
    explicit FileTransfers(std::size_t printer) : printer_(printer) {}

    /// Starts a job of this command at `host` (name or address); refused as `busy` while another one runs.
    [[nodiscard]] std::optional<Refusal> start(Ticket ticket, const FileJob& job, std::string_view host,
                                               Effects& effects);

    /// Breaks the running job off; its FileDone still comes. Gives its path, or nothing when none runs.
    std::optional<std::string> cancel(Effects& effects) const;

    /// Takes over how far the running job is; false for an event of another one.
    [[nodiscard]] bool progress(const FileProgress& event);

    /// The running job has ended; false for an event of another one.
    [[nodiscard]] bool finish(const FileDone& event);

    /// The job that runs; nothing when none does.
    [[nodiscard]] const std::optional<Transfer>& running() const noexcept { return running_; }

    [[nodiscard]] bool is_running(Ticket ticket) const noexcept {
        return running_ && running_->ticket == ticket;
    }

    /// Keeps `files`, which the printer has listed at `time`, as the last listing.
    void keep_listing(const OrderedJson& files, WallTime time) {
        listing_ = {{"listed_at", rfc3339(time)}, {"files", files}};
    }

    /// The last listing of files and when it was made; null before there was one.
    [[nodiscard]] const OrderedJson& listing() const noexcept { return listing_; }

    /// Takes over the last listing of an earlier run.
    void restore_listing(OrderedJson listing) { listing_ = std::move(listing); }

  private:
    std::size_t printer_;
    std::optional<Transfer> running_;
    OrderedJson listing_{};
};

} // namespace bambu2mqtt
