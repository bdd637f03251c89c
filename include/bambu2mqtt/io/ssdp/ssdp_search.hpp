// Listens for announcements for a while, on the thread that asks: for commands of the command line.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/io/ssdp/ssdp_sockets.hpp>

#include <chrono>
#include <functional>

namespace bambu2mqtt {

/// Hands every announcement to `take` until that says false or `deadline` has come. `complain` is told of
/// ports that cannot be listened on. False, at once, when that is all of them.
bool search_printers(SsdpEndpoints endpoints, Instant deadline,
                     const std::function<bool(const PrinterNotice&)>& take,
                     const SsdpSockets::Complaint& complain);

} // namespace bambu2mqtt
