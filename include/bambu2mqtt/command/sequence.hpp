// Ids of requests: sequence ids, and ids of jobs; and the two requests of every session.
#pragma once

#include <bambu2mqtt/base/json.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

namespace bambu2mqtt {

/// Counts requests to one printer: "1", "2", ... Ids from 20000 on are used by slicers, which open dialogs on
/// answers to them, and ids beyond 31 bits hang an AMS, so the count restarts before.
class Sequence {
  public:
    /// Puts the next id into every empty `sequence_id`; returns the message's id, empty if it has none.
    std::string stamp(OrderedJson& message) {
        std::string id;
        for (auto& space : message) {
            const auto found = space.is_object() ? space.find("sequence_id") : space.end();
            if (!space.is_object() || found == space.end()) {
                continue;
            }
            if (*found == "") {
                last_ = last_ % highest + 1;
                *found = std::to_string(last_);
            }
            id = found->is_string() ? found->get<std::string>() : found->dump();
        }
        return id;
    }

  private:
    static constexpr int highest = 19999;
    int last_ = 0;
};

/// An id for a job that begins at this second (since 1970), greater than the last one: positive and at most
/// 2147483647, the range that a P1S stores.
[[nodiscard]] inline std::int64_t job_id(std::int64_t seconds, std::int64_t last) {
    constexpr std::int64_t highest = 2147483647;
    return std::clamp<std::int64_t>(std::max(seconds, last + 1), 1, highest);
}

[[nodiscard]] inline OrderedJson get_version_request() {
    return {{"info", {{"sequence_id", ""}, {"command", "get_version"}}}};
}

[[nodiscard]] inline OrderedJson pushall_request() {
    return {{"pushing", {{"sequence_id", ""}, {"command", "pushall"}, {"version", 1}, {"push_target", 1}}}};
}

} // namespace bambu2mqtt
