#pragma once
// A real vsftpd configured like printers: implicit TLS, one account, data channels that must resume the
// control channel's session. Its configuration, its process, its storage. Independent of what is
// transferred.

#include "support/process.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace bambu2mqtt::test_support {

/// Which versions of TLS the server offers.
enum class ServerTls {
    only_1_2, ///< like X1 and H2
    only_1_3,
    both,
};

struct VsftpdOptions {
    std::filesystem::path directory{};   ///< for configuration, log and storage; created if necessary
    std::filesystem::path certificate{}; ///< PEM
    std::filesystem::path key{};         ///< PEM
    std::string username = "bblp";
    std::string access_code = "12345678";
    std::uint16_t port = 0; ///< on 127.0.0.1; 0: a free one is chosen
    ServerTls tls = ServerTls::only_1_2;
    std::uint64_t space = 0;               ///< size of the storage in bytes; 0: the size of the disk
    std::vector<std::string> more_lines{}; ///< further lines of vsftpd.conf
};

/// The server. Runs as root, or, for other users, in a user namespace; in both cases it touches no file
/// outside its directory. Starts in the constructor; the port, once chosen, stays the same over restarts.
/// Create it on a thread that outlives it (see Process).
class Vsftpd {
  public:
    /// True if it can run here: vsftpd is installed, and this user is root or may create namespaces.
    /// `with_space`: whether VsftpdOptions::space works, too, for which even root needs a mount namespace.
    [[nodiscard]] static bool available(bool with_space = false);

    /// Writes the configuration, starts the server and returns when it accepts connections. Throws
    /// std::runtime_error with the server's output when it does not start within 30 s.
    explicit Vsftpd(VsftpdOptions options);

    [[nodiscard]] std::uint16_t port() const { return options_.port; }

    /// The folder that clients see as "/", readable and writable from outside, also while the server is
    /// stopped (with `space` only while it runs).
    [[nodiscard]] std::filesystem::path storage() const;

    /// Process id of the server; -1 while it is stopped.
    [[nodiscard]] pid_t pid() const;

    /// Stops it; open connections continue until the clients close them.
    void stop();

    /// Starts it again after stop().
    void start();

    /// Presents another certificate from now on.
    void use_certificate(const std::filesystem::path& certificate, const std::filesystem::path& key);

    /// Requires another access code from now on.
    void use_access_code(const std::string& code);

    /// Every command, reply and TLS handshake since it was created.
    [[nodiscard]] std::string log() const;

  private:
    void write_configuration() const;
    [[nodiscard]] std::vector<std::string> command() const;

    [[nodiscard]] std::filesystem::path path(const char* name) const { return options_.directory / name; }

    VsftpdOptions options_;
    std::unique_ptr<Process> process_;
};

} // namespace bambu2mqtt::test_support
