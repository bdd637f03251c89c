// One login at a printer's file service: implicit FTPS over libcurl. Knows FTP commands and libcurl's view of
// misbehaving servers; not the jobs.
#pragma once

#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/io/ftps/curl_transfer.hpp>
#include <bambu2mqtt/io/thread/stop_signal.hpp>
#include <bambu2mqtt/io/tls/trust.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bambu2mqtt {

struct FtpsExchange;
class PeerCheck;

/// Timeouts of a session. An H2D was seen to answer 30 s after the last byte, an A1 to transfer 75 kB/s.
struct FtpsTimes {
    std::chrono::seconds connect{10}; ///< for each connection including its TLS handshake
    std::chrono::seconds answer{60};  ///< for an answer to a command, and after the last byte
    std::chrono::seconds stall{60};   ///< for a transfer without progress
    std::chrono::seconds base{60};    ///< for a whole transfer, in addition to the time for its size
    std::uint64_t slowest = 10'000;   ///< minimum average in bytes per second
};

/// Server and login, and the certificate required before the access code is sent.
struct FtpsServer {
    /// Whether a certificate is trusted.
    using Check = std::function<TrustDecision(const PeerCertificate& shown)>;

    std::string address{}; ///< numeric
    std::uint16_t port = 990;
    std::string username{};
    Secret access_code{};
    bool any_certificate = false;    ///< any will do: tls = "insecure"
    std::filesystem::path ca_file{}; ///< chains are verified against these authorities; empty: not verified
    Check check{};                   ///< asked in each handshake; without it no certificate is trusted
    Check accept{};                  ///< asked once more after the handshake, before the login; empty: yes
};

enum class FtpsEnd : std::uint8_t {
    done,
    refused,       ///< refused by the server: `reply` is 400 or more
    login_refused, ///< wrong user name or access code
    untrusted,     ///< its certificate is not trusted; it has learnt nothing
    unreachable,   ///< no connection, or no login
    broken,        ///< the connection broke or timed out after the login
    stopped,       ///< by the StopSignal
    gave_up,       ///< the function that reads or writes the content gave up
};

struct FtpsAnswer {
    FtpsEnd end = FtpsEnd::done;
    int reply = 0;           ///< the last reply's code; 0: none
    std::string words{};     ///< the last reply's text, sanitized
    std::string text{};      ///< unless done: what happened, for people, without secrets
    std::uint64_t bytes = 0; ///< of the content, sent or received
    std::uint64_t size = 0;  ///< of a file, if requested

    [[nodiscard]] bool done() const { return end == FtpsEnd::done; }
};

/// Whether a listing includes names that begin with a dot.
enum class Hidden : std::uint8_t { left_out, shown };

/// The content to send. It may be read again from the beginning.
struct UploadContent {
    std::uint64_t size = 0;
    /// Fills a part of the span from an offset on and returns its size; nothing on failure.
    std::function<std::optional<std::size_t>(std::uint64_t offset, std::span<char> into)> read{};
};

/// Receives the next bytes; false: stop.
using DownloadSink = std::function<bool(std::string_view bytes)>;

/// Called often during a transfer: bytes so far.
using FtpsProgress = std::function<void(std::uint64_t bytes)>;

/// For one thread. Connects on first use and logs in once; data connections resume the session of the control
/// connection, as printers require. TLS 1.2, because printers that offer 1.3 cut transfers short; with a
/// server that has only 1.3 each transfer uses its own connection. All paths are canonical, see
/// file/path.hpp.
class FtpsSession {
  public:
    /// `stop` must outlive it; it ends early when more than `tolerated` is raised.
    FtpsSession(FtpsServer server, StopSignal& stop, FtpsTimes times = {}, Stop tolerated = Stop::none);
    FtpsSession(const FtpsSession&) = delete;
    FtpsSession& operator=(const FtpsSession&) = delete;
    /// Sends QUIT and does not wait for the reply.
    ~FtpsSession();

    [[nodiscard]] const FtpsServer& server() const { return server_; }

    /// Connects and logs in, and nothing else.
    FtpsAnswer log_in();

    /// The rows of a folder as sent by the server, up to 16 MiB. `hidden`: including names that begin with a
    /// dot, if the server supports LIST's option for it.
    FtpsAnswer list(std::string_view path, std::string& rows, Hidden hidden = Hidden::left_out);

    /// SIZE in binary mode. Also refused for folders.
    FtpsAnswer size(std::string_view path);

    /// Enters a folder to find out whether it is one; the working directory is not used otherwise.
    FtpsAnswer enter(std::string_view path);

    /// Done when the server has confirmed it; only SIZE shows whether it has everything, also without a
    /// confirmation.
    FtpsAnswer upload(std::string_view path, const UploadContent& content, const FtpsProgress& progress = {});

    /// `expected_size`: for the time limit. Done when the connection ended regularly, which also happens with
    /// a cut transfer: compare `bytes` with the size.
    FtpsAnswer download(std::string_view path, std::uint64_t expected_size, const DownloadSink& sink,
                        const FtpsProgress& progress = {});

    FtpsAnswer make_folder(std::string_view path);
    FtpsAnswer remove_folder(std::string_view path);
    FtpsAnswer remove_file(std::string_view path);
    FtpsAnswer rename(std::string_view from, std::string_view to);

  private:
    using Prepare = std::function<void(CurlTransfer&)>;

    FtpsAnswer command(std::string_view verb, std::string_view path);
    FtpsAnswer command(std::string_view verb, std::string_view path, FtpsExchange& exchange);
    FtpsAnswer transfer(const std::string& url_path, std::chrono::milliseconds limit, FtpsExchange& exchange,
                        const Prepare& prepare, const CurlTransfer::Progress& progress);
    FtpsAnswer exchange_once(const std::string& url_path, std::chrono::milliseconds limit,
                             FtpsExchange& exchange, const Prepare& prepare,
                             const CurlTransfer::Progress& progress);
    void set_common_options(const std::string& url_path, std::chrono::milliseconds limit);
    [[nodiscard]] FtpsAnswer answer_to(const CurlEnd& end, const FtpsExchange& exchange) const;
    [[nodiscard]] std::chrono::milliseconds limit_for(std::uint64_t bytes) const;
    [[nodiscard]] std::string server_text(std::string text) const;

    FtpsServer server_;
    StopSignal& stop_;
    FtpsTimes times_;
    Stop tolerated_;
    std::unique_ptr<PeerCheck> peer_check_; // used by connections of curl_, so it outlives them
    std::unique_ptr<CurlTransfer> curl_;    // none before the first use
    bool only_1_3_ = false;                 // the server has no TLS 1.2
    bool used_ = false;                     // only_1_3_: the connection has been used for its one transfer
    bool logged_in_ = false;
};

} // namespace bambu2mqtt
