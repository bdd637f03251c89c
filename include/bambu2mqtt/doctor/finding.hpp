// What the command doctor can find: one row for each, from which the table in docs/troubleshooting.md is
// generated. Texts only: the checks that lead to them are in src/io/doctor and src/doctor/report_checks.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace bambu2mqtt {

/// A fault that a check recognises. In the order of the checks.
enum class Fault : std::uint8_t {
    configuration_invalid,
    gateway_running,
    broker_name_unknown,
    broker_unreachable,
    broker_untrusted,
    broker_login_refused,
    broker_full,
    broker_publish_refused,
    broker_subscribe_refused,
    broker_no_echo,
    home_assistant_offline,
    printer_without_address,
    printer_name_unknown,
    printer_unreachable,
    mqtt_port_blocked,
    ftps_port_blocked,
    pin_unreadable,
    certificate_changed,
    certificate_of_another,
    certificate_unverified,
    certificate_expired,
    clock_behind,
    access_code_refused,
    printer_login_failed,
    no_reports,
    signature_needed,
    storage_missing,
    storage_faulty,
    storage_read_only,
    printer_clock_wrong,
};

/// One row of the table.
struct Finding {
    Fault fault{};
    std::string_view id{};     ///< for programs; never changes
    std::string_view text{};   ///< what is wrong: a sentence
    std::string_view advice{}; ///< what to do: one or more sentences
    bool minor = false;        ///< the gateway works nevertheless, without a part of its functions
};

/// All rows, in the order of Fault.
[[nodiscard]] std::span<const Finding> findings();

/// The row of a fault.
[[nodiscard]] const Finding& finding_of(Fault fault);

} // namespace bambu2mqtt
