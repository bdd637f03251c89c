// A file fetched from a web server, for a printer. Uses HTTP over libcurl; the permission is checked
// elsewhere.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/io/disk/local_files.hpp>
#include <bambu2mqtt/io/thread/stop_signal.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace bambu2mqtt {

struct UrlLimits {
    std::uint64_t size = std::uint64_t{1} << 32U; ///< bytes; files.url_limit if that is less
    std::chrono::seconds connect{10};
    std::chrono::seconds stall{60}; ///< for a transfer without progress
    std::chrono::seconds whole{2 * 3600};
    long redirects = 5;
};

/// Fetches http:// or https:// into a file without a name in `folder`. Redirects lead to the same two schemes
/// only; certificates are checked against the system's authorities. Errors name the server but nothing else
/// of the URL, which may hold a secret: `malformed` for what is no such URL, `unknown` for a file that is not
/// there, `out_of_range` for one that is too large, `refused` for a redirect to somewhere else, `unavailable`
/// for the rest, a stop and a disk without room among it. The room is looked at before, against the length
/// the server tells, and with each piece that comes.
[[nodiscard]] expected<LocalFile, Error> fetch_url(const std::string& url, const LocalFolder& folder,
                                                   StopSignal& stop, const UrlLimits& limits = {});

} // namespace bambu2mqtt
