// A printer's published values, seen from outside.
#pragma once

#include <bambu2mqtt/entity/spools.hpp>
#include <bambu2mqtt/state/printer.hpp>

#include <cmath>
#include <cstdint>
#include <variant>

namespace bambu2mqtt::test {

/// An entity's value decoded from the complete report, with plain rounding.
[[nodiscard]] inline Value decode_fresh(const Printer& printer, std::size_t index) {
    const auto& instance = printer.layout().instances()[index];
    auto gateway = printer.gateway();
    gateway.feed = active_feed(printer.report_state(), printer.facts());
    const auto value = instance.entity->decode(
        View{printer.report_state(), gateway, printer.facts(), *instance.entity, instance.place});
    const auto* const number = std::get_if<double>(&value);
    return number != nullptr && instance.entity->coarse
               ? Value{static_cast<std::int64_t>(std::lround(*number))}
               : value;
}

} // namespace bambu2mqtt::test
