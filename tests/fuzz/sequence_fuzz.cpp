// Arbitrary bytes as the messages of a printer, one after another: the first byte selects the model and the
// rounding, a newline or a zero byte ends a message. After each of them the incrementally decoded values must
// equal a decoding of the complete report.
#include "unit/state/decode_fresh.hpp"
#include <bambu2mqtt/gateway/state_messages.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace bambu2mqtt;

void check(const Printer& printer, Rounding rounding) {
    const PrinterTopics topics{"b", "p"};
    for (std::size_t i = 0; i < printer.layout().instances().size(); ++i) {
        const auto& entity = *printer.layout().instances()[i].entity;
        const bool comparable = entity.decode != nullptr && printer.present(i) &&
                                !((entity.coarse || entity.hysteresis > 0) && rounding == Rounding::banded);
        if (comparable && printer.value(i) != test::decode_fresh(printer, i)) {
            std::abort();
        }
        static_cast<void>(state_messages(printer, i, topics));
    }
    static_cast<void>(availability_messages(printer, topics, Reachable::yes));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    static ReportParser parser;
    const auto choice = std::size_t{data[0]};
    const auto kinds = models().size() + 1;
    const auto model = choice % kinds == 0 ? std::nullopt : std::optional{models()[choice % kinds - 1].model};
    const auto rounding = choice >= 128 ? Rounding::banded : Rounding::plain;
    Printer printer{"TEST", model, rounding};
    // The bytes are only read as characters, which may alias anything.
    std::string_view rest{reinterpret_cast<const char*>(data) + 1, size - 1};
    Now now{.instant = Instant{}, .wall = WallTime{std::chrono::seconds{1767600000}}};
    for (int messages = 0; !rest.empty() && messages < 64; ++messages) {
        const auto end = std::min(rest.find_first_of(std::string_view{"\0\n", 2}), rest.size());
        static_cast<void>(printer.take(rest.substr(0, end), parser, now));
        check(printer, rounding);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        now.instant += std::chrono::seconds{2};
        now.wall += std::chrono::seconds{2};
        if (messages % 8 == 7) {
            static_cast<void>(printer.tick(now));
            printer.count_absence(2);
            static_cast<void>(printer.forget_absent_units(16));
            check(printer, rounding);
        }
    }
    return 0;
}
