#include <bambu2mqtt/config/config_change.hpp>
#include <bambu2mqtt/config/config_table.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace bambu2mqtt {

namespace {

constexpr std::string_view files_directory = "files.directory";

std::string dotted(const ConfigKey& key) {
    return key.section.empty() ? std::string{key.name} : fmt::format("{}.{}", key.section, key.name);
}

bool names_path(const ConfigKey& key) {
    using enum KeyType;
    return key.allowed.type == folder || key.allowed.type == existing_folder ||
           key.allowed.type == readable_file;
}

bool differs(const ConfigKey& key, const Config& left, const Config& right) {
    auto copied = right;
    key.copy(left, copied);
    return copied != right;
}

/// What is compared key by key: all but the printers.
Config without_printers(const Config& config) {
    Config rest = config;
    rest.printers.clear();
    return rest;
}

PrinterChange change_of(const PrinterConfig& running, const PrinterConfig& wanted) {
    if (running == wanted) {
        return PrinterChange::none;
    }
    Config left;
    left.printers.push_back(running);
    Config right;
    right.printers.push_back(wanted);
    const auto reconnects = [&](const ConfigKey& key) {
        return key.section == printer_section && key.change == KeyChange::reconnects &&
               differs(key, left, right);
    };
    return std::ranges::any_of(config_keys(), reconnects) ? PrinterChange::reconnects
                                                          : PrinterChange::settings;
}

/// Sorts the keys outside printers, and takes back those that need a restart.
void compare_keys(const Config& running, ConfigChange& change) {
    const auto before = without_printers(running);
    const auto after = without_printers(change.config);
    bool moves_path = false;
    for (const auto& key : config_keys()) {
        // A secret is compared under its own key, wherever it was read from.
        if (key.section == printer_section || key.allowed.type == KeyType::secret_file ||
            !differs(key, before, after)) {
            continue;
        }
        if (key.change == KeyChange::restarts) {
            key.copy(before, change.config);
            change.restart.push_back(dotted(key));
            moves_path = moves_path || names_path(key);
        } else {
            change.applied.push_back(dotted(key));
        }
    }
    if (moves_path && std::erase(change.applied, files_directory) > 0) {
        change.config.files.directory = running.files.directory;
        change.restart.emplace_back(files_directory);
    }
    change.config.broker.largest_packet = running.broker.largest_packet;
}

} // namespace

bool ConfigChange::any() const {
    return !applied.empty() || !removed.empty() ||
           std::ranges::any_of(printers, [](PrinterChange each) { return each != PrinterChange::none; });
}

ConfigChange config_change(const Config& running, Config wanted) {
    ConfigChange change{.config = std::move(wanted)};
    compare_keys(running, change);
    for (const auto& printer : change.config.printers) {
        const auto before = std::ranges::find(running.printers, printer.serial, &PrinterConfig::serial);
        change.printers.push_back(before == running.printers.end() ? PrinterChange::added
                                                                   : change_of(*before, printer));
    }
    std::ranges::copy_if(running.printers, std::back_inserter(change.removed), [&](const auto& printer) {
        return std::ranges::find(change.config.printers, printer.serial, &PrinterConfig::serial) ==
               change.config.printers.end();
    });
    return change;
}

} // namespace bambu2mqtt
