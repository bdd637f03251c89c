// Arbitrary bytes as one message to a new printer: handling never throws and never crashes, and every value,
// attribute and state message can be written.
#include <bambu2mqtt/gateway/state_messages.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace bambu2mqtt;

void read_everything(const Printer& printer) {
    const PrinterTopics topics{"b", "p"};
    for (std::size_t i = 0; i < printer.layout().instances().size(); ++i) {
        for (const auto& message : state_messages(printer, i, topics)) {
            if (message.topic.empty() || message.payload.empty()) {
                std::abort();
            }
        }
        static_cast<void>(json_of(printer.value(i)).dump(-1, ' ', false, Json::error_handler_t::replace));
    }
    if (facts_from_json(to_json(printer.facts())).units.size() != printer.facts().units.size()) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static ReportParser parser;
    // The bytes are only read as characters, which may alias anything.
    const std::string_view message{reinterpret_cast<const char*>(data), size};
    Printer printer{"TEST", std::nullopt, Rounding::plain};
    const bool taken =
        printer
            .take(message, parser,
                  Now{.instant = Instant{}, .wall = WallTime{std::chrono::seconds{1767600000}}})
            .has_value();
    read_everything(printer);
    if (taken) {
        // A repeated message must not change anything or fail.
        static_cast<void>(printer.take(message, parser, std::nullopt));
        read_everything(printer);
    }
    return 0;
}
