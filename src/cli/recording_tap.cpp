#include "cli/recording_tap.hpp"

#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/command/sequence.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>
#include <vector>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view tap_verb = "record ";
constexpr auto client_gone_after = 10s;
constexpr std::size_t most_kept_bytes = 8UL * 1024 * 1024;
constexpr std::size_t most_answered_bytes = 2UL * 1024 * 1024;

std::optional<std::uint64_t> place_in(std::string_view text) {
    std::uint64_t place = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, place);
    return error == std::errc{} && stopped == end ? std::optional{place} : std::nullopt;
}

/// The inverse of tap_request_text().
std::optional<TapRequest> parse_tap_request(std::string_view text) {
    if (!text.starts_with(tap_verb)) {
        return std::nullopt;
    }
    text.remove_prefix(tap_verb.size());
    const auto space = text.find(' ');
    TapRequest request{.serial = std::string{text.substr(0, space)}};
    if (space != std::string_view::npos) {
        request.from = place_in(text.substr(space + 1));
        if (!request.from) {
            return std::nullopt;
        }
    }
    return request;
}

/// A moment of the steady clock in UTC.
RecordedTime recorded_at(Instant instant) {
    const auto age = std::chrono::steady_clock::now() - instant;
    return std::chrono::floor<std::chrono::milliseconds>(
        std::chrono::system_clock::now() -
        std::chrono::duration_cast<std::chrono::system_clock::duration>(age));
}

/// The merged state as a full report.
std::string merged_report(const ReportState& state) {
    auto print = OrderedJson(state.as_reported());
    print["command"] = "push_status";
    print["msg"] = 0;
    return json_text(OrderedJson{{"print", std::move(print)}});
}

} // namespace

std::string tap_request_text(const TapRequest& request) {
    const auto text = fmt::format("{}{}", tap_verb, request.serial);
    return request.from ? fmt::format("{} {}", text, *request.from) : text;
}

std::optional<TapAnswer> parse_tap_answer(std::string_view line) {
    const auto json = read::json(line);
    const auto next = json ? read::integer(read::member(&*json, "next")) : std::nullopt;
    const auto lost = json ? read::integer(read::member(&*json, "lost")) : std::nullopt;
    if (!next || !lost || *next < 0 || *lost < 0) {
        return std::nullopt;
    }
    return TapAnswer{static_cast<std::uint64_t>(*next), static_cast<std::uint64_t>(*lost)};
}

void RecordingTap::keep(Recording& recording, std::string payload, Instant at) {
    recording.bytes += payload.size();
    recording.messages.push_back({recorded_at(at), std::move(payload)});
    ++recording.end;
    while (recording.bytes > most_kept_bytes && recording.messages.size() > 1) {
        recording.bytes -= recording.messages.front().payload.size();
        recording.messages.pop_front();
    }
}

void RecordingTap::set_printers(std::map<std::string, std::size_t> targets) {
    const MutexLock lock(mutex_);
    printers_ = std::move(targets);
}

void RecordingTap::take(const Event& event, Instant now) {
    const auto* const report = std::get_if<ReportArrived>(&event.body);
    if (!active_ || report == nullptr) {
        return;
    }
    const MutexLock lock(mutex_);
    std::erase_if(recordings_,
                  [&](const auto& entry) { return now - entry.second.asked_at > client_gone_after; });
    active_ = !recordings_.empty();
    if (const auto found = recordings_.find(event.target); found != recordings_.end()) {
        keep(found->second, report->payload, report->at.value_or(now));
    }
}

void RecordingTap::begin_wanted(const Bridge& bridge, Instant now, Effects& effects) {
    if (!active_) {
        return;
    }
    const MutexLock lock(mutex_);
    for (std::size_t i = 0; i < bridge.size(); ++i) {
        const auto target = bridge.session(i).settings().index;
        const auto found = recordings_.find(target);
        if (found == recordings_.end() || !std::exchange(found->second.begins, false)) {
            continue;
        }
        const auto& state = bridge.session(i).printer().report_state();
        if (state.complete()) {
            keep(found->second, merged_report(state), now);
        }
        auto request = get_version_request();
        (void)Sequence{}.stamp(request);
        effects.push_back(SendRequest{target, request.dump()});
    }
}

std::string RecordingTap::answer(std::string_view text) {
    const auto request = parse_tap_request(text);
    std::vector<Kept> taken;
    TapAnswer head;
    {
        const MutexLock lock(mutex_);
        const auto printer = request ? printers_.find(request->serial) : printers_.end();
        if (printer == printers_.end()) {
            return {};
        }
        auto& recording = recordings_[printer->second];
        recording.asked_at = std::chrono::steady_clock::now();
        active_ = true;
        const auto first = recording.end - recording.messages.size();
        const auto from = std::min(request->from.value_or(recording.end), recording.end);
        const auto begin = std::max(from, first);
        head = {begin, begin - from};
        recording.begins = recording.begins || !request->from;
        for (std::size_t bytes = 0; head.next < recording.end && bytes < most_answered_bytes; ++head.next) {
            taken.push_back(recording.messages[head.next - first]);
            bytes += taken.back().payload.size();
        }
    }
    if (!request->from) {
        wake_core_();
    }
    auto lines = json_text(OrderedJson{{"next", head.next}, {"lost", head.lost}}) + "\n";
    for (const auto& message : taken) {
        lines += recorded_line(parse_recordable(message.payload), message.at, message.payload.size()) + "\n";
    }
    return lines;
}

} // namespace bambu2mqtt
