// Classification of a message on a printer's report topic. Knows JSON text, not the meaning of fields.
#pragma once

#include <bambu2mqtt/base/expected.hpp>

#include <simdjson.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

/// The text of a member of a message; empty when there is none.
[[nodiscard]] std::string_view text_member(const simdjson::dom::object& from, std::string_view key);

enum class ReportKind {
    status,     ///< print.push_status: the printer's state, full or partial
    reply,      ///< an answer to a command, in any namespace; never merged into the state
    modules,    ///< info.get_version: the list of modules
    led,        ///< answer to system.ledctrl: the only source for heatbed_light
    project,    ///< accepted print.project_file: names the job that starts
    motion_log, ///< mc_print.push_info: a line of the motion controller
    empty,      ///< `{}`, sent by P1S between two reports
    other,      ///< JSON of an unknown kind
};

/// One message; refers to the memory of its parser: valid until the next parse.
struct Report {
    ReportKind kind = ReportKind::other;
    bool full = false;      ///< status: print.msg is 0, or absent
    bool sanitised = false; ///< invalid UTF-8 was replaced by U+FFFD; texts with it must not be used
    std::size_t bytes = 0;  ///< size of its text
    simdjson::dom::object root{};
    simdjson::dom::object body{}; ///< the object below the namespace
    std::string_view space{};     ///< the namespace: "print", "info", ...
    std::string_view command{};
};

/// Parses messages; reuses its memory. One per thread.
class ReportParser {
  public:
    /// Larger messages are refused, in bytes; the largest recorded ones are about 23 kB.
    static constexpr std::size_t capacity = 1024 * 1024;

    ReportParser() : parser_(capacity) {}

    /// Fails only for text that is not a JSON object (after invalid UTF-8 has been replaced).
    [[nodiscard]] expected<Report, Error> parse(std::string_view bytes);

  private:
    simdjson::dom::parser parser_;
    std::string sanitised_;
};

/// A JSON value in a text with several of them.
struct Fragment {
    std::size_t offset = 0; ///< of its first byte
    std::string_view text{};
};

/// Splits a text into its top-level JSON values by their brackets, pretty-printed or one per line; invalid
/// parts are returned as fragments too, so that parsing them gives the error.
[[nodiscard]] std::vector<Fragment> split_messages(std::string_view text);

} // namespace bambu2mqtt
