#include "io/ftps/ftps_login.hpp"

#include "io/thread/resolver.hpp"
#include <bambu2mqtt/io/thread/services.hpp>
#include <bambu2mqtt/io/tls/identity.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <memory>
#include <optional>
#include <utility>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_login_addresses = 4;
constexpr auto login_resolve_limit = 15s;
constexpr auto look_every = 10ms;

[[nodiscard]] FtpsAnswer stopped() {
    return {.end = FtpsEnd::stopped, .text = "stopped"};
}

[[nodiscard]] FtpsAnswer unreachable(std::string why) {
    return {.end = FtpsEnd::unreachable, .text = std::move(why)};
}

/// An answer delivered on another thread, possibly after the waiting function has returned.
template <typename Value>
class Awaited {
  public:
    /// The function to call with it, once.
    [[nodiscard]] auto taker() const {
        return [promise = promise_](Value value) { promise->set_value(std::move(value)); };
    }

    /// Nothing if the signal was raised or at the timeout.
    [[nodiscard]] std::optional<Value> wait(std::chrono::seconds limit, const StopSignal& stop) const {
        auto future = promise_->get_future();
        const auto deadline = std::chrono::steady_clock::now() + limit;
        while (stop.raised() == Stop::none && std::chrono::steady_clock::now() < deadline) {
            if (future.wait_for(look_every) == std::future_status::ready) {
                return future.get();
            }
        }
        return std::nullopt;
    }

  private:
    std::shared_ptr<std::promise<Value>> promise_ = std::make_shared<std::promise<Value>>();
};

/// One login at one address.
[[nodiscard]] FtpsLogin log_in_at(const std::string& address, const PrinterConfig& config,
                                  const std::shared_ptr<Identity>& identity, StopSignal& stop,
                                  const FtpsTimes& times) {
    const auto known = identity->known();
    if (!known) {
        return {.answer = {.end = FtpsEnd::untrusted, .text = known.error().why}};
    }
    FtpsServer server{.address = address,
                      .port = config.ftps_port,
                      .username = config.username,
                      .access_code = config.access_code,
                      .any_certificate = *known && (*known)->anything};
    if (config.tls == TlsMode::ca) {
        server.ca_file = config.ca_file;
    }
    server.check = [identity](const PeerCertificate& shown) { return identity->check(shown); };
    server.accept = [identity](const PeerCertificate& shown) -> TrustDecision {
        if (auto decided = identity->decide(shown); !decided) {
            return unexpected(std::move(decided).error());
        }
        return {};
    };
    FtpsLogin login;
    login.session = std::make_unique<FtpsSession>(std::move(server), stop, times);
    login.answer = login.session->log_in();
    if (!login.answer.done()) {
        login.session.reset();
    }
    if (login.answer.end == FtpsEnd::unreachable) {
        login.answer.text = fmt::format("{}:{}: {}", address, config.ftps_port, login.answer.text);
    }
    return login;
}

} // namespace

FtpsLogin log_in_at_printer(const PrinterConfig& config, const std::string& host, LinkServices& services,
                            StopSignal& stop, const FtpsTimes& times) {
    const Awaited<expected<Addresses, Error>> resolved;
    services.resolver().resolve(host, resolved.taker());
    const auto addresses = resolved.wait(login_resolve_limit, stop);
    if (stop.raised() != Stop::none) {
        return {.answer = stopped()};
    }
    if (!addresses) {
        return {.answer = unreachable(fmt::format("host name '{}' is not resolved within {} s", host,
                                                  login_resolve_limit.count()))};
    }
    if (!*addresses) {
        return {.answer = unreachable(addresses->error().detail)};
    }
    const auto identity = std::make_shared<Identity>(config, host, services.trust());
    FtpsLogin login{.answer = unreachable("no address")};
    const auto count = std::min((*addresses)->size(), most_login_addresses);
    for (std::size_t i = 0; i < count && login.answer.end == FtpsEnd::unreachable; ++i) {
        login = log_in_at((**addresses)[i], config, identity, stop, times);
    }
    return login;
}

} // namespace bambu2mqtt
