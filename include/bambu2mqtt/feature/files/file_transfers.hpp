// The feature "files": the file jobs of one printer, one at a time, and the last listing of its files.
#pragma once

#include <bambu2mqtt/file/job.hpp>
#include <bambu2mqtt/gateway/session_feature.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Bytes of JSON. A longer listing is not saved over a restart: the state file is written often.
inline constexpr std::size_t longest_kept_listing = 512UL * 1024;

/// Carries out the file jobs that commands plan (work of type FileJob; the number of the job is the ticket of
/// the command) and cancels them (CancelTransfer). Its worker ends each with a FileEnd. Keeps the last
/// listing
/// ({"listed_at", "files"}) as member `files` of what is saved.
class FileTransfers final : public SessionFeature {
  public:
    static constexpr std::string_view name = files_feature;

    explicit FileTransfers(const Json& saved);

    void start(FeaturePorts& ports) override;
    [[nodiscard]] Handled on_command(Ticket ticket, const std::any& what, FeaturePorts& ports) override;
    void on_progress(const WorkProgress& event, FeaturePorts& ports) override;
    void on_done(const WorkDone& event, FeaturePorts& ports) override;
    void stop(FeaturePorts& ports) override;
    void save(Json& content) const override;
    void add_state(OrderedJson& state) const override;

  private:
    /// The running file job.
    struct Transfer {
        Ticket ticket = 0;
        std::string path{};      ///< on the printer
        bool is_listing = false; ///< its result is a tree of files
        std::uint64_t bytes = 0;
        std::uint64_t total = 0; ///< 0: not known
    };

    [[nodiscard]] Handled begin(Ticket ticket, const FileJob& job, FeaturePorts& ports);
    [[nodiscard]] Handled cancel(FeaturePorts& ports) const;
    void show(FeaturePorts& ports) const;

    std::optional<Transfer> running_;
    OrderedJson listing_{}; ///< the last one and when it was made; null before there was one
};

} // namespace bambu2mqtt
