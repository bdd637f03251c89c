#include "cli/option_checks.hpp"

#include <bambu2mqtt/base/log_level.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/config/config_table.hpp>
#include <bambu2mqtt/printer/serial.hpp>
#include <bambu2mqtt/topic/printer_id.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace bambu2mqtt {

std::string check_model(const std::string& text) {
    const auto model = parse_model(text);
    return model && *model != Model::unknown
               ? std::string{}
               : fmt::format("found \"{}\", expected one of {}", sanitize_for_log(text), model_list());
}

std::string check_serial(const std::string& text) {
    return read_serial(text)
               ? std::string{}
               : fmt::format("found \"{}\", expected 8 to 24 letters and digits", sanitize_for_log(text));
}

std::string check_id(const std::string& text) {
    return is_printer_id(text) ? std::string{}
                               : fmt::format("found \"{}\", expected lower-case letters, digits, \"_\" and "
                                             "\"-\", at most 64, and not \"bridge\", "
                                             "\"group\" or \"response\"",
                                             sanitize_for_log(text));
}

std::string check_time(const std::string& text) {
    return parse_rfc3339(text) ? std::string{}
                               : fmt::format("found \"{}\", expected a time like 2026-01-31T18:00:00Z",
                                             sanitize_for_log(text));
}

std::string check_log_level(const std::string& text) {
    return std::ranges::find(log_level_words, text) != log_level_words.end()
               ? std::string{}
               : fmt::format("found \"{}\", expected {}", sanitize_for_log(text), one_of(log_level_words));
}

std::string check_on_off(const std::string& text) {
    return text == "on" || text == "off"
               ? std::string{}
               : fmt::format("found \"{}\", expected \"on\" or \"off\"", sanitize_for_log(text));
}

std::string check_not_empty(const std::string& text) {
    return text.empty() ? "found an empty text, expected at least one character" : std::string{};
}

} // namespace bambu2mqtt
