// The tables of metrics: one row for each.
#pragma once

#include <bambu2mqtt/metrics/metrics_text.hpp>

#include <optional>
#include <span>
#include <string_view>

namespace bambu2mqtt {

enum class MetricType {
    counter, ///< only grows, except over a restart
    gauge,
};

struct ProcessMetric {
    std::string_view name{};
    MetricType type = MetricType::gauge;
    std::string_view help{};
    double (*value)(const ProcessFigures&) = nullptr;
};

struct GatewayMetric {
    std::string_view name{};
    MetricType type = MetricType::gauge;
    std::string_view help{};
    double (*value)(const Bridge&) = nullptr;
};

struct SessionMetric {
    std::string_view name{};
    MetricType type = MetricType::gauge;
    std::string_view help{};
    std::optional<double> (*value)(const PrinterSession&, Now) = nullptr; ///< nothing: no sample
};

/// A gauge with the value of an entity, in the base unit that Prometheus' naming rules name.
struct EntityMetric {
    std::string_view name{};
    std::string_view help{};
    std::string_view entity{}; ///< id of a number, or of a binary sensor (0 or 1)
    double factor = 1;         ///< from the entity's unit to the metric's
};

[[nodiscard]] std::span<const ProcessMetric> process_metrics();
[[nodiscard]] std::span<const GatewayMetric> gateway_metrics();
[[nodiscard]] std::span<const SessionMetric> session_metrics();
[[nodiscard]] std::span<const EntityMetric> entity_metrics();

/// Nothing while the printer does not have the entity, or its value is not known or no number.
[[nodiscard]] std::optional<double> value_of(const EntityMetric& metric, const Printer& printer);

} // namespace bambu2mqtt
