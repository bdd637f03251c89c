#include "cli/metrics_exchange.hpp"

#include <utility>

namespace bambu2mqtt {

namespace {

constexpr unsigned not_found = 404;
constexpr unsigned unavailable = 503;

} // namespace

HttpAnswer MetricsExchange::answer(std::string_view path) {
    const bool metrics = path == "/metrics";
    const bool ready = path == "/readyz";
    if (!metrics && !ready && path != "/livez") {
        return {.status = not_found, .body = "expected /metrics, /livez or /readyz\n"};
    }
    auto page = pages_.get();
    if (!page) {
        return {.status = unavailable, .body = "the gateway does not respond\n"};
    }
    if (metrics) {
        return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = std::move(page->text)};
    }
    if (ready && !page->ready) {
        return {.status = unavailable,
                .body = "not ready: no broker session, or discovery is not complete\n"};
    }
    return {.body = "ok\n"};
}

} // namespace bambu2mqtt
