#include <bambu2mqtt/state/printer_event.hpp>

#include <nlohmann/json.hpp>

#include <array>

namespace bambu2mqtt {

namespace {

OrderedJson number_or_null(const std::optional<std::int64_t>& number) {
    return number ? OrderedJson(*number) : OrderedJson(nullptr);
}

/// Additional payload keys of some types.
enum class Extra : std::uint8_t { unit, slot, from, to };

struct ExtraKey {
    std::string_view type{};
    Extra what{};
    const char* key = nullptr;
};

constexpr std::array extra_keys{
    ExtraKey{"filament_runout", Extra::unit, "unit"},  ExtraKey{"filament_runout", Extra::slot, "slot"},
    ExtraKey{"filament_changed", Extra::from, "from"}, ExtraKey{"filament_changed", Extra::to, "to"},
    ExtraKey{"drying_finished", Extra::unit, "unit"},
};

OrderedJson extra(const PrinterEvent& printer_event, Extra what) {
    switch (what) {
    case Extra::unit:
        return text_or_null(printer_event.unit);
    case Extra::slot:
        return number_or_null(printer_event.slot);
    case Extra::from:
        return text_or_null(printer_event.from);
    case Extra::to:
        return text_or_null(printer_event.to);
    }
    return nullptr;
}

} // namespace

OrderedJson to_json(const PrinterEvent& printer_event) {
    OrderedJson payload{{"event_type", printer_event.type},
                        {"time", rfc3339(printer_event.time)},
                        {"task", text_or_null(printer_event.task)},
                        {"file", text_or_null(printer_event.file)},
                        {"progress", number_or_null(printer_event.progress)},
                        {"code", text_or_null(printer_event.code)},
                        {"duration", number_or_null(printer_event.duration)}};
    for (const auto& row : extra_keys) {
        if (row.type == printer_event.type) {
            payload[row.key] = extra(printer_event, row.what);
        }
    }
    if (printer_event.late) {
        payload["observed"] = "late";
    }
    return payload;
}

} // namespace bambu2mqtt
