#include "cli/metrics_exchange.hpp"

#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

constexpr auto page_lifetime = 1s;
constexpr auto core_timeout = 2s;

constexpr unsigned not_found = 404;
constexpr unsigned unavailable = 503;

} // namespace

HttpAnswer MetricsExchange::answer(std::string_view path) {
    const bool metrics = path == "/metrics";
    const bool ready = path == "/readyz";
    if (!metrics && !ready && path != "/livez") {
        return {.status = not_found, .body = "expected /metrics, /livez or /readyz\n"};
    }
    auto page = this->page();
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

std::optional<MetricsPage> MetricsExchange::page() {
    const MutexLock lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (page_ && now - page_at_ < page_lifetime) {
        return page_;
    }
    page_.reset();
    requested_ = true;
    wake_core_();
    while (!page_) {
        if (!provided_.wait_until(mutex_, now + core_timeout)) {
            break;
        }
    }
    return page_;
}

void MetricsExchange::provide(MetricsPage page) {
    const MutexLock lock(mutex_);
    page_ = std::move(page);
    page_at_ = std::chrono::steady_clock::now();
    provided_.notify_all();
}

} // namespace bambu2mqtt
