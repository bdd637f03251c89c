// What reading the configuration again has led to.
#pragma once

#include <string>
#include <vector>

namespace bambu2mqtt {

/// All or nothing: with `errors` everything else is empty, and nothing has changed.
struct ReloadResult {
    std::vector<std::string> errors{};  ///< "FILE:LINE: KEY: TEXT", all that is wrong
    std::vector<std::string> restart{}; ///< changed keys that need a restart, dotted: "broker.url"
    std::vector<std::string> applied{}; ///< other changed keys outside printers, dotted: "log.level"
    std::vector<std::string> added{};   ///< ids of printers
    std::vector<std::string> removed{};
    std::vector<std::string> changed{};     ///< with the connection they had
    std::vector<std::string> reconnected{}; ///< changed, with a new connection

    /// Whether anything is different now.
    [[nodiscard]] bool any() const {
        return !(applied.empty() && added.empty() && removed.empty() && changed.empty() &&
                 reconnected.empty());
    }

    bool operator==(const ReloadResult&) const = default;
};

} // namespace bambu2mqtt
