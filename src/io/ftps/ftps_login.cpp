#include "io/ftps/ftps_login.hpp"

#include "io/thread/resolver.hpp"
#include <bambu2mqtt/io/thread/services.hpp>
#include <bambu2mqtt/io/tls/tls_probe.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <optional>
#include <utility>
#include <variant>

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

/// An answer that comes on another thread, perhaps when nobody waits for it any more.
template <typename Value>
class Awaited {
  public:
    /// What is to be called with it, once.
    [[nodiscard]] auto taker() const {
        return [promise = promise_](Value value) { promise->set_value(std::move(value)); };
    }

    /// Nothing when the signal was raised or time is up.
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

/// One printer's login, address by address.
class Attempt {
  public:
    Attempt(const PrinterConfig& config, const std::string& host, LinkServices& services, StopSignal& stop,
            const FtpsTimes& times)
        : config_(config), services_(services), stop_(stop), times_(times),
          identity_(config, host, services.trust()) {}

    [[nodiscard]] FtpsLogin at(const std::string& address) {
        const auto known = identity_.known();
        if (const auto* const untrusted = std::get_if<Untrusted>(&known)) {
            return {.answer = {.end = FtpsEnd::untrusted, .text = untrusted->why}};
        }
        if (const auto& expected = std::get<std::optional<Expected>>(known)) {
            return with(address, *expected);
        }
        auto shown = probe_target(address);
        if (!shown) {
            return {.answer = stopped()};
        }
        if (!*shown) {
            return {.answer = unreachable(
                        fmt::format("{}:{}: {}", address, config_.ftps_port, shown->error().detail))};
        }
        const auto decision = identity_.decide(**shown);
        if (const auto* const untrusted = std::get_if<Untrusted>(&decision)) {
            return {.answer = {.end = FtpsEnd::untrusted, .text = untrusted->why}};
        }
        return with(address, std::get<Expected>(decision));
    }

  private:
    [[nodiscard]] FtpsLogin with(const std::string& address, const Expected& expected) {
        FtpsLogin login;
        login.session = std::make_unique<FtpsSession>(FtpsServer{.address = address,
                                                                 .port = config_.ftps_port,
                                                                 .username = config_.username,
                                                                 .access_code = config_.access_code,
                                                                 .expected = expected},
                                                      stop_, times_);
        login.answer = login.session->log_in();
        if (login.answer.done()) {
            return login;
        }
        login.session.reset();
        if (login.answer.end == FtpsEnd::untrusted) {
            login.answer.text = why_untrusted(address).value_or(login.answer.text);
        } else if (login.answer.end == FtpsEnd::unreachable) {
            login.answer.text = fmt::format("{}:{}: {}", address, config_.ftps_port, login.answer.text);
        }
        return login;
    }

    /// The certificate shown, or why none is; nothing when stopped.
    [[nodiscard]] std::optional<expected<PeerCertificate, Error>>
    probe_target(const std::string& address) const {
        const Awaited<expected<PeerCertificate, Error>> shown;
        const auto look =
            services_.probe().start(identity_.probe_target(address, config_.ftps_port), shown.taker());
        auto result = shown.wait(probe_deadline + 2s, stop_);
        if (!result) {
            services_.probe().cancel(look);
        }
        return result;
    }

    /// libcurl does not say which certificate it has seen; another look does.
    [[nodiscard]] std::optional<std::string> why_untrusted(const std::string& address) {
        const auto shown = probe_target(address);
        if (!shown || !*shown) {
            return std::nullopt;
        }
        const auto decision = identity_.decide(**shown);
        const auto* const untrusted = std::get_if<Untrusted>(&decision);
        return untrusted == nullptr ? std::nullopt : std::optional(untrusted->why);
    }

    const PrinterConfig& config_;
    LinkServices& services_;
    StopSignal& stop_;
    const FtpsTimes& times_;
    Identity identity_;
};

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
    Attempt attempt(config, host, services, stop, times);
    FtpsLogin login{.answer = unreachable("no address")};
    const auto count = std::min((*addresses)->size(), most_login_addresses);
    for (std::size_t i = 0; i < count && login.answer.end == FtpsEnd::unreachable; ++i) {
        login = attempt.at((**addresses)[i]);
    }
    return login;
}

} // namespace bambu2mqtt
