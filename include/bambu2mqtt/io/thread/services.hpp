// Shared by all links: name resolution, TLS probing, certificate trust, and their thread.
#pragma once

#include <filesystem>
#include <memory>

namespace bambu2mqtt {

class Resolver;
class TlsProbe;
class TrustStore;
class LinkThread;

/// Owns the helper threads of the links. Outlives every link.
class LinkServices {
  public:
    /// `state_directory`: trusted certificates are stored in its folder `pins`.
    explicit LinkServices(const std::filesystem::path& state_directory);
    LinkServices(const LinkServices&) = delete;
    LinkServices& operator=(const LinkServices&) = delete;
    /// Closes the remaining connections of the links. Takes up to about a second, for Paho's threads.
    ~LinkServices();

    [[nodiscard]] Resolver& resolver();
    [[nodiscard]] TlsProbe& probe();
    [[nodiscard]] TrustStore& trust();
    [[nodiscard]] LinkThread& thread();

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// Once, first in main(), before any thread exists: allows a pinned leaf certificate as trust anchor
/// (X509_V_FLAG_PARTIAL_CHAIN in OpenSSL's "default" verification parameters), and makes writing to a closed
/// connection an error instead of SIGPIPE.
void prepare_tls();

} // namespace bambu2mqtt
