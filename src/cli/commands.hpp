// The commands that need the configuration: run, check, pin, health.
#pragma once

#include "cli/options.hpp"

#include <iosfwd>

namespace bambu2mqtt {

/// The gateway, until SIGTERM or SIGINT. 0 after an orderly stop, 2 for an unusable configuration.
int run_gateway(const Options& options, std::ostream& diagnostics);

/// Validates configuration and templates. 0, or 2 with every problem on `diagnostics`.
int run_check(const Options& options, std::ostream& output, std::ostream& diagnostics);

/// Shows the certificate a printer presents now, at its configured host or where the gateway last reached it,
/// and trusts it from now on: with --yes, or if `asks` and the line read from `input` is a yes. One that does
/// not name the serial needs --force. 0 if it is trusted now or was already, 1 if it is not or the printer
/// cannot be reached, 2 for an unusable configuration.
int run_pin(const Options& options, std::istream& input, bool asks, std::ostream& output,
            std::ostream& diagnostics);

/// 0 while the gateway of this configuration runs and its broker session is up, else 1.
int run_health(const Options& options, std::ostream& output, std::ostream& diagnostics);

} // namespace bambu2mqtt
