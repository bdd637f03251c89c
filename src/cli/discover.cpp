#include "cli/discover.hpp"

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/io/ssdp/ssdp_search.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <ostream>
#include <string>
#include <string_view>

namespace bambu2mqtt {

namespace {

constexpr int exit_nothing_received = 1;

/// Limit, as any host can announce any number of printers.
constexpr std::size_t most_printers = 1000;

constexpr std::string_view row = "{:<15}  {:<7}  {:<15}  {:<13}  {:<14}  {}\n";

/// The configured form, else as announced.
std::string_view model_of(const PrinterNotice& printer) {
    return printer.model == Model::unknown ? printer.model_code : traits(printer.model).code;
}

std::string or_dash(std::string_view text) {
    return std::string{text.empty() ? "-" : text};
}

/// "lan, free".
std::string mode_of(const PrinterNotice& printer) {
    const auto* const between = printer.connect.empty() || printer.bind.empty() ? "" : ", ";
    return or_dash(printer.connect + between + printer.bind);
}

std::string line_of(const PrinterNotice& printer) {
    return fmt::format(fmt::runtime(row), printer.serial, or_dash(model_of(printer)), printer.address,
                       or_dash(printer.firmware), mode_of(printer), or_dash(printer.name));
}

OrderedJson notice_json(const PrinterNotice& printer) {
    return OrderedJson{{"serial", printer.serial},
                       {"model", printer.model == Model::unknown ? OrderedJson(nullptr)
                                                                 : OrderedJson(traits(printer.model).code)},
                       {"model_code", text_or_null(printer.model_code)},
                       {"name", text_or_null(printer.name)},
                       {"address", printer.address},
                       {"firmware", text_or_null(printer.firmware)},
                       {"connect", text_or_null(printer.connect)},
                       {"bind", text_or_null(printer.bind)}};
}

} // namespace

int run_discover(const Options& options, std::ostream& output, std::ostream& diagnostics) {
    const auto doors = ssdp_endpoints();
    diagnostics << fmt::format("listening for {} s on UDP {}\n", options.seconds.count(),
                               fmt::join(doors.ports, " and "));
    std::map<std::string, PrinterNotice> found;
    const auto take = [&](const PrinterNotice& printer) {
        const auto known = found.find(printer.serial);
        const bool is_new = known == found.end();
        if ((is_new && found.size() >= most_printers) || (!is_new && known->second == printer)) {
            return true;
        }
        if (found.empty() && !options.json) {
            output << fmt::format(fmt::runtime(row), "SERIAL", "MODEL", "ADDRESS", "FIRMWARE", "MODE",
                                  "NAME");
        }
        found.insert_or_assign(printer.serial, printer);
        output << (options.json ? notice_json(printer).dump() + "\n" : line_of(printer)) << std::flush;
        return true;
    };
    const bool listened = search_printers(doors, std::chrono::steady_clock::now() + options.seconds, take,
                                          [&](const std::string& text) { diagnostics << text << '\n'; });
    if (found.empty()) {
        diagnostics << (listened ? "no printer has announced itself; announcements arrive only within the "
                                   "printers' network "
                                   "segment, and in a container only with the host's network\n"
                                 : "no UDP port could be opened\n");
        return exit_nothing_received;
    }
    return 0;
}

} // namespace bambu2mqtt
