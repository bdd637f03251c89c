#include "cli/features.hpp"

#include <bambu2mqtt/feature/files/file_transfers.hpp>
#include <bambu2mqtt/io/ftps/file_link.hpp>

#include <algorithm>
#include <array>
#include <iterator>

namespace bambu2mqtt {

namespace {

struct FeatureRow {
    FeatureEntry session{};
    std::unique_ptr<FeatureWorker> (*worker)(const WorkerSetup& setup) = nullptr; ///< null: it has none
};

std::unique_ptr<FeatureWorker> file_worker(const WorkerSetup& setup) {
    return std::make_unique<FileLink>(setup.index, setup.printer, setup.files, setup.events, setup.services);
}

// clang-format off
constexpr std::array feature_rows{
    FeatureRow{.session = feature_entry<FileTransfers>(), .worker = file_worker},
};
// clang-format on

} // namespace

std::vector<FeatureEntry> session_features() {
    std::vector<FeatureEntry> entries;
    std::ranges::transform(feature_rows, std::back_inserter(entries), &FeatureRow::session);
    return entries;
}

FeatureWorkers::FeatureWorkers(const WorkerSetup& setup) {
    for (const auto& row : feature_rows) {
        if (row.worker != nullptr) {
            workers_[row.session.name] = row.worker(setup);
        }
    }
}

void FeatureWorkers::start(const StartWork& work) {
    if (const auto found = workers_.find(work.feature); found != workers_.end()) {
        found->second->start(work);
        ++running_;
    }
}

void FeatureWorkers::cancel(std::string_view feature) {
    for (const auto& [name, worker] : workers_) {
        if (feature.empty() || name == feature) {
            worker->cancel();
        }
    }
}

} // namespace bambu2mqtt
