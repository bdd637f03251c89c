#pragma once
// A small implicit FTPS server that reproduces faults of real ones: cut transfers, wrong sizes, missing
// answers. Storage is in memory. Independent of clients.

#include "support/tls_stream.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt::test_support {

/// Its faults; none by default.
struct Oddities {
    std::optional<std::size_t> cut_after{}; ///< bytes of each file's content, in either direction
    Cut cut = Cut::politely;                ///< of a data connection
    std::int64_t size_off_by = 0;           ///< difference between SIZE and the real size
    std::string after_upload = "226 Transfer complete."; ///< empty: no answer
    std::chrono::milliseconds answer_after{0};           ///< delay of that answer
    std::chrono::milliseconds slow{0};                   ///< pause after each piece of content
    bool silent_data = false;                      ///< data connections are accepted, but not a byte is sent
    bool foreign_pasv = false;                     ///< no EPSV, and PASV names an address elsewhere
    std::map<std::string, std::string> refusals{}; ///< by verb, for instance {"SIZE", "500 Unknown command."}
    std::optional<std::string> login_refusal{};    ///< "%" in it is replaced by the password that was sent
    bool keeps_existing = false;                   ///< RNTO is refused where a file has the name
    std::size_t cut_list_after = std::string::npos; ///< bytes of a listing
};

/// One thread for each connection. Any user may log in with the access code.
class OddFtps {
  public:
    /// Throws std::runtime_error when there is no TLS or no port.
    OddFtps(const std::filesystem::path& certificate, const std::filesystem::path& key,
            std::string access_code = "12345678");
    ~OddFtps();
    OddFtps(const OddFtps&) = delete;
    OddFtps& operator=(const OddFtps&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// From the next command on.
    void behave(Oddities oddities);

    /// Data connections present this certificate from now on, control connections keep the first one. Throws
    /// std::runtime_error when it cannot be used.
    void show_on_data(const std::filesystem::path& certificate, const std::filesystem::path& key);

    void put(const std::string& path, std::string content);
    void put_folder(const std::string& path);

    /// The content of a file; nothing when there is none.
    [[nodiscard]] std::optional<std::string> file(const std::string& path) const;

    /// Paths of all files.
    [[nodiscard]] std::vector<std::string> paths() const;

    /// The commands so far, of all connections, without passwords.
    [[nodiscard]] std::vector<std::string> commands() const;

  private:
    class Connection;
    struct Tls;

    void accept_clients();

    using Content = std::shared_ptr<std::string>; // like an open file: a writer keeps it after deletion

    std::string access_code_;
    std::unique_ptr<Tls> tls_;
    std::unique_ptr<Tls> data_tls_; // null: as tls_; set before there are clients
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> stopping_{false};

    mutable std::mutex mutex_;
    Oddities oddities_;                    // guarded by mutex_, as all below
    std::map<std::string, Content> files_; // folders end in "/" and are empty
    std::vector<std::string> commands_;
    struct Running;
    std::unique_ptr<Running> running_;
};

} // namespace bambu2mqtt::test_support
