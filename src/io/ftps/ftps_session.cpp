#include "io/ftps/ftps_exchange.hpp"
#include "io/ftps/peer_check.hpp"
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/base/uri.hpp>
#include <bambu2mqtt/io/ftps/ftps_session.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::size_t longest_listing = 2UL * 1024 * 1024; // of one folder: some 30,000 rows
constexpr std::size_t expected_listing = 1024UL * 1024;    // for its time limit
constexpr long slowest_ever = 100; // bytes per second; a slower transfer counts as stalled

constexpr long only_tls_1_2 = long{CURL_SSLVERSION_TLSv1_2} | long{CURL_SSLVERSION_TLSv1_2}
                                                                  << 16; // least, most
constexpr long only_tls_1_3 = CURL_SSLVERSION_TLSv1_3;

constexpr std::size_t longest_server_text = 120;

constexpr int service_closing = 421; // too many clients, or shutting down
constexpr int no_data_connection = 425;
constexpr int session_not_resumed = 522; // on the data connection

/// All characters except letters, digits and "-._~" as %XX; slashes stay.
[[nodiscard]] std::string escaped(std::string_view path) {
    std::string text;
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("-._~/").find(c) != std::string_view::npos;
        text += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return text;
}

/// Meaning of libcurl's codes here; empty: its own text is sufficient.
[[nodiscard]] std::string_view words_for(CURLcode code) {
    switch (code) {
    case CURLE_COULDNT_CONNECT:
        return "no connection";
    case CURLE_OPERATION_TIMEDOUT:
        return "no answer in time, or too slow";
    case CURLE_SSL_CONNECT_ERROR:
        return "the TLS handshake failed";
    case CURLE_PARTIAL_FILE:
        return "the transfer was cut off";
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
        return "the connection was lost";
    case CURLE_PEER_FAILED_VERIFICATION:
        return "the printer presents another certificate than the trusted one";
    default:
        return {};
    }
}

} // namespace

FtpsSession::FtpsSession(FtpsServer server, StopSignal& stop, FtpsTimes times, Stop tolerated)
    : server_(std::move(server)), stop_(stop), times_(times), tolerated_(tolerated),
      peer_check_(std::make_unique<PeerCheck>(server_)) {}

FtpsSession::~FtpsSession() = default;

FtpsAnswer FtpsSession::log_in() {
    FtpsExchange exchange;
    return transfer("", times_.connect * 2 + times_.answer, exchange,
                    [](CurlTransfer& curl) { curl.set(CURLOPT_NOBODY, 1L); }, {});
}

FtpsAnswer FtpsSession::command(std::string_view verb, std::string_view path) {
    FtpsExchange exchange;
    return command(verb, path, exchange);
}

FtpsAnswer FtpsSession::command(std::string_view verb, std::string_view path, FtpsExchange& exchange) {
    const auto loaded = curl_library();
    if (!loaded) {
        return {.end = FtpsEnd::unreachable, .text = loaded.error().detail};
    }
    const CurlLibrary* const library = *loaded;
    // The asterisk: otherwise libcurl drops the connection after a refusal.
    curl_slist* commands = verb == "SIZE" ? library->slist_append(nullptr, "*TYPE I") : nullptr;
    commands = library->slist_append(commands, fmt::format("*{} {}", verb, path).c_str());
    const auto prepare = [commands](CurlTransfer& curl) {
        curl.set(CURLOPT_NOBODY, 1L);
        curl.set(CURLOPT_QUOTE, commands);
    };
    auto answer = transfer("", times_.connect * 2 + times_.answer, exchange, prepare, {});
    library->slist_free_all(commands); // the next transfer begins with a reset
    return answer;
}

FtpsAnswer FtpsSession::list(std::string_view path, std::string& rows, Hidden hidden) {
    rows.clear();
    const DownloadSink sink = [&rows](std::string_view bytes) {
        rows += bytes;
        return rows.size() <= longest_listing;
    };
    FtpsExchange exchange{.sink = &sink};
    auto answer = transfer(escaped(path) + (path == "/" ? "" : "/"), limit_for(expected_listing), exchange,
                           [hidden, &rows](CurlTransfer& curl) {
                               rows.clear();
                               if (hidden == Hidden::shown) {
                                   curl.set(CURLOPT_CUSTOMREQUEST, "LIST -a");
                               }
                           },
                           {});
    if (answer.end == FtpsEnd::gave_up) {
        answer.text = fmt::format("the list of the folder is longer than {} MiB", longest_listing >> 20U);
    }
    // vsftpd returns an empty list, successfully, for folders it may not read.
    if (answer.done() && answer.words.find("failed to open directory") != std::string::npos) {
        answer.end = FtpsEnd::refused;
        answer.text = fmt::format("the printer answered {} {}", answer.reply, answer.words);
    }
    return answer;
}

FtpsAnswer FtpsSession::size(std::string_view path) {
    FtpsExchange exchange;
    auto answer = command("SIZE", path, exchange);
    if (answer.done() && !exchange.size) {
        answer.end = FtpsEnd::refused;
        answer.text = fmt::format("the printer answered SIZE with {} {}", answer.reply, answer.words);
    }
    answer.size = exchange.size.value_or(0);
    return answer;
}

FtpsAnswer FtpsSession::enter(std::string_view path) {
    return command("CWD", path);
}

FtpsAnswer FtpsSession::upload(std::string_view path, const UploadContent& content,
                               const FtpsProgress& progress) {
    FtpsExchange exchange{.content = &content};
    return transfer(
        escaped(path), limit_for(content.size), exchange,
        [&](CurlTransfer& curl) {
            curl.set(CURLOPT_UPLOAD, 1L);
            curl.set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(content.size));
            curl.set(CURLOPT_READFUNCTION, &FtpsExchange::on_read);
            curl.set(CURLOPT_READDATA, &exchange);
        },
        [&progress](std::uint64_t sent, std::uint64_t) {
            if (progress) {
                progress(sent);
            }
        });
}

FtpsAnswer FtpsSession::download(std::string_view path, std::uint64_t expected_size, const DownloadSink& sink,
                                 const FtpsProgress& progress) {
    FtpsExchange exchange{.sink = &sink};
    // libcurl would ask for the size itself, and stop there, whatever follows.
    const auto prepare = [](CurlTransfer& curl) { curl.set(CURLOPT_IGNORE_CONTENT_LENGTH, 1L); };
    return transfer(escaped(path), limit_for(expected_size), exchange, prepare,
                    [&progress, &exchange](std::uint64_t, std::uint64_t) {
                        if (progress) {
                            progress(exchange.bytes);
                        }
                    });
}

FtpsAnswer FtpsSession::make_folder(std::string_view path) {
    return command("MKD", path);
}

FtpsAnswer FtpsSession::remove_folder(std::string_view path) {
    return command("RMD", path);
}

FtpsAnswer FtpsSession::remove_file(std::string_view path) {
    return command("DELE", path);
}

FtpsAnswer FtpsSession::rename(std::string_view from, std::string_view to) {
    auto answer = command("RNFR", from);
    return answer.done() ? command("RNTO", to) : answer;
}

/// Runs an exchange, and repeats it once with other options if a server requires them.
FtpsAnswer FtpsSession::transfer(const std::string& url_path, milliseconds limit, FtpsExchange& exchange,
                                 const Prepare& prepare, const CurlTransfer::Progress& progress) {
    auto answer = exchange_once(url_path, limit, exchange, prepare, progress);
    const bool no_1_2 = exchange.code == CURLE_SSL_CONNECT_ERROR && !only_1_3_ && !logged_in_;
    const bool not_resumed = answer.end == FtpsEnd::refused && !url_path.empty() &&
                             (answer.reply == session_not_resumed || answer.reply == no_data_connection);
    if ((!no_1_2 && !not_resumed) || exchange.gave_up) {
        return answer;
    }
    only_1_3_ = only_1_3_ || no_1_2;
    curl_.reset();
    exchange.start_again();
    return exchange_once(url_path, limit, exchange, prepare, progress);
}

FtpsAnswer FtpsSession::exchange_once(const std::string& url_path, milliseconds limit, FtpsExchange& exchange,
                                      const Prepare& prepare, const CurlTransfer::Progress& progress) {
    if (only_1_3_ && used_ && !url_path.empty()) {
        curl_.reset();
    }
    if (curl_ == nullptr) {
        auto made = CurlTransfer::make(stop_);
        if (!made) {
            return {.end = FtpsEnd::unreachable, .text = made.error().detail};
        }
        curl_ = std::move(*made);
        used_ = false;
    }
    used_ = used_ || !url_path.empty();
    exchange.tickets_first = only_1_3_ ? &stop_ : nullptr;
    set_common_options(url_path, limit);
    curl_->set(CURLOPT_HEADERFUNCTION, &FtpsExchange::on_header);
    curl_->set(CURLOPT_HEADERDATA, &exchange);
    curl_->set(CURLOPT_WRITEFUNCTION, &FtpsExchange::on_write);
    curl_->set(CURLOPT_WRITEDATA, &exchange);
    prepare(*curl_);
    peer_check_->forget_refusal();
    exchange.peer = peer_check_.get();
    const CurlEnd end = curl_->run(tolerated_, progress);
    exchange.code = end.stopped ? CURLE_ABORTED_BY_CALLBACK : end.code;
    logged_in_ = logged_in_ || exchange.logged_in;
    return answer_to(end, exchange);
}

void FtpsSession::set_common_options(const std::string& url_path, milliseconds limit) {
    CurlTransfer& curl = *curl_;
    curl.reset();
    // A second slash, because the first one only ends the host's name.
    const std::string url =
        fmt::format("ftps://{}:{}/{}", uri_host(server_.address, UriZone::escaped), server_.port, url_path);
    curl.set(CURLOPT_URL, url.c_str());
    curl.set(CURLOPT_PROTOCOLS_STR, "ftps");
    curl.set(CURLOPT_USERNAME, server_.username.c_str());
    curl.set(CURLOPT_PASSWORD, server_.access_code.reveal().c_str());
    curl.set(CURLOPT_SSLVERSION, only_1_3_ ? only_tls_1_3 : only_tls_1_2);
    curl.set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL)); // also for data, or fail
    curl.set(CURLOPT_SSL_CIPHER_LIST, "DEFAULT@SECLEVEL=1");      // the anchor decides about the identity
    curl.set(CURLOPT_SSL_VERIFYHOST, 0L);
    curl.set(CURLOPT_SSL_VERIFYPEER, server_.any_certificate ? 0L : 1L);
    // No authorities of the system: without the function below nothing would be trusted.
    curl.set(CURLOPT_CAINFO, static_cast<const char*>(nullptr));
    curl.set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    if (!server_.any_certificate) {
        curl.set(CURLOPT_SSL_CTX_FUNCTION, &PeerCheck::install);
        curl.set(CURLOPT_SSL_CTX_DATA, peer_check_.get());
    }
    curl.set(CURLOPT_FTP_FILEMETHOD, static_cast<long>(CURLFTPMETHOD_NOCWD));
    curl.set(CURLOPT_FTP_SKIP_PASV_IP, 1L);
    curl.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(milliseconds(times_.connect).count()));
    curl.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(times_.answer.count()));
    curl.set(CURLOPT_LOW_SPEED_LIMIT, slowest_ever);
    curl.set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(times_.stall.count()));
    curl.set(CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
}

FtpsAnswer FtpsSession::answer_to(const CurlEnd& end, const FtpsExchange& exchange) const {
    FtpsAnswer answer{.reply = exchange.reply, .words = server_text(exchange.words), .bytes = exchange.bytes};
    const bool refused = exchange.reply >= 400;
    if (end.stopped) {
        answer.end = FtpsEnd::stopped;
        answer.text = "stopped";
    } else if (exchange.gave_up) {
        answer.end = FtpsEnd::gave_up;
        answer.text = "the file cannot be read or written here";
    } else if (end.code == CURLE_PEER_FAILED_VERIFICATION || peer_check_->refusal()) {
        answer.end = FtpsEnd::untrusted;
        answer.text = words_for(CURLE_PEER_FAILED_VERIFICATION);
        if (logged_in_) {
            answer.text += ", on the data connection";
        } else if (peer_check_->refusal()) {
            answer.text = *peer_check_->refusal();
        }
    } else if (end.code == CURLE_LOGIN_DENIED && exchange.reply != service_closing) {
        answer.end = FtpsEnd::login_refused;
        answer.text = fmt::format("the printer refused the login: {} {}", answer.reply, answer.words);
    } else if (refused) {
        answer.end = FtpsEnd::refused;
        answer.text = fmt::format("the printer answered {} {}", answer.reply, answer.words);
    } else if (end.code != CURLE_OK) {
        answer.end = logged_in_ ? FtpsEnd::broken : FtpsEnd::unreachable;
        const auto words = words_for(end.code);
        answer.text = words.empty() ? server_text(end.text) : std::string(words);
    }
    return answer;
}

milliseconds FtpsSession::limit_for(std::uint64_t bytes) const {
    return times_.base + std::chrono::seconds(bytes / times_.slowest);
}

/// A server's words in a message: one line of ASCII, because nobody knows which encoding the rest has, and
/// without the access code, as servers have been known to repeat it.
std::string FtpsSession::server_text(std::string text) const {
    const std::string& secret = server_.access_code.reveal();
    for (std::size_t at = 0; !secret.empty() && (at = text.find(secret, at)) != std::string::npos;) {
        text.replace(at, secret.size(), "***");
    }
    return sanitize_for_log(text, longest_server_text, {.ascii_only = true});
}

} // namespace bambu2mqtt
