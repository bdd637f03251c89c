// One login at a printer's file service: implicit FTPS over libcurl. Knows FTP's verbs and what libcurl makes
// of misbehaving servers; not what jobs are done with them.
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

/// How patient a session is. H2D has been seen to answer 30 s after the last byte, A1 to take 75 kB/s.
struct FtpsTimes {
    std::chrono::seconds connect{10}; ///< for each connection with its TLS handshake
    std::chrono::seconds answer{60};  ///< for an answer to a command, and after the last byte
    std::chrono::seconds stall{60};   ///< for a transfer that hardly moves
    std::chrono::seconds base{60};    ///< for a whole transfer, besides what its size allows
    std::uint64_t slowest = 10'000;   ///< bytes per second that it must have on average
};

/// Where to log in, and what the server must show before it learns the access code.
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
    refused,       ///< the server said no: `reply` is 400 or more
    login_refused, ///< the user name or the access code is wrong
    untrusted,     ///< its certificate is not trusted; it has learnt nothing
    unreachable,   ///< nobody there, or it does not come to a login
    broken,        ///< the connection broke or fell silent after the login
    stopped,       ///< by the StopSignal
    gave_up,       ///< the function that reads or writes the content said no
};

struct FtpsAnswer {
    FtpsEnd end = FtpsEnd::done;
    int reply = 0;           ///< the last reply's code; 0: none came
    std::string words{};     ///< the last reply's text, fit for a message
    std::string text{};      ///< when not done: what happened, for people, without secrets
    std::uint64_t bytes = 0; ///< of the content, sent or received
    std::uint64_t size = 0;  ///< of a file, where that was the question

    [[nodiscard]] bool done() const { return end == FtpsEnd::done; }
};

/// Whether a listing has names that begin with a dot.
enum class Hidden : std::uint8_t { left_out, shown };

/// What is sent. It may be read again from the beginning.
struct UploadContent {
    std::uint64_t size = 0;
    /// Fills some of the span from an offset on and says how much; nothing when it cannot.
    std::function<std::optional<std::size_t>(std::uint64_t offset, std::span<char> into)> read{};
};

/// Takes the next bytes of what is received; false: no more of it.
using DownloadSink = std::function<bool(std::string_view bytes)>;

/// Called often while content moves: bytes so far.
using FtpsProgress = std::function<void(std::uint64_t bytes)>;

/// For one thread. Connects when first needed and logs in once; data connections resume the session of the
/// control connection, as printers demand. TLS 1.2, because printers that offer 1.3 cut transfers short; for
/// a server that has only 1.3 each transfer has a connection of its own. All paths are in their one form, see
/// file/path.hpp.
class FtpsSession {
  public:
    /// `stop` outlives it; it ends early when more than `tolerated` is raised.
    FtpsSession(FtpsServer server, StopSignal& stop, FtpsTimes times = {}, Stop tolerated = Stop::none);
    FtpsSession(const FtpsSession&) = delete;
    FtpsSession& operator=(const FtpsSession&) = delete;
    /// Says goodbye and does not wait for the answer.
    ~FtpsSession();

    [[nodiscard]] const FtpsServer& server() const { return server_; }

    /// Connects and logs in, and nothing else.
    FtpsAnswer log_in();

    /// The rows of a folder as the server writes them, up to 16 MiB. `hidden`: those whose names begin with a
    /// dot, too, where the server takes LIST's option for it.
    FtpsAnswer list(std::string_view path, std::string& rows, Hidden hidden = Hidden::left_out);

    /// SIZE in binary. Refused for folders, too.
    FtpsAnswer size(std::string_view path);

    /// Goes into a folder and so tells whether it is one; nothing else depends on where the session is.
    FtpsAnswer enter(std::string_view path);

    /// Done when the server has confirmed it; whether it has everything only its SIZE can tell, and that also
    /// when it has not confirmed.
    FtpsAnswer upload(std::string_view path, const UploadContent& content, const FtpsProgress& progress = {});

    /// `expected_size`: for how long it may take. Done when the connection ended in order, which a cut
    /// transfer may do as well: compare `bytes` with the size.
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
    bool used_ = false;                     // only_1_3_: the connection has had its one transfer
    bool logged_in_ = false;
};

} // namespace bambu2mqtt
