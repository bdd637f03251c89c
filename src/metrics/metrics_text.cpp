#include "metrics/rows.hpp"
#include <bambu2mqtt/metrics/metrics_text.hpp>

#include <fmt/format.h>

#include <iterator>
#include <optional>
#include <string_view>

namespace bambu2mqtt {

namespace {

void add_head(std::string& text, std::string_view name, MetricType type, std::string_view help) {
    fmt::format_to(std::back_inserter(text), "# HELP {0} {1}\n# TYPE {0} {2}\n", name, help,
                   type == MetricType::counter ? "counter" : "gauge");
}

/// `{id="...",model="..."}`. Both are words of letters, digits, spaces, "-" and "_": nothing to escape.
std::string labels_of(const PrinterSession& session) {
    return fmt::format(R"({{id="{}",model="{}"}})", session.settings().names.id,
                       session.printer().facts().traits().code);
}

/// A metric with one sample for each printer that has a value.
template <typename Value>
void add_for_printers(std::string& text, std::string_view name, MetricType type, std::string_view help,
                      const Bridge& bridge, const Value& value) {
    bool has_head = false;
    for (std::size_t i = 0; i < bridge.size(); ++i) {
        const PrinterSession& session = bridge.session(i);
        const std::optional<double> sample = value(session);
        if (!sample) {
            continue;
        }
        if (!has_head) {
            add_head(text, name, type, help);
            has_head = true;
        }
        fmt::format_to(std::back_inserter(text), "{}{} {}\n", name, labels_of(session), *sample);
    }
}

} // namespace

std::string metrics_text(const Bridge& bridge, const ProcessFigures& process, Now now) {
    std::string text;
    for (const auto& row : process_metrics()) {
        add_head(text, row.name, row.type, row.help);
        fmt::format_to(std::back_inserter(text), "{} {}\n", row.name, row.value(process));
    }
    for (const auto& row : gateway_metrics()) {
        add_head(text, row.name, row.type, row.help);
        fmt::format_to(std::back_inserter(text), "{} {}\n", row.name, row.value(bridge));
    }
    for (const auto& row : session_metrics()) {
        add_for_printers(text, row.name, row.type, row.help, bridge,
                         [&](const PrinterSession& session) { return row.value(session, now); });
    }
    for (const auto& row : entity_metrics()) {
        add_for_printers(text, row.name, MetricType::gauge, row.help, bridge,
                         [&](const PrinterSession& session) { return value_of(row, session.printer()); });
    }
    return text;
}

} // namespace bambu2mqtt
