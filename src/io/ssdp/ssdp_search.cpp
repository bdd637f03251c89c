#include <bambu2mqtt/io/ssdp/ssdp_search.hpp>

#include <poll.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;

/// poll() takes whole milliseconds in a limited range.
constexpr std::chrono::milliseconds longest_wait = 60s;

} // namespace

bool search_printers(SsdpEndpoints endpoints, Instant deadline,
                     const std::function<bool(const PrinterNotice&)>& take,
                     const SsdpSockets::Complaint& complain, int end) {
    SsdpSockets sockets(std::move(endpoints));
    sockets.refresh(complain);
    if (sockets.open() == 0) {
        return false;
    }
    std::vector<pollfd> waiting{{end, POLLIN, 0}}; // poll() ignores a negative descriptor
    sockets.append(waiting);
    bool more = true;
    for (auto now = std::chrono::steady_clock::now(); more && now < deadline;
         now = std::chrono::steady_clock::now()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now);
        if (poll(waiting.data(), waiting.size(), static_cast<int>(std::min(left, longest_wait).count())) >
            0) {
            sockets.receive([&](const PrinterNotice& announcement) { more = more && take(announcement); });
            more = more && waiting.front().revents == 0;
        }
    }
    return true;
}

} // namespace bambu2mqtt
