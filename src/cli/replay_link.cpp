#include "cli/replay_link.hpp"

#include "cli/recording_file.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/io/thread/guard.hpp>
#include <bambu2mqtt/recording/recorded_line.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

void ReplayPlayer::play_to(std::size_t index, EventQueue& events) {
    index_ = index;
    events_ = &events;
}

void ReplayPlayer::start() {
    thread_ = guarded_thread("replay", [this] {
        run();
        ended_ = true;
    });
}

void ReplayPlayer::stop() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
        stopped_.notify_all();
    }
    if (thread_.joinable()) {
        thread_.join();
    }
}

/// False when it has to stop.
bool ReplayPlayer::wait_until(Instant due) {
    const MutexLock lock(mutex_);
    while (!stopping_ && stopped_.wait_until(mutex_, due)) {
    }
    return !stopping_;
}

void ReplayPlayer::run() {
    RecordingLines lines{file_};
    auto due = std::chrono::steady_clock::now();
    std::optional<RecordedTime> before;
    for (std::string line; lines.next(line).value_or(false);) {
        const auto time = recorded_time(line);
        std::chrono::milliseconds distance = 1s;
        if (time) {
            distance = std::max(before ? *time - *before : 0ms, std::chrono::milliseconds::zero());
            before = time;
        }
        due += std::chrono::duration_cast<Instant::duration>(
            std::chrono::duration<double, std::milli>(static_cast<double>(distance.count()) / speed_));
        if (!wait_until(due)) {
            return;
        }
        if (open_ && line.find_first_not_of(" \t\r") != std::string::npos) {
            events_->push({index_, ReportArrived{line, std::chrono::steady_clock::now()}});
        }
    }
}

void ReplayLink::connect(const std::string& /*host*/) {
    disconnect();
    player_.set_open(true);
    events_.push({index_, PrinterUp{}});
}

void ReplayLink::disconnect() {
    player_.set_open(false);
    events_.forget_connection(index_);
}

/// The recording has the answers to the gateway's own requests, as far as there are any.
bool ReplayLink::request(const std::string& payload) {
    const auto json = read::json(payload);
    if (!json || !json->is_object() || json->empty()) {
        return true;
    }
    const auto first = json->begin();
    const auto& space = first.key();
    const auto& body = first.value();
    const auto command = std::string{read::text_member(body, "command")};
    if (space == "pushing" || command == "get_version") {
        return true;
    }
    const auto answer = OrderedJson{{space,
                                     {{"command", command},
                                      {"sequence_id", std::string{read::text_member(body, "sequence_id")}},
                                      {"result", "fail"},
                                      {"reason", impossible_in_replay}}}};
    events_.push({index_, ReportArrived{answer.dump(), std::chrono::steady_clock::now()}});
    return true;
}

void ReplayLink::subscribe_reports(bool reports) {
    player_.set_open(reports);
}

void ReplayLink::trust(const std::string& /*host*/, const std::string& /*fingerprint*/,
                       std::uint64_t ticket) {
    events_.push({index_, TrustDone{ticket, impossible_in_replay}});
}

} // namespace bambu2mqtt
