// Login at a printer's file service: resolves its name, checks the identity, logs in. Runs on the calling
// thread; knows no jobs.
#pragma once

#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/io/ftps/ftps_session.hpp>
#include <bambu2mqtt/io/thread/stop_signal.hpp>

#include <memory>
#include <string>

namespace bambu2mqtt {

class LinkServices;

/// A session, or the failure.
struct FtpsLogin {
    std::unique_ptr<FtpsSession> session{}; ///< logged in
    FtpsAnswer answer{};                    ///< without a session: the result of the last address
};

/// Resolves `host` (which may differ from config.host) and logs in at the first address that works. The
/// certificate is decided on as for MQTT (see io/tls/identity.hpp), in the handshake of the connection that
/// then logs in. Waits for all of it, but not when the signal is raised. All but `host` outlive the session.
[[nodiscard]] FtpsLogin log_in_at_printer(const PrinterConfig& config, const std::string& host,
                                          LinkServices& services, StopSignal& stop, const FtpsTimes& times);

} // namespace bambu2mqtt
