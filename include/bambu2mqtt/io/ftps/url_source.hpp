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

/// Fetches http:// or https:// into an unnamed file in `folder`. Redirects are limited to these two schemes;
/// certificates are checked against the system's authorities. Errors contain only the server's name from the
/// URL, which may contain a secret: `malformed` for an invalid URL, `unknown` for a missing file,
/// `out_of_range` for one that is too large, `refused` for a redirect to another scheme, `unavailable` for
/// the rest, including a stop and a disk without space. The space is checked before, against the announced
/// length, and with each received piece.
[[nodiscard]] expected<LocalFile, Error> fetch_url(const std::string& url, const LocalFolder& folder,
                                                   StopSignal& stop, const UrlLimits& limits = {});

} // namespace bambu2mqtt
