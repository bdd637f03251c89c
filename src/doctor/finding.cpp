#include <bambu2mqtt/doctor/finding.hpp>

#include <array>
#include <cstddef>

namespace bambu2mqtt {

namespace {

// clang-format off
constexpr std::array finding_rows{
    Finding{Fault::configuration_invalid, "configuration_invalid", "The configuration file cannot be used.", "Correct the keys that are named, in the lines that are named; `bambu2mqtt check` shows the same list."},
    Finding{Fault::gateway_running, "gateway_running", "A gateway runs with this state directory and cannot be asked; a second session would disturb its printers.", "Run doctor as the user of the gateway, or as root. If that does not help, look at its topics `B/P/connection`, whose attributes have the reason and the advice, or stop the gateway."},
    Finding{Fault::broker_name_unknown, "broker_name_unknown", "The name of the broker has no address.", "Correct `broker.url`, or enter the broker's IP address there."},
    Finding{Fault::broker_unreachable, "broker_unreachable", "Nothing answers at the broker's address and port.", "Check that the broker runs, that `broker.url` has its address and port, and that no firewall is between. Mosquitto listens on other machines' requests only with a `listener` in its configuration."},
    Finding{Fault::broker_untrusted, "broker_untrusted", "The broker's certificate is not trusted, or its port does not use TLS.", "Set `broker.ca_file` to the certificate of the authority, use the host name that the certificate names, and the port for TLS; without TLS the URL begins with `mqtt://`."},
    Finding{Fault::broker_login_refused, "broker_login_refused", "The broker refuses the login.", "Check `broker.username` and `broker.password`, and that the broker knows this user."},
    Finding{Fault::broker_full, "broker_full", "The broker accepts no further client.", "Raise its limit of connections or quota (Mosquitto: `max_connections`), or check that the port belongs to an MQTT broker: it ends the connection during the login."},
    Finding{Fault::broker_publish_refused, "broker_publish_refused", "The user may not publish on topics that the gateway needs.", "Give the user the right to write below the topic that is named; `examples/mosquitto/acl` shows how."},
    Finding{Fault::broker_subscribe_refused, "broker_subscribe_refused", "The user may not subscribe to topics that the gateway needs: messages do not arrive.", "Give the user the right to read below the topic that is named; `examples/mosquitto/acl` shows how."},
    Finding{Fault::broker_no_echo, "broker_no_echo", "A message of the user does not arrive at the user's own subscription.", "Give the user the right to read and to write below the topic that is named; this broker does not say which of them is missing."},
    Finding{Fault::home_assistant_offline, "home_assistant_offline", "Home Assistant has reported on its status topic that it is offline.", "Start Home Assistant and its MQTT integration with this broker.", true},
    Finding{Fault::printer_without_address, "printer_without_address", "The printer has no configured address and has not announced itself.", "Switch the printer on, or set its `host`. Announcements arrive only within the printer's own network segment."},
    Finding{Fault::printer_name_unknown, "printer_name_unknown", "The name of the printer has no address.", "Correct `host`, or enter the printer's IP address there."},
    Finding{Fault::printer_unreachable, "printer_unreachable", "Nothing answers at the printer's address.", "Switch the printer on and check `host`: `bambu2mqtt discover` shows the addresses of printers in the same network. Between networks a router must let the ports 8883 and 990 pass."},
    Finding{Fault::mqtt_port_blocked, "mqtt_port_blocked", "The printer's port for MQTT (8883) does not answer, its port for files does.", "Let port 8883 pass in firewall and router. If it is open, restart the printer: some accept only a few clients."},
    Finding{Fault::ftps_port_blocked, "ftps_port_blocked", "The printer's port for files (990) does not answer, its port for MQTT does.", "Let port 990 pass in firewall and router. Everything but file commands works without it.", true},
    Finding{Fault::pin_unreadable, "pin_unreadable", "The stored certificate of the printer cannot be used.", "Run doctor as the user of the gateway, and make `state_directory` readable for that user. If the file was damaged, run `bambu2mqtt pin PRINTER`."},
    Finding{Fault::certificate_changed, "certificate_changed", "The printer presents another certificate than the trusted one.", "If its firmware or mainboard was renewed, run `bambu2mqtt pin PRINTER` and compare the fingerprint. If nothing was renewed, another machine may answer at this address."},
    Finding{Fault::certificate_of_another, "certificate_of_another", "The certificate at this address does not name the configured serial.", "Compare `serial` with the one on the printer's screen, and `host` with the printer's address: another printer may have it now."},
    Finding{Fault::certificate_unverified, "certificate_unverified", "The printer's certificate was not issued by the configured authority.", "Set `ca_file` to the authority of this printer's generation, or use `tls = \"pin\"`."},
    Finding{Fault::certificate_expired, "certificate_expired", "The printer's certificate has expired by the clock of this machine.", "Check the clock of this machine. If it is right, only the printer can get a new certificate: update its firmware."},
    Finding{Fault::clock_behind, "clock_behind", "The printer's certificate is not valid yet by the clock of this machine.", "Set the clock of this machine."},
    Finding{Fault::access_code_refused, "access_code_refused", "The printer refuses the access code.", "Read the access code on the printer's screen again: it changes when LAN Only or Developer Mode is switched."},
    Finding{Fault::printer_login_failed, "printer_login_failed", "The printer ends the connection during the login.", "Close other programs that use the printer, as it accepts only a few clients, and restart it."},
    Finding{Fault::no_reports, "no_reports", "The printer accepts the login and sends no report.", "Check `serial`: printers do not answer clients that use another serial. If it is right, restart the printer."},
    Finding{Fault::signature_needed, "signature_needed", "The printer accepts only signed commands.", "Switch on LAN Only and Developer Mode on the printer, or set `control.allow = \"none\"` to read only.", true},
    Finding{Fault::storage_missing, "storage_missing", "The printer has no storage for files.", "Insert an SD card or a USB stick into the printer.", true},
    Finding{Fault::storage_faulty, "storage_faulty", "The printer reports that its storage is faulty.", "Format the SD card or USB stick at the printer, or replace it.", true},
    Finding{Fault::storage_read_only, "storage_read_only", "The printer's storage is write-protected.", "Remove the write protection of the SD card, or replace it.", true},
    Finding{Fault::printer_clock_wrong, "printer_clock_wrong", "The clock of the printer differs from the clock of this machine by more than five minutes.", "Check the clock of this machine. A printer sets its own clock from the internet: without that, only the times in its file names are wrong.", true},
};

// clang-format on

constexpr bool rows_in_order() {
    for (std::size_t i = 0; i < finding_rows.size(); ++i) {
        if (static_cast<std::size_t>(finding_rows[i].fault) != i) {
            return false;
        }
    }
    return true;
}

static_assert(rows_in_order());
static_assert(finding_rows.size() == static_cast<std::size_t>(Fault::printer_clock_wrong) + 1);

} // namespace

std::span<const Finding> findings() {
    return finding_rows;
}

const Finding& finding_of(Fault fault) {
    return finding_rows[static_cast<std::size_t>(fault)];
}

} // namespace bambu2mqtt
