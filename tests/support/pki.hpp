#pragma once
// A certificate authority for a test and the leaves it signs. Knows OpenSSL, not who presents the
// certificates.

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace bambu2mqtt::test_support {

enum class KeyKind {
    ec_p256, ///< created in well under a millisecond
    rsa_2048 ///< as older printers have; 50-200 ms
};

/// One certificate to be created. The defaults are those of a printer: CN is the serial, no subject
/// alternative names.
struct CertificateOptions {
    std::string common_name{};
    KeyKind key = KeyKind::ec_p256;
    std::chrono::seconds valid_from = std::chrono::hours{-24}; ///< from now
    /// From now; a negative value gives an expired certificate.
    std::chrono::seconds valid_until = std::chrono::hours{24 * 365 * 10};
    std::vector<std::string> alternative_names{}; ///< in OpenSSL's notation: "DNS:localhost", "IP:127.0.0.1"
    bool version_1 = false;                       ///< X.509 v1 without extensions, as on some older printers
};

/// Paths of a certificate and its key (PEM), and its fingerprint.
struct Certificate {
    std::filesystem::path certificate{};
    std::filesystem::path key{};
    std::string sha256{}; ///< fingerprint of the DER form, 64 lower-case hexadecimal digits
};

/// An authority whose files are in a directory the caller keeps. Two objects are two authorities that do not
/// know each other, which gives tests a certificate signed by the wrong one.
class Pki {
  public:
    /// Creates the authority's key and writes `ca.pem` into `directory`, which is created if necessary.
    /// Throws std::runtime_error with OpenSSL's message.
    explicit Pki(std::filesystem::path directory, const std::string& name = "Simulated printers CA");
    ~Pki();
    Pki(const Pki&) = delete;
    Pki& operator=(const Pki&) = delete;

    /// The authority's certificate, PEM.
    [[nodiscard]] const std::filesystem::path& ca_file() const { return ca_file_; }

    /// Creates a key and a certificate signed by this authority and writes them as `<file_name>.pem` and
    /// `<file_name>.key`, replacing earlier ones. Throws std::runtime_error.
    Certificate issue(const CertificateOptions& options, const std::string& file_name);

  private:
    struct Authority;
    std::filesystem::path directory_;
    std::filesystem::path ca_file_;
    std::unique_ptr<Authority> authority_;
};

/// A fingerprint as the gateway shows it, "AA:BB:..."; `hexadecimal` as Certificate::sha256 has it.
[[nodiscard]] std::string with_colons(const std::string& hexadecimal);

/// A line of a Mosquitto password file, as `mosquitto_passwd` writes it (PBKDF2 with SHA-512, 101 rounds),
/// without starting that program once per printer. No line end.
[[nodiscard]] std::string password_entry(const std::string& user, const std::string& password);

} // namespace bambu2mqtt::test_support
