// Permissions of the configuration for commands.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace bambu2mqtt {

/// control.allow, or allow of a printer
enum class ControlLevel : std::uint8_t {
    full,
    safe, ///< only commands that neither heat nor move nor change what is printed
    none,
};

struct CommandPolicy {
    ControlLevel allow = ControlLevel::full;
    bool own_allow = false;                  ///< `allow` is the printer's own key, not control.allow
    bool raw_commands = false;               ///< send_gcode, send_anything
    bool raw_topics = false;                 ///< B/P/raw/...
    bool trust_commands = false;             ///< trust_certificate
    std::uint64_t inline_limit = 1048576;    ///< bytes of content in one message, decoded
    std::filesystem::path files_directory{}; ///< absolute and normalized; empty: unknown
    std::string url_scheme{};                ///< "ftp", "sdcard", or empty for the model's default
    bool operator==(const CommandPolicy&) const = default;
};

} // namespace bambu2mqtt
