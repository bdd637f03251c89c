// What users read about a connection.
#include <bambu2mqtt/gateway/connection.hpp>

#include <array>
#include <cstddef>

namespace bambu2mqtt {

std::string_view name_of(ConnectionState state) {
    constexpr std::array<std::string_view, 9> names{"connecting",   "connected",     "unreachable",
                                                    "auth_refused", "tls_untrusted", "no_reports",
                                                    "stale",        "paused",        "pin_unavailable"};
    return names[static_cast<std::size_t>(state)];
}

std::string_view Connection::hint() const {
    switch (state_) {
    case ConnectionState::auth_refused:
        return "check access_code: switching LAN Only or Developer Mode on the printer makes a new one";
    case ConnectionState::tls_untrusted:
        if (shown_failure_ == LinkFailure::not_yet_valid) {
            return "set the clock of this machine: by it the printer's certificate is not valid yet; it is "
                   "tried again at once when the clock is set";
        }
        if (shown_failure_ == LinkFailure::expired) {
            return "check the clock of this machine; if it is right, the printer's certificate has expired, "
                   "and only the printer can get a new one";
        }
        if (places_.proven().empty()) {
            return "set host: where the printer is only announced, no certificate is trusted but one that "
                   "names the serial";
        }
        return "if the printer was replaced or its firmware renewed its certificate, trust it with: "
               "bambu2mqtt pin, or, with control.trust_commands, with the command trust_certificate and the "
               "fingerprint shown here; with tls = \"ca\" see that ca_file is the authority's";
    case ConnectionState::pin_unavailable:
        return "see that state_directory can be read and written and that its disk is not full: the "
               "printer's certificate is kept there, and nothing is sent to the printer before it is";
    case ConnectionState::no_reports:
        return "check serial: a printer is silent towards a client that asks for another serial";
    case ConnectionState::paused:
        return "send start_session to go on";
    case ConnectionState::unreachable:
        return hint_when_unreachable();
    default:
        return {};
    }
}

std::string_view Connection::hint_when_unreachable() const {
    if (never_reported_) {
        return "check serial: some printers hang up on a client that asks for another serial";
    }
    if (places_.host().empty()) {
        return "set host, or see that announcements arrive: printers send them on UDP 2021 and 1990, in "
               "their own network only; a container needs the host's network for that";
    }
    if (places_.held_back()) {
        return "check host: the printer announces itself at another address (bambu2mqtt discover shows it), "
               "but the first certificate is trusted at host alone";
    }
    return places_.configured().empty() ? "check that the printer is switched on and in the same network"
                                        : "check host, and that the printer is switched on and in the same "
                                          "network";
}

} // namespace bambu2mqtt
