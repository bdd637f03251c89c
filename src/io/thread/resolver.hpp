// Names to addresses, away from every thread that must not wait.
// Knows the system's resolver; knows nothing of ports, printers or connections.
#pragma once

#include <bambu2mqtt/base/expected.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// Numeric addresses to try in this order: IPv4 before IPv6, none twice. "192.168.1.5", "fe80::1%eth0".
using Addresses = std::vector<std::string>;

/// The address in its usual form when `host` is one already (IPv4, IPv6, IPv6 in brackets), else empty.
[[nodiscard]] std::string numeric_address(const std::string& host);

/// Asks the system and waits for the answer, which can take many seconds. Fails as `unavailable` with a text
/// that names the host.
[[nodiscard]] expected<Addresses, Error> resolve_host(const std::string& host);

/// Looks names up on threads of its own: up to eight at a time and each name once at a time, so that a slow
/// name that is asked for again and again holds up no other. A thread that has had nothing to do for a while
/// ends.
class Resolver {
  public:
    using Callback = std::function<void(expected<Addresses, Error>)>;
    using ResolveFunction = std::function<expected<Addresses, Error>(const std::string& host)>;

    /// `resolve_host`: what is asked for names; replaced in tests.
    explicit Resolver(ResolveFunction resolve_host = bambu2mqtt::resolve_host);
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    /// Does not wait for names still being looked up; their answers are never called. An answer that is
    /// running at that moment is waited for, so do not destroy the resolver from an answer.
    ~Resolver();

    /// Calls `answer` exactly once: at once and on this thread for a numeric address, else later on another
    /// thread, where what escapes from it is logged. The answer must be quick. A look-up from which something
    /// escapes is answered as `unavailable`.
    void resolve(const std::string& host, Callback callback);

  private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

} // namespace bambu2mqtt
