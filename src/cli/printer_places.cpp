#include "cli/printer_places.hpp"

#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/io/disk/state_files.hpp>
#include <bambu2mqtt/io/ssdp/ssdp_search.hpp>
#include <bambu2mqtt/printer/serial.hpp>
#include <bambu2mqtt/printer/ssdp_announcement.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <ostream>

namespace bambu2mqtt {

const PrinterConfig* find_printer(const Config& config, const std::string& wanted) {
    const auto serial = read_serial(wanted); // in any case
    const auto found = std::ranges::find_if(config.printers, [&](const PrinterConfig& printer) {
        return printer.id == wanted || printer.serial == serial || printer.name == wanted;
    });
    return found == config.printers.end() ? nullptr : &*found;
}

std::string learned_address(const Config& config, const PrinterConfig& printer, std::ostream& diagnostics) {
    const StateFiles files{config.state_directory,
                           [&](const std::string& text) { diagnostics << text << '\n'; }};
    const auto saved = files.load(printer.serial);
    return host_address(read::text_member(saved, "address")).value_or("");
}

std::map<std::string, std::string> announced_addresses(const std::vector<std::string>& serials,
                                                       std::ostream& diagnostics) {
    std::map<std::string, std::string> found;
    if (serials.empty()) {
        return found;
    }
    const auto take = [&](const PrinterNotice& printer) {
        if (std::ranges::find(serials, printer.serial) != serials.end()) {
            found.emplace(printer.serial, printer.address);
        }
        return found.size() < serials.size();
    };
    (void)search_printers(ssdp_endpoints(), std::chrono::steady_clock::now() + every_printer_announced, take,
                          [&](const std::string& text) { diagnostics << text << '\n'; });
    return found;
}

} // namespace bambu2mqtt
