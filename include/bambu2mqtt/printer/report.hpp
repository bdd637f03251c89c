// What one message on a printer's report topic is. Knows JSON text, not what the fields mean.
#pragma once

#include <bambu2mqtt/base/result.hpp>

#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

enum class ReportKind {
    status,     ///< print.push_status: the printer's state, whole or in part
    reply,      ///< an answer to a command, in any namespace; never merged into the state
    modules,    ///< info.get_version: the list of modules
    led,        ///< system.ledctrl carried out: the only place that tells about heatbed_light
    project,    ///< print.project_file accepted: tells the job that starts
    motion_log, ///< mc_print.push_info: a line of the motion controller
    empty,      ///< `{}`, sent by P1S between two reports
    other,      ///< JSON, but nothing we know
};

/// One message, looking into the parser that read it: valid until the next parse.
struct Report {
    ReportKind kind = ReportKind::other;
    bool full = false; ///< status: print.msg is 0, or absent
    bool sanitised =
        false; ///< bytes that are no UTF-8 were replaced by U+FFFD; texts with it are not to be used
    simdjson::dom::object root{};
    simdjson::dom::object body{}; ///< what stands below the namespace
    std::string_view space{};     ///< the namespace: "print", "info", ...
    std::string_view command{};
};

/// Reads messages; reuses its memory. One per thread.
class ReportParser {
  public:
    /// Messages beyond this many bytes are refused; the largest seen are about 23 kB.
    static constexpr std::size_t capacity = 1024 * 1024;

    ReportParser() : parser_(capacity) {}

    /// Fails only for text that is no JSON object (after bytes that are no UTF-8 have been replaced).
    [[nodiscard]] Result<Report> parse(std::string_view bytes);

  private:
    simdjson::dom::parser parser_;
    std::string sanitised_;
};

/// A JSON value found in a text that holds several, one after another.
struct Fragment {
    std::size_t offset = 0; ///< of its first byte
    std::string_view text{};
};

/// Splits a text into its top-level JSON values by their brackets, pretty-printed or one per line; what
/// cannot be JSON comes as a fragment too, so that parsing it tells what is wrong.
[[nodiscard]] std::vector<Fragment> split_messages(std::string_view text);

} // namespace bambu2mqtt
