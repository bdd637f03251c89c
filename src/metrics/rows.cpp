#include "metrics/rows.hpp"

#include <bambu2mqtt/printer/job_state.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <variant>

namespace bambu2mqtt {

namespace {

using enum MetricType;

double number(std::uint64_t value) {
    return static_cast<double>(value);
}

// The first five have the names and texts that Prometheus' client libraries give them.
constexpr std::array process_rows{
    ProcessMetric{"process_cpu_seconds_total", counter, "Total user and system CPU time spent in seconds.",
                  [](const ProcessFigures& process) { return process.cpu_seconds; }},
    ProcessMetric{"process_resident_memory_bytes", gauge, "Resident memory size in bytes.",
                  [](const ProcessFigures& process) { return number(process.resident_bytes); }},
    ProcessMetric{"process_open_fds", gauge, "Number of open file descriptors.",
                  [](const ProcessFigures& process) { return number(process.open_files); }},
    ProcessMetric{"process_max_fds", gauge, "Maximum number of open file descriptors.",
                  [](const ProcessFigures& process) { return number(process.open_files_limit); }},
    ProcessMetric{"process_start_time_seconds", gauge,
                  "Start time of the process since unix epoch in seconds.",
                  [](const ProcessFigures& process) { return process.start_time; }},
};

constexpr std::array gateway_rows{
    GatewayMetric{"bambu2mqtt_broker_connected", gauge, "1 while a session with the user's broker is open.",
                  [](const Bridge& bridge) { return bridge.broker_up() ? 1.0 : 0.0; }},
    GatewayMetric{"bambu2mqtt_printers", gauge, "Configured printers.",
                  [](const Bridge& bridge) { return number(bridge.size()); }},
    GatewayMetric{"bambu2mqtt_messages_received_total", counter, "Messages from all printers.",
                  [](const Bridge& bridge) { return number(bridge.health().received()); }},
    GatewayMetric{"bambu2mqtt_messages_sent_total", counter, "Messages that the user's broker took.",
                  [](const Bridge& bridge) { return number(bridge.health().sent()); }},
    GatewayMetric{"bambu2mqtt_publish_delay_seconds", gauge,
                  "Median time from a report to its first message, of the last 127; 0 before the first.",
                  [](const Bridge& bridge) { return bridge.health().delay_ms() / 1000; }},
    GatewayMetric{"bambu2mqtt_internal_errors_total", counter,
                  "Exceptions that were caught; each is in the log.",
                  [](const Bridge& bridge) { return number(bridge.health().internal_errors()); }},
};

using Sample = std::optional<double>;

/// A row for a member of SessionCounters.
template <auto member>
constexpr SessionMetric counted(std::string_view name, std::string_view help) {
    return {name, counter, help, [](const PrinterSession& session, Now /*now*/) -> Sample {
                return number(session.counters().*member);
            }};
}

constexpr std::array session_rows{
    SessionMetric{"bambu2mqtt_printer_connected", gauge, "1 while the printer is connected and reports.",
                  [](const PrinterSession& session, Now /*now*/) -> Sample {
                      return session.connection().state() == ConnectionState::connected ? 1.0 : 0.0;
                  }},
    SessionMetric{"bambu2mqtt_printer_session_seconds", gauge, "Age of the session with the printer.",
                  [](const PrinterSession& session, Now now) -> Sample {
                      const auto since = session.connection().up_since();
                      return since ? Sample{std::chrono::duration<double>(now.instant - *since).count()}
                                   : std::nullopt;
                  }},
    counted<&SessionCounters::connections>("bambu2mqtt_printer_connections_total",
                                           "Sessions with the printer that were opened."),
    counted<&SessionCounters::reports>("bambu2mqtt_printer_reports_total", "Messages of the printer."),
    counted<&SessionCounters::report_bytes>("bambu2mqtt_printer_report_bytes_total",
                                            "Payload bytes of the printer's messages."),
    counted<&SessionCounters::losses>(
        "bambu2mqtt_printer_report_losses_total",
        "Times that messages of the printer were dropped because it sent them too fast."),
    SessionMetric{"bambu2mqtt_printer_last_report_timestamp_seconds", gauge,
                  "Unix time of the printer's last message.",
                  [](const PrinterSession& session, Now /*now*/) -> Sample {
                      const auto& at = session.counters().last_report_at;
                      return at ? Sample{static_cast<double>(at->time_since_epoch().count())} : std::nullopt;
                  }},
    counted<&SessionCounters::commands_succeeded>("bambu2mqtt_printer_commands_succeeded_total",
                                                  "Commands with the outcome effective, accepted or done."),
    counted<&SessionCounters::commands_failed>("bambu2mqtt_printer_commands_failed_total",
                                               "Commands with the outcome refused, unconfirmed or failed."),
    SessionMetric{"bambu2mqtt_printer_printing", gauge, "1 while a job runs, 0 otherwise, also while paused.",
                  [](const PrinterSession& session, Now /*now*/) -> Sample {
                      const auto state = job_state(session.printer().report_state());
                      return state == JobState::unknown ? std::nullopt
                                                        : Sample{state == JobState::running ? 1.0 : 0.0};
                  }},
};

constexpr double percent = 0.01;
constexpr double minutes = 60;

constexpr std::array entity_rows{
    EntityMetric{"bambu2mqtt_printer_nozzle_temperature_celsius", "Temperature of the active nozzle.",
                 "nozzle_temperature"},
    EntityMetric{"bambu2mqtt_printer_nozzle_target_celsius", "Target temperature of the active nozzle.",
                 "nozzle_target_temperature"},
    EntityMetric{"bambu2mqtt_printer_bed_temperature_celsius", "Temperature of the bed.", "bed_temperature"},
    EntityMetric{"bambu2mqtt_printer_bed_target_celsius", "Target temperature of the bed.",
                 "bed_target_temperature"},
    EntityMetric{"bambu2mqtt_printer_chamber_temperature_celsius", "Temperature of the chamber.",
                 "chamber_temperature"},
    EntityMetric{"bambu2mqtt_printer_progress_ratio", "Progress of the job, 0 to 1.", "print_progress",
                 percent},
    EntityMetric{"bambu2mqtt_printer_remaining_seconds", "Remaining time of the job.", "remaining_time",
                 minutes},
    EntityMetric{"bambu2mqtt_printer_current_layer", "Layer that is printed.", "current_layer"},
    EntityMetric{"bambu2mqtt_printer_total_layers", "Layers of the job.", "total_layers"},
    EntityMetric{"bambu2mqtt_printer_part_fan_ratio", "Speed of the part cooling fan, 0 to 1.", "part_fan",
                 percent},
    EntityMetric{"bambu2mqtt_printer_wifi_signal_dbm", "Signal strength of the printer's Wi-Fi.",
                 "wifi_signal"},
    EntityMetric{"bambu2mqtt_printer_hms_messages", "Health messages that the printer shows.", "hms_count"},
    EntityMetric{"bambu2mqtt_printer_print_error", "1 while the printer shows a print error.", "print_error"},
};

} // namespace

std::span<const ProcessMetric> process_metrics() {
    return process_rows;
}

std::span<const GatewayMetric> gateway_metrics() {
    return gateway_rows;
}

std::span<const SessionMetric> session_metrics() {
    return session_rows;
}

std::span<const EntityMetric> entity_metrics() {
    return entity_rows;
}

std::optional<double> value_of(const EntityMetric& metric, const Printer& printer) {
    const auto index = printer.layout().find(metric.entity);
    if (!index) {
        return std::nullopt;
    }
    const auto& value = printer.value(*index);
    if (const auto* const flag = std::get_if<bool>(&value)) {
        return *flag ? 1.0 : 0.0;
    }
    const auto number = number_in(value);
    return number ? std::optional{*number * metric.factor} : std::nullopt;
}

} // namespace bambu2mqtt
