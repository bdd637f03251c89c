// Listens for announcements for some time, on the calling thread: for commands of the command line.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/io/ssdp/ssdp_sockets.hpp>

#include <chrono>
#include <functional>

namespace bambu2mqtt {

/// Passes every announcement to `take` until it returns false or `deadline` has come, or until `end`, a
/// descriptor, is readable (-1: none). `complain` is called for ports that cannot be opened. False,
/// immediately, if none can.
bool search_printers(SsdpEndpoints endpoints, Instant deadline,
                     const std::function<bool(const PrinterNotice&)>& take,
                     const SsdpSockets::Complaint& complain, int end = -1);

} // namespace bambu2mqtt
