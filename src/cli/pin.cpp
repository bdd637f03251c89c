// The command pin: shows the certificate a printer presents, and trusts it after confirmation.
#include "cli/commands.hpp"
#include "cli/printer_places.hpp"
#include "cli/setup.hpp"
#include <bambu2mqtt/io/disk/state_directory.hpp>
#include <bambu2mqtt/io/thread/services.hpp>
#include <bambu2mqtt/io/tls/tls_probe.hpp>
#include <bambu2mqtt/io/tls/trust_store.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <istream>
#include <ostream>
#include <string>
#include <system_error>
#include <vector>

namespace bambu2mqtt {

namespace {

constexpr int exit_not_pinned = 1;
constexpr int exit_no_such_printer = 2;

/// Addresses to check, in this order. Announced ones are not used: any host can announce a printer.
std::vector<std::string> places_of(const Config& config, const PrinterConfig& printer,
                                   std::ostream& diagnostics) {
    std::vector<std::string> places{printer.host};
    if (follows_announcements(printer)) {
        places.push_back(learned_address(config, printer, diagnostics));
    }
    std::erase(places, std::string{});
    return places;
}

/// The certificate at the first address that answers.
expected<PeerCertificate, Error> find_certificate(const std::vector<std::string>& places,
                                                  const PrinterConfig& printer, std::ostream& diagnostics) {
    for (const auto& host : places) {
        auto certificate = probe_certificate(host, printer.mqtt_port, printer.serial, printer.ca_file);
        if (certificate) {
            return certificate;
        }
        diagnostics << fmt::format("{} ({}:{}): {}\n", printer.id, host, printer.mqtt_port,
                                   certificate.error().detail);
    }
    return failure(Problem::unavailable,
                   places.empty() ? fmt::format("{}: host is not set, and the gateway has never reached the "
                                                "printer: set host (bambu2mqtt discover shows addresses)",
                                                printer.id)
                                  : fmt::format("{}: no certificate was seen", printer.id));
}

void show_certificate(const PrinterConfig& printer, const PeerCertificate& shown,
                      const std::optional<PinnedCertificate>& before, std::ostream& output) {
    output << fmt::format("printer      {}\nnames        {}{}\nissuer       {}\nvalid until  {}\n"
                          "SHA-256      {}\n",
                          printer.id, printable_name(shown.common_name),
                          names_serial(shown, printer.serial) ? "" : "  (NOT the serial of this printer)",
                          printable_name(shown.issuer), rfc3339(shown.not_after), shown.fingerprint);
    if (before && before->fingerprint != shown.fingerprint) {
        output << fmt::format("replaces     {}\n", before->fingerprint);
    }
}

/// True if the line is a yes; no input is a no.
bool says_yes(std::istream& input, std::ostream& output) {
    output << "Trust this certificate from now on? [y/N] " << std::flush;
    std::string line;
    std::getline(input, line);
    return line == "y" || line == "Y" || line == "yes";
}

/// Why it must not be trusted; empty otherwise.
std::string why_not(const Options& options, const PrinterConfig& printer, const PeerCertificate& shown,
                    std::istream& input, bool asks, std::ostream& output) {
    if (printer.tls != TlsMode::pin) {
        return fmt::format("tls is \"{}\", certificates are pinned only with \"pin\"",
                           printer.tls == TlsMode::ca ? "ca" : "insecure");
    }
    if (!names_serial(shown, printer.serial) && !options.force) {
        return not_for_serial(shown, printer.serial) +
               "; --force trusts it nevertheless, and the access code is then sent to it";
    }
    if (options.yes) {
        return {};
    }
    if (!asks) {
        return "there is no terminal to confirm on; compare the SHA-256, and use --yes";
    }
    return says_yes(input, output) ? std::string{} : "not confirmed";
}

} // namespace

int run_pin(const Options& options, std::istream& input, bool asks, std::ostream& output,
            std::ostream& diagnostics) {
    const auto setup = read_setup(options, diagnostics);
    if (!setup) {
        return exit_no_such_printer;
    }
    const auto* const printer = find_printer(setup->config, options.printer);
    if (printer == nullptr) {
        diagnostics << fmt::format("no printer '{}' in {}; give its id, name or serial\n", options.printer,
                                   options.config.string());
        return exit_no_such_printer;
    }
    prepare_tls();
    const auto shown =
        find_certificate(places_of(setup->config, *printer, diagnostics), *printer, diagnostics);
    if (!shown) {
        diagnostics << shown.error().detail << '\n';
        return exit_not_pinned;
    }
    TrustStore store{setup->config.state_directory};
    const auto before = store.get(printer->serial);
    show_certificate(*printer, *shown, before, output);
    if (printer->tls == TlsMode::pin && before && before->fingerprint == shown->fingerprint) {
        output << "trusted already\n";
        return 0;
    }
    if (const auto why = why_not(options, *printer, *shown, input, asks, output); !why.empty()) {
        diagnostics << fmt::format("{}: not stored: {}\n", printer->id, why);
        return exit_not_pinned;
    }
    const auto& state_directory = setup->config.state_directory;
    std::error_code problem;
    const bool directory_is_new = !std::filesystem::exists(state_directory, problem);
    const auto stored =
        store.put(printer->serial, shown->pem, options.force ? Naming::anything : Naming::serial);
    if (!stored) {
        diagnostics << fmt::format("{}: not stored: {}; run pin as root or as the user of the gateway\n",
                                   printer->id, stored.error().detail);
        return exit_not_pinned;
    }
    output << "trusted from now on; a running gateway notices it within some seconds\n";
    if (directory_is_new) {
        output << fmt::format(
            "state_directory '{}' did not exist; it belongs to {} now. If the gateway runs as another "
            "user: chown -R USER '{}'\n",
            state_directory.string(), owner_of(state_directory), state_directory.string());
    }
    return 0;
}

} // namespace bambu2mqtt
