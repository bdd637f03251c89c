#pragma once
// A printer that plays a file: recorded or hand-written messages, in order, unchanged byte for byte.

#include "simulator/printer.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::simulator {

/// Splits text into its JSON objects, one per line or pretty-printed, by counting braces outside of strings.
/// Bytes within an object are not checked, so malformed messages are kept; a truncated last one is returned
/// unchanged.
[[nodiscard]] std::vector<std::string> split_messages(std::string_view text);

/// Merges a status report into the known state: objects are merged, elements of `ams.ams`, `tray`,
/// `vir_slot`, `parts` and `lights_report` by their id or node, all other values replaced.
void merge_report(nlohmann::json& known, const nlohmann::json& report);

/// What a replay does after its last message.
enum class AtEnd { begin_again, fall_silent };

struct ReplayOptions {
    std::string serial{};
    std::vector<std::string> messages{};
    std::chrono::milliseconds report_interval{1000};
    AtEnd at_end = AtEnd::begin_again;
};

/// Sends one message per interval. `info` messages are kept for get_version; pushall is answered with all
/// messages played so far merged into one full report, before the first message with the file's first report.
class ReplayPrinter final : public Printer {
  public:
    explicit ReplayPrinter(ReplayOptions options);

    [[nodiscard]] const std::string& serial() const override { return options_.serial; }

    [[nodiscard]] std::chrono::milliseconds report_interval() const override {
        return options_.report_interval;
    }

    [[nodiscard]] std::vector<std::string> advance(Uptime now) override;
    [[nodiscard]] Reaction answer(std::string_view request, Uptime now) override;
    [[nodiscard]] Reaction connected(int session, Uptime now) override;
    [[nodiscard]] std::string obey(std::string_view order, Uptime now) override;

  private:
    ReplayOptions options_;
    std::size_t next_ = 0;
    nlohmann::json known_;   ///< the object under `print`
    nlohmann::json version_; ///< the object under `info`; null when the file has none
};

} // namespace bambu2mqtt::simulator
