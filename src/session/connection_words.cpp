// What users read about a connection.
#include <bambu2mqtt/session/connection.hpp>

#include <array>
#include <cstddef>

namespace bambu2mqtt {

std::string_view name_of(ConnectionState state) {
    constexpr std::array<std::string_view, 8> names{"connecting",   "connected",     "unreachable",
                                                    "auth_refused", "tls_untrusted", "no_reports",
                                                    "stale",        "paused"};
    return names[static_cast<std::size_t>(state)];
}

std::string_view Connection::hint() const {
    switch (state_) {
    case ConnectionState::auth_refused:
        return "check access_code: switching LAN Only or Developer Mode on the printer makes a new one";
    case ConnectionState::tls_untrusted:
        return "if the printer was replaced or its firmware renewed its certificate, trust it with: "
               "bambu2mqtt pin, or with the command trust_certificate and the fingerprint shown here; with "
               "tls = \"ca\" see that ca_file is the authority's";
    case ConnectionState::no_reports:
        return "check serial: a printer is silent towards a client that asks for another serial";
    case ConnectionState::paused:
        return "send start_session to go on";
    case ConnectionState::unreachable:
        if (never_reported_) {
            return "check serial: some printers hang up on a client that asks for another serial";
        }
        if (places_.host().empty()) {
            return "set host, or see that announcements arrive: printers send them on UDP 2021 and 1990, in "
                   "their own network only; a container needs the host's network for that";
        }
        return places_.configured().empty() ? "check that the printer is switched on and in the same network"
                                            : "check host, and that the printer is switched on and in the "
                                              "same network";
    default:
        return {};
    }
}

} // namespace bambu2mqtt
