// What a configuration that was read again changes in the running one. Pure.
#pragma once

#include <bambu2mqtt/config/config.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// The change of a printer; it is the same one while its serial is the same.
enum class PrinterChange : std::uint8_t {
    none,
    added,
    settings,   ///< something changed that applies at once
    reconnects, ///< something changed that needs a new connection
};

struct ConfigChange {
    /// What to run with from now on: the configuration that was read, with what needs a restart as it was.
    Config config{};
    std::vector<std::string> applied{};    ///< changed keys outside printers, dotted: "log.level"
    std::vector<std::string> restart{};    ///< changed keys that need a restart, dotted: "broker.url"
    std::vector<PrinterChange> printers{}; ///< of `config.printers`, in their order
    std::vector<PrinterConfig> removed{};  ///< printers that are configured no longer

    /// Whether anything applies.
    [[nodiscard]] bool any() const;
};

/// The difference between the running configuration and one that was read again, by the table of keys.
/// `files.directory` needs a restart, too, where a file or folder does: it was checked beside that one.
[[nodiscard]] ConfigChange config_change(const Config& running, Config wanted);

} // namespace bambu2mqtt
