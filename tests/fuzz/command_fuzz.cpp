// Arbitrary bytes as a command to a printer in any state, and as answers of that printer. Line by line: a
// model, a command (an unknown name is mapped to one), its arguments, and then messages of the report topic.
// Preparing never throws, no plan has a request that printers would not understand, and every answer can be
// turned into an outcome.
#include "unit/command/plan_rules.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/printer/reply.hpp>
#include <bambu2mqtt/state/printer.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace bambu2mqtt;

std::string_view next_line(std::string_view& rest) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return line;
}

const Command& command_called(std::string_view name) {
    if (const auto* const found = find_command(name)) {
        return *found;
    }
    static_cast<void>(unknown_command(name));
    std::size_t sum = 0;
    for (const char c : name) {
        sum += static_cast<unsigned char>(c);
    }
    return commands()[sum % commands().size()];
}

void take_answers(std::string_view messages, Printer& printer) {
    static ReportParser parser;
    while (!messages.empty()) {
        const auto message = next_line(messages);
        static_cast<void>(printer.take(message, parser, std::nullopt));
        if (const auto report = parser.parse(message); report.has_value()) {
            if (const auto reply = reply_of(*report)) {
                if (words_of(*reply).empty() || reply->space.empty()) {
                    std::abort();
                }
            }
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The bytes are only read as characters, which may alias anything.
    std::string_view rest{reinterpret_cast<const char*>(data), size};
    const auto model = parse_model(next_line(rest));
    const auto& command = command_called(next_line(rest));
    const auto given = read::json(next_line(rest)).value_or(Json::object());
    Printer printer{"TEST", model, Rounding::plain};
    take_answers(rest, printer);
    const CommandPolicy policy{.raw_commands = true, .trust_commands = true};
    const Situation situation{printer.report_state(),
                              printer.gateway(),
                              printer.facts(),
                              printer.layout(),
                              printer.values(),
                              policy,
                              1767600000};
    if (const auto fault = test::fault_of(command, given, situation); !fault.empty()) {
        std::fprintf(stderr, "%s\n", fault.c_str());
        std::abort();
    }
    return 0;
}
