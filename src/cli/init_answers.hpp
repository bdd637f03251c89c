// What the command init needs to know: found by announcements, given by options, or asked.
#pragma once

#include "cli/options.hpp"
#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/config/config_draft.hpp>

#include <iosfwd>
#include <string>

namespace bambu2mqtt {

class Dialogue;

/// Why there is no answer; the exit code of the program.
struct NoAnswer {
    int exit_code = 1;
    std::string text{};
};

/// The draft of the file; or why there is none.
[[nodiscard]] expected<ConfigDraft, NoAnswer> init_answers(const Options& options, Dialogue* dialogue,
                                                           std::ostream& output, std::ostream& diagnostics);

} // namespace bambu2mqtt
