// Resolves host names on threads of its own, so that no other thread waits. Uses the system's resolver;
// independent of ports, printers and connections.
#pragma once

#include <bambu2mqtt/base/expected.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// Numeric addresses to try in this order: IPv4 before IPv6, without duplicates. "192.168.1.5",
/// "fe80::1%eth0".
using Addresses = std::vector<std::string>;

/// The address in its usual form if `host` is already one (IPv4, IPv6, IPv6 in brackets), else empty.
[[nodiscard]] std::string numeric_address(const std::string& host);

/// Asks the system and waits, which can take many seconds. Fails as `unavailable` with a text that names the
/// host.
[[nodiscard]] expected<Addresses, Error> resolve_host(const std::string& host);

/// Resolves names on its own threads: up to eight at a time and each name once at a time, so that repeated
/// requests for a slow name delay no other. An idle thread ends after some time.
class Resolver {
  public:
    using Callback = std::function<void(expected<Addresses, Error>)>;
    using ResolveFunction = std::function<expected<Addresses, Error>(const std::string& host)>;

    /// `resolve_host`: the function that resolves names; replaced in tests.
    explicit Resolver(ResolveFunction resolve_host = bambu2mqtt::resolve_host);
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    /// Does not wait for running look-ups; their answers are never called. Waits for an answer that is
    /// running at that moment, so the resolver must not be destroyed from an answer.
    ~Resolver();

    /// Calls `answer` exactly once: immediately and on this thread for a numeric address, else later on
    /// another thread, where an escaping exception is logged. The answer must be quick. A look-up that throws
    /// is answered as `unavailable`.
    void resolve(const std::string& host, Callback callback);

  private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

} // namespace bambu2mqtt
