// What the values of options may be. Each returns an empty text, or what was found and what was expected.
#pragma once

#include <string>

namespace bambu2mqtt {

/// A model code.
[[nodiscard]] std::string check_model(const std::string& text);

/// A serial number.
[[nodiscard]] std::string check_serial(const std::string& text);

/// A topic level for a printer.
[[nodiscard]] std::string check_id(const std::string& text);

/// A time in RFC 3339.
[[nodiscard]] std::string check_time(const std::string& text);

/// One of log_level_words.
[[nodiscard]] std::string check_log_level(const std::string& text);

/// "on" or "off".
[[nodiscard]] std::string check_on_off(const std::string& text);

/// At least one character.
[[nodiscard]] std::string check_not_empty(const std::string& text);

} // namespace bambu2mqtt
