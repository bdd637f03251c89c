// Texts about connections for users.
#include <bambu2mqtt/gateway/connection.hpp>

#include <fmt/format.h>

#include <array>
#include <cstddef>

namespace bambu2mqtt {

std::string_view name_of(ConnectionState state) {
    constexpr std::array<std::string_view, 9> names{"connecting",   "connected",     "unreachable",
                                                    "auth_refused", "tls_untrusted", "no_reports",
                                                    "stale",        "paused",        "pin_unavailable"};
    return names[static_cast<std::size_t>(state)];
}

std::string Connection::hint(std::string_view id) const {
    switch (state_) {
    case ConnectionState::auth_refused:
        return "check access_code: switching LAN Only or Developer Mode on the printer creates a new one";
    case ConnectionState::tls_untrusted:
        return hint_when_untrusted(id);
    case ConnectionState::pin_unavailable:
        return "check that state_directory can be read and written and that its disk is not full: the "
               "printer's certificate is stored there before anything is sent to the printer";
    case ConnectionState::no_reports:
        return "check serial: printers ignore clients that subscribe with another serial";
    case ConnectionState::paused:
        return "send start_session to resume";
    case ConnectionState::unreachable:
        return std::string{hint_when_unreachable()};
    default:
        return {};
    }
}

std::string Connection::hint_when_untrusted(std::string_view id) const {
    if (shown_failure_ == LinkFailure::not_yet_valid) {
        return "set the clock of this machine: according to it the printer's certificate is not valid "
               "yet; the gateway retries as soon as the clock is set";
    }
    if (shown_failure_ == LinkFailure::expired) {
        return "check the clock of this machine; if it is right, the printer's certificate has expired, "
               "and only the printer can get a new one";
    }
    if (places_.proven().empty()) {
        return "set host: at an address that was only announced a certificate is trusted only if it "
               "names the serial";
    }
    if (shown_failure_ == LinkFailure::wrong_name) {
        return "check serial and host: another printer, or another device, answers at this address";
    }
    return fmt::format("if its certificate was renewed on purpose, trust it with: bambu2mqtt pin {} (or, "
                       "with control.trust_commands, trust_certificate and this fingerprint); the gateway "
                       "notices it within some seconds; with tls = \"ca\" check ca_file",
                       id);
}

std::string_view Connection::hint_when_unreachable() const {
    if (never_reported_) {
        return "check serial: some printers disconnect clients that subscribe with another serial";
    }
    if (places_.host().empty()) {
        return "set host, or check that announcements arrive: printers send them on UDP 2021 and 1990, in "
               "their own network only; a container needs the host's network for that";
    }
    if (places_.held_back()) {
        return "check host: the printer announces itself at another address (bambu2mqtt discover shows it), "
               "but the first certificate is trusted only at host";
    }
    return places_.configured().empty() ? "check that the printer is switched on and in the same network"
                                        : "check host, and that the printer is switched on and in the same "
                                          "network";
}

} // namespace bambu2mqtt
