// The certificates trusted on first use, one file per printer. Knows the disk; decides nothing.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>
#include <bambu2mqtt/io/tls/trust.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Required name of a certificate to be pinned.
enum class Naming : std::uint8_t {
    serial,   ///< the printer's serial
    anything, ///< any, forced by a user: pin --force
};

/// Thread-safe. Files are `<state_directory>/pins/<SERIAL>.pem`, mode 0600, replaced atomically, and read
/// each time, so that a certificate written by the command pin applies from the next connection on.
class TrustStore {
  public:
    explicit TrustStore(const std::filesystem::path& state_directory);

    /// The trusted certificate, nothing if there is none yet. A file without a certificate is renamed
    /// to `<SERIAL>.pem.corrupt` and reported once as an Error (`malformed`); a file that cannot be read is
    /// an Error each time (`unavailable`).
    [[nodiscard]] expected<std::optional<PinnedCertificate>, Error> load(std::string_view serial);

    /// Whether there is no trusted certificate because load() has set a damaged file aside: until put().
    [[nodiscard]] bool was_damaged(std::string_view serial);

    /// The same as load() without touching anything: nothing also when the file could not be read or is
    /// damaged.
    [[nodiscard]] std::optional<PinnedCertificate> get(std::string_view serial);

    /// Trusts this certificate from now on instead of any previous one. Fails as `malformed` if `pem` is not
    /// a certificate, as `refused` if it does not name the serial and was not forced, as `unavailable` if it
    /// cannot be written.
    expected<PinnedCertificate, Error> put(std::string_view serial, std::string_view pem,
                                           Naming naming = Naming::serial);

  private:
    [[nodiscard]] std::filesystem::path file_of(std::string_view serial) const;

    const std::filesystem::path directory_;
    Mutex mutex_; ///< one reader or writer of the files at a time
};

} // namespace bambu2mqtt
